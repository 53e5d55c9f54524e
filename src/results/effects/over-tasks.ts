import { interquartileMean, probabilityOfImprovement } from '../../metrics/stats/index.js';
import type { Comparison } from '../comparison.js';

/** An entry over all tasks of a table, runs not paired (Agarwal et al. 2021); of an entry with every task and seed. */
export interface OverTasks {
  readonly table: string;
  readonly entry: string;
  /** Interquartile mean of all values of tasks and seeds. */
  readonly interquartileMean: number;
  /** Probability that a run of it is above one of the reference, on a task drawn at random; null for the reference itself, and without one. */
  readonly improvement: number | null;
}

export function overTasksOf({ id, rows }: Comparison, reference: string | null): readonly OverTasks[] {
  const whole = rows.filter(({ average }) => average.sample.size > 0);
  const valuesOf = ({ groups }: Comparison['rows'][number]): readonly (readonly number[])[] => groups.map(({ sample }) => [...sample.values()]);
  const base = whole.find(({ entry }) => entry.name === reference);
  return whole.map((row) => ({
    table: id,
    entry: row.entry.name,
    interquartileMean: interquartileMean(valuesOf(row).flat()),
    improvement: base === undefined || base === row ? null : probabilityOfImprovement(valuesOf(row), valuesOf(base)),
  }));
}
