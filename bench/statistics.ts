import type { Estimate } from '../src/results/types.js';

export { geometricMean, pairedRatio } from '../src/results/ratios.js';
export type { Estimate } from '../src/results/types.js';

/** Whether an aim of at least `aim` is reached: decided by the interval, `open` where it lies on both sides or is missing. */
export function verdict({ low, high }: Estimate, aim: number): 'reached' | 'missed' | 'open' {
  if (low !== null && low >= aim) return 'reached';
  if (high !== null && high < aim) return 'missed';
  return 'open';
}

/** Largest difference of two lists relative to the second one's largest value. */
export function relativeDifference(a: readonly number[], b: readonly number[]): number {
  if (a.length !== b.length) return Infinity;
  return Math.max(...a.map((value, i) => Math.abs(value - b[i]!))) / Math.max(...b.map(Math.abs));
}
