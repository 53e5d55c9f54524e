import { restsOn } from './ancestors.js';
import { cellsOf, doneCells, resultsByKey, suiteOf, type Cell } from './cells.js';
import { mean } from './intervals.js';
import type { EntryCost, PretrainBody, PretrainCost, Result, RunRecord, Spent, TransferCost } from './types.js';

const meanOrNull = (values: readonly (number | null)[]): number | null => {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : mean(known);
};

/** What one job took for an encoder; null for one that takes nothing worth counting (decoding, judging). */
function spentBy(result: Result): Spent | null {
  const wallSeconds = result.resumed ? null : result.wallSeconds;
  switch (result.kind) {
    case 'pretrain': return { imagesSeen: result.imagesSeen, flops: result.flops, wallSeconds };
    case 'cluster': case 'search': case 'features': return { imagesSeen: result.images, flops: result.flops, wallSeconds };
    case 'prepare': case 'attention': case 'overlap': case 'transfer': case 'speed': return null;
  }
}

const sum = (parts: readonly Spent[]): Spent => ({
  imagesSeen: parts.reduce((total, { imagesSeen }) => total + imagesSeen, 0),
  flops: parts.reduce((total, { flops }) => total + flops, 0),
  wallSeconds: parts.some(({ wallSeconds }) => wallSeconds === null) ? null : parts.reduce((total, { wallSeconds }) => total + wallSeconds!, 0),
});

interface SeedCost { readonly own: Spent & Pick<PretrainBody, 'units' | 'flopsParts'>; readonly withAncestors: Spent | null }

/**
 * What the pre-training of an entry cost at a seed: its own job, and with all that it rests on, two nodes of one key counted once.
 * Null where it has not finished.
 */
export function seedCosts(record: RunRecord): (entry: string, seed: number) => SeedCost | null {
  const results = resultsByKey(record);
  const jobs = new Map(record.jobs.map((job) => [job.id, job]));
  const pretrains = new Map(record.jobs.flatMap((job) => (job.kind === 'pretrain' ? [[`${job.tags['seed']} ${job.tags['entry']}`, job] as const] : [])));
  return (entry, seed) => {
    const job = pretrains.get(`${seed} ${entry}`);
    const own = job === undefined ? undefined : results.get(job.key);
    if (job === undefined || own === undefined) return null;
    const all = [job, ...restsOn(job, jobs)].map(({ key }) => results.get(key));
    const complete = all.every((result) => result !== undefined);
    const { units, flopsParts } = own as Result<PretrainBody>;
    return { own: { ...spentBy(own)!, ...(units === undefined ? {} : { units }), ...(flopsParts === undefined ? {} : { flopsParts }) }, withAncestors: complete ? sum(all.flatMap((result) => spentBy(result) ?? [])) : null };
  };
}

/** Distinct names in their order. */
export const namesOf = (named: readonly { readonly name: string }[]): readonly string[] => [...new Set(named.map(({ name }) => name))];

/** Mean over seeds; null where there is none. */
function meanSpent(parts: readonly Spent[]): Spent | null {
  if (parts.length === 0) return null;
  return { imagesSeen: mean(parts.map(({ imagesSeen }) => imagesSeen)), flops: mean(parts.map(({ flops }) => flops)), wallSeconds: meanOrNull(parts.map(({ wallSeconds }) => wallSeconds)) };
}

function pretrainCost(results: readonly Result<PretrainBody>[], seeds: readonly SeedCost[]): PretrainCost | null {
  const own = meanSpent(seeds.map((seed) => seed.own));
  if (own === null) return null;
  const average = (pick: (result: PretrainBody) => number): number => mean(results.map(pick));
  const units = namesOf(results.flatMap((result) => result.units ?? []));
  const parts = namesOf(results.flatMap((result) => result.flopsParts ?? []));
  return {
    seeds: results.length,
    parameters: average(({ parameters }) => parameters),
    images: average(({ images }) => images),
    classes: average(({ classes }) => classes),
    steps: average(({ steps }) => steps),
    ...own,
    ...(units.length === 0 ? {} : { units: units.map((name) => ({ name, count: average((result) => result.units?.find((unit) => unit.name === name)?.count ?? 0) })) }),
    ...(parts.length === 0 ? {} : { flopsParts: parts.map((name) => ({ name, flops: average((result) => result.flopsParts?.find((part) => part.name === name)?.flops ?? 0) })) }),
    imagesPerSecond: meanOrNull(results.map(({ imagesPerSecond, resumed }) => (resumed ? null : imagesPerSecond))),
    finalLoss: meanOrNull(results.map(({ finalLoss }) => finalLoss)),
    withAncestors: meanSpent(seeds.flatMap(({ withAncestors }) => withAncestors ?? [])),
  };
}

/** `shared`: jobs that several cells rest on, of the entry alone: features and searches. */
function transferCost(cells: readonly Cell[], shared: readonly Result[]): TransferCost | null {
  const done = doneCells(cells);
  const seeds = new Set(done.map(({ seed }) => seed));
  if (seeds.size === 0) return null;
  const spent = [...seeds].map((of) => sum([
    ...done.filter(({ seed }) => seed === of).map(({ result: { imagesSeen, flops, wallSeconds, resumed } }) => ({ imagesSeen, flops, wallSeconds: resumed ? null : wallSeconds })),
    ...shared.filter(({ seed }) => seed === of).map((result) => spentBy(result)!),
  ]));
  return { cells: done.length, ...meanSpent(spent)! };
}

/** Costs of every entry, in the suite's order. What judges snapshots is in none. */
export function costsOf(record: RunRecord, cells: readonly Cell[] = cellsOf(record)): readonly EntryCost[] {
  const results = resultsByKey(record);
  const costOf = seedCosts(record);
  return suiteOf(record).entries.map(({ name }) => {
    const jobs = record.jobs.filter(({ tags }) => tags['entry'] === name && tags['snapshot'] === undefined);
    const own = jobs.flatMap(({ key }) => results.get(key) ?? []);
    const pretrains = own.filter((result): result is Result<PretrainBody> => result.kind === 'pretrain');
    const shared = own.filter(({ kind }) => kind === 'features' || kind === 'search');
    const seeds = jobs.flatMap(({ kind, tags }) => (kind === 'pretrain' ? (costOf(name, Number(tags['seed'])) ?? []) : []));
    return { entry: name, pretrain: pretrainCost(pretrains, seeds), transfer: transferCost(cells.filter(({ entry }) => entry === name), shared) };
  });
}
