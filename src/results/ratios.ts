import { halfWidth, mean, sampleSd, seedsForInterval } from './intervals.js';
import type { Estimate } from './types.js';

/**
 * Geometric mean with a t-interval on the logarithms: speeds vary by factors (another process, a lower clock), and the
 * estimate of a ratio and of its inverse are then inverses of each other. RangeError for a value that is not positive.
 */
export function geometricMean(values: readonly number[]): Estimate {
  const wrong = values.find((value) => !(value > 0 && Number.isFinite(value)));
  if (values.length === 0 || wrong !== undefined) throw new RangeError(`a geometric mean needs positive numbers, got ${wrong ?? 'none'}`);
  const logs = values.map(Math.log);
  const centre = mean(logs);
  const half = values.length < seedsForInterval ? null : halfWidth(sampleSd(logs), values.length);
  return {
    n: values.length,
    value: Math.exp(centre),
    low: half === null ? null : Math.exp(centre - half),
    high: half === null ? null : Math.exp(centre + half),
  };
}

/** Ratio a / b of what was measured in the same rounds, paired round by round. */
export function pairedRatio(a: readonly number[], b: readonly number[]): Estimate {
  if (a.length !== b.length) throw new RangeError(`${a.length} rounds cannot be paired with ${b.length}`);
  return geometricMean(a.map((value, round) => value / b[round]!));
}
