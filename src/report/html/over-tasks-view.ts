import type { Comparison } from '../../results/comparison.js';
import type { Statistics } from '../../results/effects/index.js';
import { measureName } from '../measure-text.js';
import { plural } from '../numbers.js';
import { overTasksMean, overTasksTable, type OverTasksRow } from '../over-tasks-table.js';
import { averageFlags } from './cell-flags.js';

/** One protocol's entries over all of its tasks. Strings are ready to print. */
interface OverTasksView {
  readonly caption: string;
  /** Empty where there is no such column. */
  readonly reference: string;
  readonly rows: readonly (OverTasksRow & { readonly flags: readonly string[] })[];
  readonly notes: readonly string[];
}

/** Null where there is no such table. */
export function overTasksView(comparison: Comparison, reference: string | null, statistics: Statistics): OverTasksView | null {
  const table = overTasksTable(comparison, reference, statistics);
  if (table === null) return null;
  const { measure, title, protocol, tasks, rows, seeds } = comparison;
  return {
    caption: `Test ${measureName(measure)} in % over ${plural(tasks.length, 'task')} by ${title} (protocol ${protocol.hash}), ${plural(seeds, 'seed')}. ${overTasksMean(table.reference)}`,
    reference: table.reference ?? '',
    rows: table.rows.map((row, at) => ({ ...row, flags: averageFlags(rows[at]!.average) })),
    notes: table.notes,
  };
}
