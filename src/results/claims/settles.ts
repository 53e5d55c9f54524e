import { hierarchicalInterval, type Hierarchical } from '../../metrics/stats/index.js';
import { seedsForInterval } from '../intervals.js';
import type { ClaimPart } from '../types.js';

/** Larger numbers of repeats are no plan any more. */
const most = 10_000;

/**
 * The smallest number from `from` to `most` for which it is so, where from some number on it stays so; null where it is not so even at the end. Looked for by halves.
 */
export function smallest(from: number, isSo: (n: number) => boolean): number | null {
  if (!isSo(most)) return null;
  let [low, high] = [from, most];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (isSo(middle)) high = middle;
    else low = middle + 1;
  }
  return high;
}

/** Whether the interval of an estimate leaves out `line`. */
const leavesOut = (estimate: Hierarchical, line: number, level?: number): boolean => {
  const { low, high } = hierarchicalInterval(estimate, level);
  return low > line || high < line;
};

/** The estimate with as many seeds, or test images, the effect and its spread as they are. */
const withSeeds = (estimate: Hierarchical, seeds: number): Hierarchical => ({ ...estimate, seeds, seedVariance: (estimate.seedVariance * estimate.seeds) / seeds });
const withImages = (estimate: Hierarchical, images: number): Hierarchical => ({ ...estimate, images, imageVariance: (estimate.imageVariance * estimate.images) / images });

/** Seeds with which the estimate's interval would leave out `line`; null where test images alone keep it open. */
export const seedsNeeded = (estimate: Hierarchical, line: number, level?: number): number | null =>
  smallest(seedsForInterval, (seeds) => leavesOut(withSeeds(estimate, seeds), line, level));

/** Images that a number is of. */
export type JudgedImages = 'test images' | 'held-out images';

/** Either number, each for itself. Images only where seeds have some in common, so that more of them would narrow the interval. */
export function settledBy(estimate: Hierarchical, line: number, what: JudgedImages): ClaimPart['settledBy'] {
  const seeds = seedsNeeded(estimate, line);
  const images = estimate.imageVariance === 0 || estimate.seeds < seedsForInterval ? null : smallest(1, (times) => leavesOut(withImages(estimate, estimate.images * times), line));
  return [
    ...(seeds === null ? [] : [{ what: 'seeds', count: seeds } as const]),
    ...(images === null ? [] : [{ what, count: estimate.images * images } as const]),
  ];
}
