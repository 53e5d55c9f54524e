import { hierarchicalInterval, interquartileEstimate, interquartileMean, probabilityOfImprovement, tasksForInterquartile, type Interval } from '../../metrics/stats/index.js';
import type { Comparison, ComparisonRow } from '../comparison.js';
import { seedsForInterval } from '../intervals.js';
import { doubtOf, type Column } from './column.js';
import { averageOver, imagesOf, seriesOf } from './series.js';

/** An entry over all tasks of a table, runs not paired (Agarwal et al. 2021); of an entry with every task and seed. */
export interface OverTasks {
  readonly table: string;
  readonly entry: string;
  /** Interquartile mean of all values of tasks and seeds. */
  readonly interquartileMean: number;
  /** Of 95 %, if seeds and test images were other ones; null with fewer than three seeds or four tasks, where images leave nothing to measure, or something is against the entry. */
  readonly interval: Interval | null;
  /** Probability that a run of it is above one of the reference, on a task drawn at random; null for the reference itself, and without one. */
  readonly improvement: number | null;
}

export function overTasksOf({ id, rows }: Comparison, reference: string | null, columns: readonly Column[]): readonly OverTasks[] {
  const whole = rows.filter(({ average }) => average.sample.size > 0);
  const valuesOf = ({ groups }: ComparisonRow): readonly (readonly number[])[] => groups.map(({ sample }) => [...sample.values()]);
  const base = whole.find(({ entry }) => entry.name === reference);
  return whole.map((row) => ({
    table: id,
    entry: row.entry.name,
    interquartileMean: interquartileMean(valuesOf(row).flat()),
    interval: intervalOf(row, columns),
    improvement: base === undefined || base === row ? null : probabilityOfImprovement(valuesOf(row), valuesOf(base)),
  }));
}

function intervalOf({ entry: { name }, average }: ComparisonRow, columns: readonly Column[]): Interval | null {
  if (columns.length < tasksForInterquartile || average.sample.size < seedsForInterval || doubtOf(name, average) !== null) return null;
  const byTask = columns.map((column) => seriesOf(column.get(name)!));
  const replicates = byTask.map((series) => series.flatMap((point) => point.replicates ?? []));
  if (replicates.some((own, task) => own.length < byTask[task]!.length)) return null;
  const { images, inCommon } = imagesOf(averageOver(byTask));
  return hierarchicalInterval(interquartileEstimate(byTask.map((series) => series.map(({ value }) => value)), replicates, images, inCommon));
}
