import type { ToldAnnotations } from '../data/dense.js';
import { writePrepared } from '../data/prepared.js';
import { DataError } from '../errors.js';
import type { JsonObject } from '../files.js';
import type { PrepareBody } from '../results/types.js';
import type { JobContext, JobFunction } from '../runner/job.js';
import type { PrepareConfig } from './configs.js';
import { dataSource } from './members.js';

/**
 * Decodes a data source at the suite's resolution into the store. Images that cannot be decoded are logged by name and
 * listed in the result. DataError where the data has changed since the plan was made: the job's key would then name
 * other content than the store holds.
 */
export const prepare: JobFunction = async (context) => {
  const { source: name, options, size, fingerprint } = context.job.config as unknown as PrepareConfig;
  const source = await dataSource(name, context.job.id);
  refuseChange(context, await source.fingerprint(options), fingerprint);
  const set = await source.prepare(options, size, (done, total) => context.progress({ done, total, unit: 'images' }));
  const annotations: ToldAnnotations[] = [];
  const told = set.annotations;
  const { unreadable, copies } = await writePrepared(context.folder, told === undefined ? set : {
    ...set,
    async annotations() {
      const all = await told();
      annotations.push(all);
      return all;
    },
  });
  refuseChange(context, await source.fingerprint(options), fingerprint);
  for (const { id, reason } of unreadable) context.log(`unreadable: ${id}: ${reason}`);
  const { leftOut = [], asIs = [] } = annotations[0] ?? {};
  for (const one of leftOut) context.log(`left out: ${one}`);
  for (const one of asIs) context.log(`taken as it is: ${one}`);
  for (const { test, train } of copies) context.log(`copy: ${test} has the pixels of ${train}`);
  const body: PrepareBody = {
    kind: 'prepare',
    source: name,
    size,
    ...(set.crops === undefined ? {} : { crops: set.crops }),
    images: set.records.length - unreadable.length,
    classes: annotations[0]?.classes.length ?? new Set(set.records.map(({ label }) => label).filter((label) => label !== '')).size,
    unreadable,
    ...(leftOut.length === 0 ? {} : { leftOut: leftOut.length }),
    ...(asIs.length === 0 ? {} : { asIs: asIs.length }),
    ...(copies.length === 0 ? {} : { copies }),
    credits: source.credits,
  };
  return body as unknown as JsonObject;
};

function refuseChange(context: JobContext, now: string, planned: string): void {
  if (now === planned) return;
  throw new DataError('the data has changed since the plan was made', { where: context.job.id, fix: 'Run again: the plan is made anew from what is there now.', data: { planned, now } });
}
