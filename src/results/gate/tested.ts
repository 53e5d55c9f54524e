import { holm } from '../../metrics/stats/index.js';
import { significance } from '../intervals.js';

/** A row whose verdict waits for the p-values of all others. */
export interface Tested<Row> {
  readonly p: number | null;
  /** The whole passes only with it. */
  readonly decides: boolean;
  /** It is about all that changed: a hypothesis of its own beside those of single rows. */
  readonly whole: boolean;
  /** Seeds with which it would pass with this probability, had nothing changed; null: no number would do, or nothing tells. Absent: seeds are not what it lacks. */
  readonly seedsToPass?: (power: number) => number | null;
  /** `adjusted`: p for all rows together; null without one. */
  readonly finish: (adjusted: number | null) => Row;
}

/**
 * p-values adjusted so that a wrong one is at or under `alarmRate` with at most that probability. Half of it is for the test of all that
 * changed, where there is one: a fault that hits everything is seen there with few seeds, whatever the number of rows. The rows have
 * the other half, by Holm's correction.
 */
export function adjust(rows: readonly Tested<unknown>[]): readonly (number | null)[] {
  const parts = rows.flatMap(({ p, whole }) => (p === null || whole ? [] : [p]));
  const corrected = holm(parts);
  const factor = rows.some(({ p, whole }) => whole && p !== null) ? 2 : 1;
  let next = 0;
  return rows.map(({ p, whole }) => (p === null ? null : Math.min(1, factor * (whole ? p : corrected[next++]!))));
}

/** Of so many comparisons of unchanged code this share at most is called regressed. */
export const alarmRate = significance;
