import { FAMILIES } from './sets.js';

/** Which families a task tests on, validates on and trains on. */
export interface Fold { readonly test: readonly string[]; readonly validation: string; readonly train: readonly string[] }

/**
 * The fold of a seed: two families to test, one to validate, three to train. Over seeds 0, 1, 2 every family is tested
 * once, over any six seeds in a row (from a multiple of 6) twice, in other pairs, and validated once.
 */
export function foldOf(seed: number): Fold {
  const n = FAMILIES.length;
  const turn = seed % n;
  const start = turn < n / 2 ? 2 * turn : 2 * (turn - n / 2) + 1;
  const at = (offset: number): string => FAMILIES[(start + offset) % n] ?? '';
  return { test: [at(0), at(1)], validation: at(2), train: [at(3), at(4), at(5)] };
}
