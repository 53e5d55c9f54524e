import type { ColumnGroups, EntryPair, Statistics } from '../results/effects/index.js';
import { significance, type Standing } from '../results/intervals.js';
import { percent } from './numbers.js';

/** How sure it is which entries of a column differ, as every format says it. */

/** The groups of a table's column (a task, or null: the average); null where they cannot be tested. */
export const columnGroups = ({ groups }: Statistics, table: string, task: string | null): ColumnGroups | null =>
  groups.find((one) => one.table === table && one.task === task) ?? null;

/**
 * An entry's mark in a column. `letters`: its significance groups, empty where the column has none or the entry is not in them; then the standing
 * by paired t-intervals is all there is. `top`: it has the letter of the highest mean, and not all entries have. `alone`: no other entry has it.
 */
export interface Mark { readonly letters: string; readonly top: boolean; readonly alone: boolean; readonly word: '' | 'best' | 'tied' }

export function markOf(groups: ColumnGroups | null, entry: string, standing: Standing): Mark {
  if (groups === null) return { letters: '', top: standing !== null, alone: standing === 'best', word: standing ?? '' };
  const letters = groups.letters.get(entry) ?? '';
  const withA = [...groups.letters.values()].filter((one) => one.includes('a')).length;
  const top = letters.includes('a') && withA < groups.letters.size;
  return { letters, top, alone: top && withA === 1, word: '' };
}

/** `0.031`, `< 0.001`; near the level of the tests, on the side on which it lies: `0.0502`. */
export function pNumber(p: number): string {
  if (p < 0.001) return '< 0.001';
  const digits = [2, 3, 4].find((many) => Number(p.toPrecision(many)) !== significance) ?? 5;
  return String(Number(p.toPrecision(digits)));
}

/** `p = 0.031`, `p < 0.001`. */
export const pText = (p: number): string => `p ${p < 0.001 ? '' : '= '}${pNumber(p)}`;

/** What the letters mean. */
export const lettersMean = 'Letters: entries of a column that share one are not shown to differ, entries that share none differ (paired tests over seeds and test images together at 5 %, by Holm’s correction over all pairs of the column; not over columns). The highest mean has an a.';

/**
 * What pairs that share a letter could have shown, with the smallest and the largest of them; empty without such pairs. `tasks`: the columns of single tasks, `average`
 * that of the average where the table has one.
 */
export function lettersSee(tasks: readonly (ColumnGroups | null)[], average: ColumnGroups | null): string {
  const parts = ([[tasks, 'on a task'], [[average], 'on average']] as const).flatMap(([columns, where]) => {
    const seen = detectablesOf(columns.flatMap((column) => column?.pairs ?? []).filter(isLevel));
    return seen.length === 0 ? [] : [`${percent(median(seen))} points ${where}${seen.length === 1 ? '' : ` (${percent(seen[0]!)} to ${percent(seen.at(-1)!)})`}`];
  });
  return parts.length === 0 ? '' : `Pairs that share a letter: a true difference of ${parts.join(' and of ')} would be found in 4 of 5 such runs, ${atStrictest}${parts.some((part) => part.endsWith(')')) ? '; median, smallest and largest of the pairs' : ''}.`;
}

/** At which level `detectablesOf` were found. */
export const atStrictest = 'by the strictest step of the correction';

/** What pairs could have shown, where something tells: ascending. */
export const detectablesOf = (pairs: readonly EntryPair[]): readonly number[] => pairs.flatMap(({ detectable }) => detectable ?? []).sort((a, b) => a - b);

/** Of ascending values. */
export const median = (values: readonly number[]): number => (values[Math.floor((values.length - 1) / 2)]! + values[Math.ceil((values.length - 1) / 2)]!) / 2;

/** Not told apart. */
export const isLevel = ({ adjusted }: EntryPair): boolean => adjusted > significance;

/** What the marks of a column without letters mean. */
export const wordsMean = '“Tied” means that the paired 95 % t-interval over seeds of the difference to the best includes 0, not corrected for the number of comparisons.';

/** The pairs that the highest mean is in. */
export const topPairs = ({ pairs, letters }: ColumnGroups): readonly EntryPair[] => {
  const [top] = letters.keys();
  return pairs.filter(({ entry }) => entry === top);
};
