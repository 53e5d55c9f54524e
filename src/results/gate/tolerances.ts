import { StoreError } from '../../errors.js';
import type { RunRecord } from '../types.js';
import type { Tolerances } from './types.js';

const defaults: Tolerances = { tolerance: 0.01, slower: 0.1 };

/** What the run's suite tolerates (its key `gate`). StoreError where that is no share: a suite would be refused, and a file of results can be edited. */
export function tolerancesOf({ suite }: Pick<RunRecord, 'suite'>): Tolerances {
  const tolerances: Tolerances = { ...defaults, ...(suite as { readonly gate?: Partial<Tolerances> }).gate };
  for (const name of ['tolerance', 'slower'] as const) {
    const value: unknown = tolerances[name];
    if (typeof value !== 'number' || !(value >= 0 && value < 1)) {
      throw new StoreError(`gate.${name} of the run's suite is ${JSON.stringify(value)}, and must be at least 0 and less than 1`, { where: 'its results', fix: 'Make them again: maskbench report SUITE.' });
    }
  }
  return tolerances;
}
