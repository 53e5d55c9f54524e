import { coverage, type Interval } from './interval.js';

/** Replicates that measure something, ascending. */
const ordered = (replicates: Float64Array): Float64Array => replicates.filter(Number.isFinite).sort();

/** Percentile interval of bootstrap replicates, quantiles interpolated between them (numpy's rule). NaN ends where no replicate is a number. */
export function percentileInterval(replicates: Float64Array, level = coverage): Interval {
  const sorted = ordered(replicates);
  const at = (share: number): number => {
    const place = share * (sorted.length - 1);
    const below = Math.floor(place);
    const [low = NaN, high = low] = [sorted[below], sorted[below + 1]];
    return low + (place - below) * (high - low);
  };
  return { low: at((1 - level) / 2), high: at(1 - (1 - level) / 2) };
}

/**
 * Two-sided p that a difference is 0, from bootstrap replicates of it: twice the share of replicates on the thinner side of 0, ties half,
 * one replicate more counted there, so that it is never 0 (Davison and Hinkley 1997, section 4.2). It agrees with the percentile interval.
 */
export function bootstrapP(replicates: Float64Array): number {
  const values = ordered(replicates);
  let [below, equal] = [0, 0];
  for (const value of values) {
    if (value < 0) below++;
    else if (value === 0) equal++;
  }
  const thinner = Math.min(below, values.length - below - equal) + equal / 2;
  return Math.min(1, (2 * (thinner + 1)) / (values.length + 1));
}
