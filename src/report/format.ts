import { cellsOf, suiteOf, type Cell } from '../results/cells.js';
import { collapsedEntries } from '../results/collapsed.js';
import { compare, type Comparison } from '../results/comparison.js';
import { costsOf } from '../results/costs.js';
import { negativeTransfer, type NegativeTransfer } from '../results/negative-transfer.js';
import { statisticsOf, type Statistics } from '../results/effects/index.js';
import { runDifference, type RunDifference } from '../results/run-difference/index.js';
import type { EntryCost, RunRecord } from '../results/types.js';
import type { ResolvedSuite } from '../suite/resolved.js';

/** What every output format reads: the record and what follows from it, computed once. */
export interface ReportData {
  readonly record: RunRecord;
  readonly suite: ResolvedSuite;
  readonly cells: readonly Cell[];
  readonly comparisons: readonly Comparison[];
  /** Computed when first asked for, as `statistics` is. */
  readonly negative: () => readonly NegativeTransfer[];
  readonly costs: readonly EntryCost[];
  /** Why, by entry, its pre-training is no use: its name is marked wherever it stands. */
  readonly collapsed: ReadonlyMap<string, string>;
  /** How sure the tables' numbers and differences are. Takes seconds, so it is computed when the first format asks, once for a record. */
  readonly statistics: () => Statistics;
  /** What is not the same as in another run; null where none was named. */
  readonly against: RunDifference | null;
  /** From the report's folder to the store, with "/": logs are linked. Null where there is none. */
  readonly store: string | null;
}

/** An output format: one file in the report's folder. */
export interface Format {
  readonly name: string;
  readonly file: string;
  render(data: ReportData): string | Promise<string>;
  /** The same in pieces, where all of it can be more than one string holds. */
  pieces?(data: ReportData): Iterable<string>;
}

const known = new WeakMap<RunRecord, Statistics>();

function statisticsOnce(record: RunRecord, comparisons: readonly Comparison[]): Statistics {
  const statistics = known.get(record) ?? statisticsOf(record, comparisons);
  known.set(record, statistics);
  return statistics;
}

/** Another run to hold a report's against, and what it is called. */
export interface OtherRun { readonly name: string; readonly record: RunRecord }

export function reportData(record: RunRecord, other: OtherRun | null = null, store: string | null = null): ReportData {
  const cells = cellsOf(record);
  let negative: readonly NegativeTransfer[] | undefined;
  const comparisons = compare(record, cells);
  return {
    record,
    suite: suiteOf(record),
    cells,
    comparisons,
    negative: () => (negative ??= negativeTransfer(record, comparisons)),
    costs: costsOf(record, cells),
    collapsed: collapsedEntries(record, cells),
    statistics: () => statisticsOnce(record, comparisons),
    against: other === null ? null : runDifference(record, comparisons, other.name, other.record),
    store,
  };
}
