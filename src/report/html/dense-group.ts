import { doneCells } from '../../results/cells.js';
import { mean } from '../../results/intervals.js';
import type { DetectionTransfer, Result, SegmentationTransfer } from '../../results/types.js';
import type { ResolvedEntry } from '../../suite/resolved.js';
import type { ReportData } from '../format.js';
import { percent } from '../numbers.js';

export type DenseTransfer = SegmentationTransfer | DetectionTransfer;

/** What is finished of one entry on one task by one protocol; at least one seed. */
export interface DenseGroup<B extends DenseTransfer = DenseTransfer> {
  readonly entry: ResolvedEntry;
  readonly collapsed: boolean;
  /** Ascending by seed. */
  readonly results: readonly Result<B>[];
}

/** Entries in the suite's order; those without a finished cell are left out. */
export const denseGroups = ({ suite, cells, collapsed }: ReportData, protocol: string, task: string): readonly DenseGroup[] =>
  suite.entries.flatMap((entry) => {
    const results = doneCells(cells).flatMap((cell) =>
      (cell.entry === entry.name && cell.protocol === protocol && cell.task === task && cell.result.taskKind !== 'classification' ? [cell.result as Result<DenseTransfer>] : []));
    return results.length === 0 ? [] : [{ entry, collapsed: collapsed.has(entry.name), results }];
  });

export const ofKind = <K extends DenseTransfer['taskKind']>(groups: readonly DenseGroup[], kind: K): readonly DenseGroup<Extract<DenseTransfer, { readonly taskKind: K }>>[] =>
  groups.filter(({ results }) => results[0]?.taskKind === kind) as unknown as readonly DenseGroup<Extract<DenseTransfer, { readonly taskKind: K }>>[];

/** Names of the classes at any seed, in their order. */
export const classNames = (groups: readonly DenseGroup[]): readonly string[] => [...new Set(groups.flatMap(({ results }) => results.flatMap(({ classes }) => classes)))];

/** Mean of fractions in percent; a dash for none. */
export const meanPercent = (values: readonly number[]): string => (values.length === 0 ? '\u2013' : percent(mean(values)));

/** Whose details stand open: the suite's reference, or else the first. */
export const openOf = <G extends DenseGroup>(groups: readonly G[], { suite }: Pick<ReportData, 'suite'>): G | undefined => groups.find(({ entry }) => entry.name === suite.reference) ?? groups[0];
