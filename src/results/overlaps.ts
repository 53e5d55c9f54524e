import { shortHash } from '../files.js';
import { comparedJobs, resultsByKey, suiteOf } from './cells.js';
import { mean, pairedDifferences, summarise, withoutInterval, type Sample, type Summary } from './intervals.js';
import type { OverlapBody, RunRecord } from './types.js';

/** How far an entry's attention lies on the objects of a task, at one seed: means over the test images, 0..1. */
interface SeedOverlap {
  readonly seed: number;
  readonly job: string;
  /** `overlapHash` of its measurement. */
  readonly hash: string;
  readonly images: number;
  /** Of the attention's weight, on the patches that are kept. */
  readonly share: number;
  /** Of each image's best head, and of all heads. */
  readonly best: number;
  readonly heads: number;
  /** The best head of the untrained encoder, and a disc in the middle as large as the best head's patches. */
  readonly random: number;
  readonly disc: number;
}

/** All seeds of an entry and task. */
interface EntryOverlap {
  readonly entry: string;
  readonly task: string;
  /** Of how its seeds were measured; several where they differ, and then there are no intervals. */
  readonly hashes: readonly string[];
  readonly seeds: readonly SeedOverlap[];
  readonly best: Summary;
  readonly heads: Summary;
  readonly random: Summary;
  readonly disc: Summary;
  /** The best head against that of the untrained encoder, paired by seed. */
  readonly gain: Summary;
}

/** Of how overlaps are measured, as protocols have one: values of different hashes are not comparable. */
export const overlapHash = ({ share }: Pick<OverlapBody, 'share'>): string =>
  shortHash({ measure: 'Jaccard index of the heaviest patches and the objects', head: 'best of each image', images: 'those with an object', weight: 'on the picture', share });

function atSeed(seed: number, job: string, { perImage, share }: OverlapBody): SeedOverlap {
  return {
    seed, job, hash: overlapHash({ share }), images: perImage.ids.length, share,
    best: mean(perImage.jaccard.map((heads) => Math.max(...heads))),
    heads: mean(perImage.jaccard.map(mean)),
    random: mean(perImage.random),
    disc: mean(perImage.disc),
  };
}

/** In the suite's order: tasks, entries. Entries whose seeds judge one encoder have no intervals. */
export function overlapsOf(record: RunRecord): readonly EntryOverlap[] {
  const { entries, tasks } = suiteOf(record);
  const results = resultsByKey(record);
  const jobs = comparedJobs(record).flatMap(({ id, key, tags }) => {
    const result = results.get(key);
    return result?.kind === 'overlap' ? [{ entry: tags['entry']!, task: tags['task']!, ...atSeed(Number(tags['seed']), id, result) }] : [];
  });
  const shared = new Set(record.sharedEncoders.map(({ entry }) => entry));
  return tasks.flatMap((task) => entries.flatMap((entry): readonly EntryOverlap[] => {
    const seeds = jobs.filter((one) => one.entry === entry.name && one.task === task.name);
    if (seeds.length === 0) return [];
    const sample = (pick: (one: SeedOverlap) => number): Sample => new Map(seeds.map((one) => [one.seed, pick(one)]));
    const hashes = [...new Set(seeds.map(({ hash }) => hash))];
    const over = (values: Sample): Summary => (shared.has(entry.name) || hashes.length > 1 ? withoutInterval(summarise(values)) : summarise(values));
    const [best, random] = [sample((one) => one.best), sample((one) => one.random)];
    return [{
      entry: entry.name, task: task.name, hashes, seeds,
      best: over(best), heads: over(sample((one) => one.heads)), random: over(random), disc: over(sample((one) => one.disc)), gain: over(pairedDifferences(best, random)),
    }];
  }));
}
