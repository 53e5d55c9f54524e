import { doneCells } from '../cells.js';
import type { Average, Comparison, Group } from '../comparison.js';
import { evaluationOf } from './evaluation.js';
import { replicate, type Replicated } from './replicates.js';

/** A task's evaluations by entry, in the order of seeds. */
export type Column = ReadonlyMap<string, readonly Replicated[]>;

const known = new WeakMap<Comparison, readonly Column[]>();

/** Evaluations of the task in this place of a table with replicates, of all entries or at least of those `wanted`: the draws are the same. */
export function replicatedColumn(comparison: Comparison, task: number, wanted?: readonly string[]): Column {
  const whole = known.get(comparison)?.[task];
  if (whole !== undefined) return whole;
  const { measure, rows } = comparison;
  const evaluations = rows.map(({ entry, groups }) => ({
    entry: entry.name,
    own: doneCells(groups[task]!.cells).map(({ result }) => evaluationOf(result, measure)),
  }));
  const asked = evaluations.filter(({ entry }) => wanted === undefined || wanted.includes(entry));
  const replicated = replicate(evaluations.flatMap(({ own }) => own), asked.flatMap(({ own }) => own));
  let at = 0;
  return new Map(asked.map(({ entry, own }) => [entry, replicated.slice(at, at += own.length)]));
}

/** All evaluations of every task of a table with replicates. Takes seconds, so it is computed once for a table. */
export function columnsOf(comparison: Comparison): readonly Column[] {
  const columns = known.get(comparison) ?? comparison.tasks.map((_, task) => replicatedColumn(comparison, task));
  known.set(comparison, columns);
  return columns;
}

/** Why an entry's seeds on a task are a selection: some have no result, as where a training diverged. Null: all are there. */
export const missingSeeds = (entry: string, task: string, finished: number, planned: number): string | null =>
  (finished < planned ? `${entry} has ${finished} of ${planned} seeds on ${task}` : null);

/** Why seeds of an entry's group, or of its average, are not to be concluded from; null: nothing stands against it. */
export const doubtOf = (name: string, { collapsed, oneEncoder, failedToLearn, mixed }: Pick<Group | Average, 'collapsed' | 'oneEncoder' | 'failedToLearn' | 'mixed'>): string | null => {
  if (collapsed !== null) return `${name} collapsed in pre-training: ${collapsed}`;
  if (oneEncoder !== null) return `${name}: ${oneEncoder}`;
  if (typeof failedToLearn === 'boolean' ? failedToLearn : failedToLearn.length > 0) return `${name} failed to learn`;
  return mixed.length > 0 ? `${name}: ${mixed.join('; ')}` : null;
};
