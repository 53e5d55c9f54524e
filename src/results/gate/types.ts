import type { Interval } from '../../metrics/stats/index.js';
import type { Measure } from '../comparison.js';
import type { Estimate } from '../types.js';

/** How much worse a run may be than its baseline. */
export interface Tolerances {
  /** Of accuracy, mIoU and AP: a drop in fractions (0.01: one point). */
  readonly tolerance: number;
  /** Of throughput: the share that may be lost (0.1: ten per cent). */
  readonly slower: number;
}

/** Why nothing is said about a row, or about a whole comparison. */
export type Unclear =
  | { readonly why: 'baseline-missing'; readonly file: string }
  | { readonly why: 'nothing-compared' }
  /** The run plans it and has no result yet. */
  | { readonly why: 'not-run' }
  /** The run does not plan it. */
  | { readonly why: 'absent' }
  /** Its job has finished, without this measure. */
  | { readonly why: 'not-measured' }
  /** Of a part of an average, whose own row says more. */
  | { readonly why: 'failed' }
  | { readonly why: 'other-protocol' | 'other-options' | 'other-metric-version' | 'other-data' | 'other-environment' | 'other-measurement'; readonly before: string; readonly now: string }
  | { readonly why: 'other-images' }
  | { readonly why: 'no-common-seed' }
  /** `detectable`: the drop that would be seen with the seeds there are, 4 times in 5; `settles`: seeds that would settle it if nothing has changed. null: nothing tells. */
  | { readonly why: 'too-few-seeds'; readonly seeds: number; readonly detectable: number | null; readonly settles: number | null }
  /**
   * Of the whole: how many of the averages and speeds that decide cannot be told. `row` and its `reason`: one that seeds do not mend, else the one that needs
   * most of them. `settles`: seeds with which all of an unchanged run's would pass 4 times in 5; null: nothing tells.
   */
  | { readonly why: 'rows-open'; readonly open: number; readonly of: number; readonly row: GateRow; readonly reason: Unclear; readonly settles: number | null }
  /** Alone it would be a regression; among so many rows chance makes some like it. */
  | { readonly why: 'one-of-many'; readonly adjusted: number }
  | { readonly why: 'too-few-rounds'; readonly rounds: number }
  /** Measured again in turns, and not at every turn of both versions. */
  | { readonly why: 'visits-missing'; readonly before: number; readonly now: number; readonly of: number }
  /** An average without all of its cells. */
  | { readonly why: 'cells-missing'; readonly of: Unclear };

export type Verdict =
  | { readonly verdict: 'pass' }
  | { readonly verdict: 'regressed'; readonly because: 'worse' }
  /** It had a value, and its job fails now. */
  | { readonly verdict: 'regressed'; readonly because: 'failed'; readonly message: string }
  | { readonly verdict: 'cannot-tell'; readonly reason: Unclear };

/** An entry on a task, or on the average over the tasks of a table, over the seeds that both have; or the mean of all averages that changed. */
export interface QualityRow {
  readonly kind: 'quality';
  /** As Comparison.id; null, with `measure` and `entry`: all that changed. */
  readonly table: string | null;
  readonly measure: Measure | null;
  /** Of the baseline's values, which only equal ones are compared with; null for all that changed. */
  readonly protocolHash: string | null;
  readonly entry: string | null;
  /** null: the average over the table's tasks. */
  readonly task: string | null;
  readonly seeds: number;
  /** Means in fractions; null where nothing is compared. */
  readonly before: number | null;
  readonly now: number | null;
  /** now - before, with its 95 % interval over seeds; the interval is null where seeds do not give one. */
  readonly change: { readonly mean: number; readonly interval: Interval | null } | null;
  /** Every image is judged as before: nothing has changed. */
  readonly identical: boolean;
  /** Of a drop by more than the tolerance, one-sided; `adjusted` for all rows of the comparison. null: not tested. */
  readonly p: number | null;
  readonly adjusted: number | null;
  readonly verdict: Verdict;
}

/** Throughput of an entry's training steps, as a ratio now / before. */
export interface SpeedGateRow {
  readonly kind: 'speed';
  /** `recorded`: to the baseline's rounds, of another time; `again`: both measured now, in turns. */
  readonly how: 'recorded' | 'again';
  readonly model: string;
  readonly entry: string;
  readonly quantity: 'images_per_second' | 'images_per_second_with_loader';
  /** Hash of what the run measured: batch size, loaders, images, model and options. null where it has not. */
  readonly measurement: string | null;
  readonly before: number | null;
  readonly now: number | null;
  readonly ratio: Estimate | null;
  readonly p: number | null;
  readonly adjusted: number | null;
  readonly verdict: Verdict;
}

export type GateRow = QualityRow | SpeedGateRow;

export interface Gate {
  readonly suite: string;
  /** What the run is compared with, as people read it. */
  readonly against: string;
  readonly tolerances: Tolerances;
  readonly verdict: Verdict;
  readonly rows: readonly GateRow[];
  /** What a reader has to know beside the rows. */
  readonly notes: readonly string[];
}
