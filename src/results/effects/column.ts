import type { Average, Comparison, Group } from '../comparison.js';
import { evaluationOf, type Evaluation } from './evaluation.js';
import { replicate, type Replicated } from './replicates.js';

/** A task's evaluations by entry, in the order of seeds. */
export type Column = ReadonlyMap<string, readonly Replicated[]>;

/** Evaluations of the task in this place of a table with replicates, of all entries or of those `wanted`: the draws are the same. */
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
