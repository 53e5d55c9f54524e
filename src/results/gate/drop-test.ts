import jstat from 'jstat';
import { tQuantile, tTestPower } from '../../metrics/stats/index.js';
import { coverage, mean, sampleSd } from '../intervals.js';
import { most, smallest } from '../smallest.js';
import type { Change, ColumnChance } from './chance.js';

export interface DropTest {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  /** One-sided, of a drop by not more than the tolerance. */
  readonly p: number;
  /** Drop that is shown in 4 of 5 cases, before any correction for the number of rows. */
  readonly detectable: number;
  /** Standard deviation of one seed's change, and the degrees of freedom with which it is known. */
  readonly sd: number;
  readonly df: number;
  readonly seeds: number;
}

/** Share of the cells whose own variance is no reason to leave the column's. */
const restlessFrom = 0.9;

/** Factor of an entry's variance from which on its own seeds are what tells it. Under it the excess is as often chance, and to give up the column's degrees of freedom would blind the gate. */
const restlessEntryFrom = 2.5;

/** Degrees of freedom of a variance of which the share 1 / factor is known as the column's is, and the rest from the entry's own seeds (Satterthwaite 1946). */
function degreesOf({ df }: ColumnChance, factor: number, seeds: number): number {
  if (factor < restlessEntryFrom) return df;
  const own = 1 - 1 / factor;
  return 1 / ((1 - own) ** 2 / df + own ** 2 / Math.max(1, seeds - 1));
}

/** Share of the regressions of `detectable` size that are seen, and of unchanged runs that pass with the seeds that are named. */
export const power = 0.8;

/**
 * Paired t-test over seeds of a drop by more than the tolerance. The variance is the column's times the entry's factor; the cell's own
 * where that is larger than nine in ten of such cells would have it; at least what its images alone give, as by McNemar's test chance cannot be less.
 * Degrees of freedom are the column's, and of an entry that is more restless than most its own in so far as its variance is.
 */
export function dropTest({ bySeed, imageVariance }: Change, chance: ColumnChance, restless: number, tolerance: number): DropTest {
  const values = [...bySeed.values()];
  const expected = chance.variance * restless;
  const own = values.length < 2 ? 0 : sampleSd(values) ** 2;
  const restlessHere = own > (expected * jstat.chisquare.inv(restlessFrom, values.length - 1)) / (values.length - 1);
  const sd = Math.sqrt(Math.max(restlessHere ? own : expected, imageVariance));
  const error = sd / Math.sqrt(values.length);
  const centre = mean(values);
  const df = degreesOf(chance, restless, values.length);
  const quantile = (share: number): number => jstat.studentt.inv(share, df);
  const half = tQuantile(coverage, df) * error;
  const p = error === 0 ? Number(centre >= -tolerance) : jstat.studentt.cdf((centre + tolerance) / error, df);
  return { mean: centre, low: centre - half, high: centre + half, p, detectable: tolerance + (quantile(coverage) + quantile(power)) * error, sd, df, seeds: values.length };
}

/**
 * Seeds from which on a row of an unchanged run passes with the probability `power`; null without a tolerance, or where that many are out of reach. With more seeds the
 * variance is known better in proportion: its degrees of freedom grow as a single entry's would.
 */
export function seedsToPass({ sd, df, seeds }: Pick<DropTest, 'sd' | 'df' | 'seeds'>, tolerance: number, power: number): number | null {
  if (tolerance === 0) return null;
  if (sd === 0) return fewest;
  // As many it takes where the spread is known, which is quick to tell; where it is not, more.
  const known = ((jstat.normal.inv(1 - (1 - coverage) / 2, 0, 1) + jstat.normal.inv(power, 0, 1)) * sd / tolerance) ** 2;
  return known > most ? null : smallest(Math.max(fewest, Math.ceil(known)), (n) => tTestPower((tolerance * Math.sqrt(n)) / sd, (df * (n - 1)) / Math.max(1, seeds - 1)) >= power);
}

/** From one seed nothing is known of their spread. */
const fewest = 2;
