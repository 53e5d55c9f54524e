import type { ResolvedEntry } from '../suite/resolved.js';
import { cellsOf, resultsByKey, suiteOf, type Cell } from './cells.js';
import { mean } from './intervals.js';
import type { FeaturesBody, PretrainBody, Result, RunRecord } from './types.js';

/** What an entry cost, as the mean over its finished seeds. Wall times are information, never a comparison of speed. */
export interface EntryCost {
  readonly entry: ResolvedEntry;
  /** Null while no seed has finished. */
  readonly pretrain: PretrainCost | null;
  readonly transfer: TransferCost | null;
}

export interface PretrainCost {
  readonly seeds: number;
  readonly parameters: number;
  /** Images and classes of the subset. */
  readonly images: number;
  readonly classes: number;
  readonly steps: number;
  /** Source images, counted once a view. */
  readonly imagesSeen: number;
  /** Multiply-adds counted twice, forward and backward. */
  readonly flops: number;
  /** Mean over the seeds that ran in one piece; null where all were resumed (their times are of the last part). */
  readonly wallSeconds: number | null;
  readonly imagesPerSecond: number | null;
  readonly finalLoss: number | null;
}

export interface TransferCost {
  /** Finished cells. */
  readonly cells: number;
  /** Sums over tasks and protocols, mean over seeds; extracting the features that protocols share is in them, once. */
  readonly imagesSeen: number;
  readonly flops: number;
  readonly wallSeconds: number;
}

const meanOrNull = (values: readonly (number | null)[]): number | null => {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : mean(known);
};

function pretrainCost(results: readonly Result<PretrainBody>[]): PretrainCost | null {
  if (results.length === 0) return null;
  const average = (pick: (result: PretrainBody) => number): number => mean(results.map(pick));
  return {
    seeds: results.length,
    parameters: average(({ parameters }) => parameters),
    images: average(({ images }) => images),
    classes: average(({ classes }) => classes),
    steps: average(({ steps }) => steps),
    imagesSeen: average(({ imagesSeen }) => imagesSeen),
    flops: average(({ flops }) => flops),
    wallSeconds: meanOrNull(results.map(({ resumed, wallSeconds }) => (resumed ? null : wallSeconds))),
    imagesPerSecond: meanOrNull(results.map(({ imagesPerSecond }) => imagesPerSecond)),
    finalLoss: meanOrNull(results.map(({ finalLoss }) => finalLoss)),
  };
}

function transferCost(cells: readonly Cell[], features: readonly Result<FeaturesBody>[]): TransferCost | null {
  const done = cells.flatMap((cell) => (cell.state === 'done' ? [cell] : []));
  const seeds = new Set(done.map(({ seed }) => seed));
  if (seeds.size === 0) return null;
  const spent = [
    ...done.map(({ result: { imagesSeen, flops, wallSeconds } }) => ({ imagesSeen, flops, wallSeconds })),
    ...features.filter(({ seed }) => seed !== null && seeds.has(seed)).map(({ images, flops, wallSeconds }) => ({ imagesSeen: images, flops, wallSeconds })),
  ];
  const perSeed = (what: keyof (typeof spent)[number]): number => spent.reduce((total, one) => total + one[what], 0) / seeds.size;
  return { cells: done.length, imagesSeen: perSeed('imagesSeen'), flops: perSeed('flops'), wallSeconds: perSeed('wallSeconds') };
}

/** Costs of every entry, in the suite's order. */
export function costsOf(record: RunRecord, cells: readonly Cell[] = cellsOf(record)): readonly EntryCost[] {
  const results = resultsByKey(record);
  return suiteOf(record).entries.map((entry) => {
    const own = record.jobs.flatMap((job) => (job.tags['entry'] === entry.name ? (results.get(job.key) ?? []) : []));
    const pretrains = own.filter((result): result is Result<PretrainBody> => result.kind === 'pretrain');
    const features = own.filter((result): result is Result<FeaturesBody> => result.kind === 'features');
    return { entry, pretrain: pretrainCost(pretrains), transfer: transferCost(cells.filter((cell) => cell.entry === entry.name), features) };
  });
}
