import type { ResolvedEntry } from '../suite/resolved.js';
import { cellsOf, resultsByKey, suiteOf, type Cell } from './cells.js';
import { mean } from './intervals.js';
import type { PretrainBody, Result, RunRecord } from './types.js';

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
  /** Sums over tasks and protocols, mean over seeds. */
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

function transferCost(cells: readonly Cell[]): TransferCost | null {
  const done = cells.flatMap((cell) => (cell.state === 'done' ? [cell] : []));
  const seeds = new Set(done.map(({ seed }) => seed)).size;
  if (seeds === 0) return null;
  const perSeed = (pick: (cell: (typeof done)[number]) => number): number => done.reduce((total, cell) => total + pick(cell), 0) / seeds;
  return {
    cells: done.length,
    imagesSeen: perSeed(({ result }) => result.imagesSeen),
    flops: perSeed(({ result }) => result.flops),
    wallSeconds: perSeed(({ result }) => result.wallSeconds),
  };
}

/** Costs of every entry, in the suite's order. */
export function costsOf(record: RunRecord, cells: readonly Cell[] = cellsOf(record)): readonly EntryCost[] {
  const results = resultsByKey(record);
  return suiteOf(record).entries.map((entry) => {
    const pretrains = record.jobs
      .filter((job) => job.kind === 'pretrain' && job.tags['entry'] === entry.name)
      .flatMap((job) => {
        const result = results.get(job.key);
        return result?.kind === 'pretrain' ? [result] : [];
      });
    return { entry, pretrain: pretrainCost(pretrains), transfer: transferCost(cells.filter((cell) => cell.entry === entry.name)) };
  });
}
