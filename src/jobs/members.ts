import type { DataSource } from '../data/source.js';
import { JobError } from '../errors.js';
import type { MethodSpec } from '../methods/method.js';
import { didYouMean } from '../nearest.js';
import type { ProtocolSpec } from '../protocols/protocol.js';

// The registries are loaded when they are needed, so that a job's key holds the code of its own method and source (the plan
// names their modules) and a new member changes no other's key.

/** A method by name. JobError where there is none. `where`: the job. */
export async function methodSpec(name: string, where: string): Promise<MethodSpec> {
  const { methods } = await import('../methods/index.js');
  return memberOf(methods, 'method', name, where);
}

/** A data source by name. JobError where there is none. `where`: the job, or the task. */
export async function dataSource(name: string, where: string): Promise<DataSource> {
  const { dataSources } = await import('../data/sources/index.js');
  return memberOf(dataSources, 'data source', name, where)();
}

/** A protocol by name. JobError where there is none. `where`: the job. */
export async function protocolSpec(name: string, where: string): Promise<ProtocolSpec> {
  const { protocols } = await import('../protocols/index.js');
  return memberOf(protocols, 'protocol', name, where);
}

function memberOf<T>(registry: Readonly<Record<string, T>>, what: string, name: string, where: string): T {
  if (Object.hasOwn(registry, name)) return registry[name]!;
  const known = Object.keys(registry);
  throw new JobError(`there is no ${what} ${name}${didYouMean(name, known)}`, { where, fix: `There are: ${known.join(', ')}.` });
}
