import { doneCells } from '../../results/cells.js';
import { mean } from '../../results/intervals.js';
import { mixesOf } from '../../results/mixed.js';
import type { DetectionTransfer, Result, SegmentationTransfer } from '../../results/types.js';
import type { ResolvedEntry } from '../../suite/resolved.js';
import type { ReportData } from '../format.js';
import { mixedFlag } from '../mixed-text.js';
import { percent } from '../numbers.js';

export type DenseTransfer = SegmentationTransfer | DetectionTransfer;

/** What is finished of one entry on one task by one protocol; at least one seed. */
export interface DenseGroup<B extends DenseTransfer = DenseTransfer> {
  readonly entry: ResolvedEntry;
  /** What is not as planned with its numbers, in words. */
  readonly flags: readonly string[];
  /** Ascending by seed. */
  readonly results: readonly Result<B>[];
}

/** Entries in the suite's order; those without a finished cell are left out. */
export const denseGroups = ({ suite, cells, collapsed }: ReportData, protocol: string, task: string): readonly DenseGroup[] =>
{
  const table = doneCells(cells).filter((cell) => cell.protocol === protocol && cell.task === task && cell.result.taskKind !== 'classification');
  const mixedIn = mixesOf(table, suite.protocols.find(({ name }) => name === protocol)!.hash);
  return suite.entries.flatMap((entry) => {
    const own = table.filter((cell) => cell.entry === entry.name);
    const flags = [...(collapsed.has(entry.name) ? ['collapsed'] : []), ...(mixedIn(own).length === 0 ? [] : [mixedFlag])];
    return own.length === 0 ? [] : [{ entry, flags, results: own.map(({ result }) => result as Result<DenseTransfer>) }];
  });
};

/** An entry with what is to be said of its numbers, where no flag can stand. */
export const flaggedName = ({ entry, flags }: Pick<DenseGroup, 'entry' | 'flags'>): string => [entry.name, ...flags.map((flag) => `(${flag})`)].join(' ');

export const ofKind = <K extends DenseTransfer['taskKind']>(groups: readonly DenseGroup[], kind: K): readonly DenseGroup<Extract<DenseTransfer, { readonly taskKind: K }>>[] =>
  groups.filter(({ results }) => results[0]?.taskKind === kind) as unknown as readonly DenseGroup<Extract<DenseTransfer, { readonly taskKind: K }>>[];

/** Names of the classes at any seed, in their order. */
export const classNames = (groups: readonly DenseGroup[]): readonly string[] => [...new Set(groups.flatMap(({ results }) => results.flatMap(({ classes }) => classes)))];

/** Mean of fractions in percent; a dash for none. */
export const meanPercent = (values: readonly number[]): string => (values.length === 0 ? '\u2013' : percent(mean(values)));

/** Whose details stand open: the suite's reference, or else the first. */
export const openOf = <G extends DenseGroup>(groups: readonly G[], { suite }: Pick<ReportData, 'suite'>): G | undefined => groups.find(({ entry }) => entry.name === suite.reference) ?? groups[0];
