import type { DataSource } from '../data/source.js';
import { JobError } from '../errors.js';
import type { MethodSpec } from '../methods/method.js';

// The registries are loaded when they are needed, so that a job's key holds the code of its own method and source (the plan
// names their modules) and a new member changes no other's key.

/** A method by name. JobError where there is none. `where`: the job. */
export async function methodSpec(name: string, where: string): Promise<MethodSpec> {
  const spec = (await import('../methods/index.js')).methods[name];
  if (spec === undefined) throw new JobError(`there is no method ${name}`, { where });
  return spec;
}

/** A data source by name. JobError where there is none. `where`: the job. */
export async function dataSource(name: string, where: string): Promise<DataSource> {
  const load = (await import('../data/sources/index.js')).dataSources[name];
  if (load === undefined) throw new JobError(`there is no data source ${name}`, { where });
  return load();
}
