import jstat from 'jstat';
import { coverage, type Interval } from './interval.js';
import { mean, sampleSd } from './moments.js';

/** Quantile of Student's t that a two-sided interval of this coverage has as its end, for `dof` degrees of freedom (they need not be whole). */
export const tQuantile = (level: number, dof: number): number => jstat.studentt.inv(1 - (1 - level) / 2, dof);

/** Half-width of the two-sided 95 % t-interval of the mean of n values with sample standard deviation sd. NaN for n < 2. */
export const halfWidth = (sd: number, n: number): number => (n < 2 ? NaN : (tQuantile(coverage, n - 1) * sd) / Math.sqrt(n));

export interface TInterval extends Interval { readonly mean: number; /** With n - 1 below. */ readonly sd: number; readonly n: number }

/** Mean of independent values with its 95 % t-interval; null for fewer than two. */
export function tInterval(values: readonly number[]): TInterval | null {
  const n = values.length;
  if (n < 2) return null;
  const centre = mean(values);
  const sd = sampleSd(values);
  const half = halfWidth(sd, n);
  return { mean: centre, sd, n, low: centre - half, high: centre + half };
}
