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
