import { holm } from '../../metrics/stats/index.js';
import { suiteOf } from '../cells.js';
import { compare, type Comparison, type Group } from '../comparison.js';
import type { RunRecord } from '../types.js';
import { certaintyOf, type Certainty } from './certainty.js';
import { columnsOf, doubtOf, missingSeeds, replicatedColumn, type Column } from './column.js';
import { differenceOf, type Difference, type Sides } from './effect.js';
import { groupsOf, type ColumnGroups } from './groups.js';
import { overTasksOf, type OverTasks } from './over-tasks.js';
import { averageOver, seriesOf } from './series.js';

/** Where a number stands: in the table `table` (Comparison.id), of a task or, null, of the average over its tasks. */
interface Place { readonly table: string; readonly task: string | null; readonly entry: string }

/** How sure a value of a table is. */
export interface Level extends Place, Certainty {}

/** How far an entry lies above another. */
export interface Effect extends Place, Difference {
  readonly against: string;
  /** `p` by Holm's correction over the tasks of the table that have one. Null of an average, which is one test, and where `p` is. */
  readonly adjusted: number | null;
}

export interface Statistics {
  readonly levels: readonly Level[];
  /** Every other entry against the suite's reference, in every table: each task, then the average. None without a reference. */
  readonly effects: readonly Effect[];
  readonly overTasks: readonly OverTasks[];
  /** Of every column whose entries can be tested. */
  readonly groups: readonly ColumnGroups[];
}

/** All statistics of a record's tables, in their order: entries, tasks, then the average. Takes seconds: each task's test images are drawn a thousand times. */
export function statisticsOf(record: RunRecord, comparisons: readonly Comparison[] = compare(record)): Statistics {
  const { reference } = suiteOf(record);
  const tables = comparisons.map((comparison) => {
    const columns = columnsOf(comparison);
    return { levels: levelsOf(comparison, columns), effects: reference === null ? [] : comparison.rows.flatMap(({ entry }) => (entry.name === reference ? [] : tableEffects(comparison, columns, entry.name, reference))), overTasks: overTasksOf(comparison, reference, columns), groups: groupsOf(comparison, columns) };
  });
  return { levels: tables.flatMap(({ levels }) => levels), effects: tables.flatMap(({ effects }) => effects), overTasks: tables.flatMap(({ overTasks }) => overTasks), groups: tables.flatMap(({ groups }) => groups) };
}

/** Any two entries in one table: each task that both have a common seed of, then the average. Holm's correction is over these tasks. */
function pairedEffects(comparison: Comparison, entry: string, against: string): readonly Effect[] {
  const columns = comparison.tasks.map((_, task) => replicatedColumn(comparison, task, [entry, against]));
  return tableEffects(comparison, columns, entry, against);
}

/** One of these: on a task by its name, or (null) of the average. null where the two have no seed in common, and for unknown names. */
export const pairedEffect = (comparison: Comparison, task: string | null, entry: string, against: string): Effect | null =>
  pairedEffects(comparison, entry, against).find((effect) => effect.task === task) ?? null;

function levelsOf(comparison: Comparison, columns: readonly Column[]): readonly Level[] {
  return comparison.rows.flatMap(({ entry: { name }, groups, average }) => {
    const series = columns.map((column) => seriesOf(column.get(name)!));
    const certainties = [
      ...groups.map((group, task) => ({ task: group.task, certainty: certaintyOf(series[task]!, group.oneEncoder) })),
      { task: null, certainty: average.sample.size === 0 ? null : certaintyOf(averageOver(series), average.oneEncoder) },
    ];
    return certainties.flatMap(({ task, certainty }) => (certainty === null ? [] : [{ table: comparison.id, task, entry: name, ...unlessAlike(certainty) }]));
  });
}

/** Where all test images are judged alike, other images draw nothing else: an interval of no width would say that they could not be judged otherwise. */
function unlessAlike(certainty: Certainty): Certainty {
  const { overImages } = certainty;
  return overImages !== null && overImages.low === overImages.high ? { ...certainty, overImages: null, overall: null } : certainty;
}

function tableEffects(comparison: Comparison, columns: readonly Column[], entry: string, against: string): readonly Effect[] {
  const [row, other] = [entry, against].map((name) => comparison.rows.find((one) => one.entry.name === name));
  if (row === undefined || other === undefined) return [];
  const sides = columns.map((column): Sides => ({ entry: column.get(entry)!, against: column.get(against)! }));
  const place = { table: comparison.id, entry, against };
  const tasks = sides.flatMap((both, task) => {
    const [group, otherGroup] = [row.groups[task]!, other.groups[task]!];
    const missing = ({ entry: name, sample }: Group): string | null => missingSeeds(name, group.task, sample.size, comparison.seeds);
    const difference = differenceOf([both], doubtOf(entry, group) ?? doubtOf(against, otherGroup) ?? missing(group) ?? missing(otherGroup));
    return difference === null ? [] : [{ ...place, task: group.task, ...difference }];
  });
  const tested = tasks.filter(({ p }) => p !== null);
  const adjusted = holm(tested.map(({ p }) => p!));
  const average = row.average.sample.size === 0 || other.average.sample.size === 0 ? null : differenceOf(sides, doubtOf(entry, row.average) ?? doubtOf(against, other.average));
  return [
    ...tasks.map((effect) => ({ ...effect, adjusted: adjusted[tested.indexOf(effect)] ?? null })),
    ...(average === null ? [] : [{ ...place, task: null, ...average, adjusted: null }]),
  ];
}
