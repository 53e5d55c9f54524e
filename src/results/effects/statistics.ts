import { holm, interquartileMean, probabilityOfImprovement } from '../../metrics/stats/index.js';
import { suiteOf } from '../cells.js';
import { compare, type Average, type Comparison, type Group } from '../comparison.js';
import type { RunRecord } from '../types.js';
import { certaintyOf, type Certainty } from './certainty.js';
import { differenceOf, type Difference, type Sides } from './effect.js';
import { evaluationOf, type Evaluation } from './evaluation.js';
import { replicate, type Replicated } from './replicates.js';
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

/** An entry over all tasks of a table, runs not paired (Agarwal et al. 2021); of an entry with every task and seed. */
export interface OverTasks {
  readonly table: string;
  readonly entry: string;
  /** Interquartile mean of all values of tasks and seeds. */
  readonly interquartileMean: number;
  /** Probability that a run of it is above one of the reference, on a task drawn at random; null for the reference itself, and without one. */
  readonly improvement: number | null;
}

export interface Statistics {
  readonly levels: readonly Level[];
  /** Every other entry against the suite's reference; none without one. */
  readonly effects: readonly Effect[];
  readonly overTasks: readonly OverTasks[];
}

/** All statistics of a record's tables, in their order: entries, tasks, then the average. Takes seconds: each task's test images are drawn a thousand times. */
export function statisticsOf(record: RunRecord, comparisons: readonly Comparison[] = compare(record)): Statistics {
  const { reference } = suiteOf(record);
  const tables = comparisons.map((comparison) => {
    const columns = comparison.tasks.map((_, task) => replicatedColumn(comparison, task));
    return { levels: levelsOf(comparison, columns), effects: reference === null ? [] : comparison.rows.flatMap(({ entry }) => (entry.name === reference ? [] : tableEffects(comparison, columns, entry.name, reference))), overTasks: overTasksOf(comparison, reference) };
  });
  return { levels: tables.flatMap(({ levels }) => levels), effects: tables.flatMap(({ effects }) => effects), overTasks: tables.flatMap(({ overTasks }) => overTasks) };
}

/** Every entry against the suite's reference, in every table: each task, then the average. */
export const effectsOf = (record: RunRecord, comparisons?: readonly Comparison[]): readonly Effect[] => statisticsOf(record, comparisons).effects;

/** Any two entries in one table: each task that both have a common seed of, then the average. Holm's correction is over these tasks. */
export function pairedEffects(comparison: Comparison, entry: string, against: string): readonly Effect[] {
  const columns = comparison.tasks.map((_, task) => replicatedColumn(comparison, task, [entry, against]));
  return tableEffects(comparison, columns, entry, against);
}

/** One of these: on a task by its name, or (null) of the average. null where the two have no seed in common, and for unknown names. */
export const pairedEffect = (comparison: Comparison, task: string | null, entry: string, against: string): Effect | null =>
  pairedEffects(comparison, entry, against).find((effect) => effect.task === task) ?? null;

/** A task's evaluations by entry. */
export type Column = ReadonlyMap<string, readonly Replicated[]>;

export function replicatedColumn({ measure, rows }: Comparison, task: number, wanted?: readonly string[]): Column {
  const evaluations = rows.map(({ entry, groups }) => ({
    entry: entry.name,
    own: groups[task]!.cells.flatMap((cell): readonly Evaluation[] => (cell.state === 'done' ? [evaluationOf(cell.result, measure)] : [])),
  }));
  const asked = evaluations.filter(({ entry }) => wanted === undefined || wanted.includes(entry));
  const replicated = replicate(evaluations.flatMap(({ own }) => own), asked.flatMap(({ own }) => own));
  let at = 0;
  return new Map(asked.map(({ entry, own }) => [entry, replicated.slice(at, at += own.length)]));
}

/** Why seeds of an entry's group, or of its average, are not to be concluded from; null: nothing stands against it. */
export const doubtOf = (name: string, { collapsed, oneEncoder, failedToLearn, mixed }: Pick<Group | Average, 'collapsed' | 'oneEncoder' | 'failedToLearn' | 'mixed'>): string | null => {
  if (collapsed !== null) return `${name} collapsed in pre-training: ${collapsed}`;
  if (oneEncoder !== null) return `${name}: ${oneEncoder}`;
  if (typeof failedToLearn === 'boolean' ? failedToLearn : failedToLearn.length > 0) return `${name} failed to learn`;
  return mixed.length > 0 ? `${name}: ${mixed.join('; ')}` : null;
};

function levelsOf(comparison: Comparison, columns: readonly Column[]): readonly Level[] {
  return comparison.rows.flatMap(({ entry: { name }, groups, average }) => {
    const series = columns.map((column) => seriesOf(column.get(name)!));
    const certainties = [
      ...groups.map((group, task) => ({ task: group.task, certainty: certaintyOf(series[task]!, group.oneEncoder) })),
      { task: null, certainty: average.sample.size === 0 ? null : certaintyOf(averageOver(series), average.oneEncoder) },
    ];
    return certainties.flatMap(({ task, certainty }) => (certainty === null ? [] : [{ table: comparison.id, task, entry: name, ...certainty }]));
  });
}

function tableEffects(comparison: Comparison, columns: readonly Column[], entry: string, against: string): readonly Effect[] {
  const [row, other] = [entry, against].map((name) => comparison.rows.find((one) => one.entry.name === name));
  if (row === undefined || other === undefined) return [];
  const sides = columns.map((column): Sides => ({ entry: column.get(entry)!, against: column.get(against)! }));
  const place = { table: comparison.id, entry, against };
  const tasks = sides.flatMap((both, task) => {
    const [group, otherGroup] = [row.groups[task]!, other.groups[task]!];
    const difference = differenceOf([both], doubtOf(entry, group) ?? doubtOf(against, otherGroup));
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

function overTasksOf({ id, rows }: Comparison, reference: string | null): readonly OverTasks[] {
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
