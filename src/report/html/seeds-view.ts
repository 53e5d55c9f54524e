import type { Comparison, Group } from '../../results/comparison.js';
import { seedsForInterval, type Sample } from '../../results/intervals.js';
import { mixOf } from '../../results/mixed.js';
import { measureName } from '../measure-text.js';
import { mixedFlag } from '../mixed-text.js';
import { percent } from '../numbers.js';
import { taskLabels } from '../task-names.js';

/** One protocol's values before they are averaged over seeds. */
interface SeedsView {
  readonly caption: string;
  readonly columns: readonly string[];
  readonly rows: readonly { readonly entry: string; readonly seed: string; readonly cells: readonly string[] }[];
}

const valueAt = (sample: Sample, seed: number, mixed: boolean): string => {
  const value = sample.get(seed);
  return value === undefined ? '\u2013' : `${percent(value)}${mixed ? ` (${mixedFlag})` : ''}`;
};

/** Null with fewer seeds: the comparison's own table shows their values then. */
export function seedsView({ measure, title, protocol, tasks, rows, seeds }: Comparison): SeedsView | null {
  if (seeds < seedsForInterval) return null;
  const labels = taskLabels(tasks.map(({ task }) => task.name));
  const mixIn = mixOf(rows.flatMap(({ groups }) => groups.flatMap(({ cells }) => cells)), protocol.hash);
  const isMixed = ({ cells }: Pick<Group, 'cells'>, seed: number): boolean => cells.some((cell) => cell.seed === seed && mixIn(cell).length > 0);
  const planned = [...new Set(rows.flatMap(({ groups }) => groups.flatMap(({ cells }) => cells.map(({ seed }) => seed))))].sort((a, b) => a - b);
  return {
    caption: `Test ${measureName(measure)} in % at each seed by ${title} (protocol ${protocol.hash}), n as above. A seed’s split and draws are the same for all entries.`,
    columns: [...tasks.map(({ task }) => labels.get(task.name)!), 'average'],
    rows: rows.flatMap(({ entry, groups, average }) => planned.map((seed) => ({
      entry: average.collapsed === null ? entry.name : `${entry.name} (collapsed)`,
      seed: String(seed),
      cells: [...groups.map((group) => valueAt(group.sample, seed, isMixed(group, seed))), valueAt(average.sample, seed, groups.some((group) => isMixed(group, seed)))],
    }))),
  };
}
