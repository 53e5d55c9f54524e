import { coverage, detectableByThis, type Hierarchical } from '../../metrics/stats/index.js';
import { seedsForInterval } from '../intervals.js';
import { smallest } from '../smallest.js';
import type { ClaimPart } from '../types.js';

/** Whether a difference of this size from `line` is found in 4 of 5 repetitions of such a measurement. One that its interval only just leaves out is found in half of them. */
const isFound = (estimate: Hierarchical, line: number, level = coverage): boolean =>
  detectableByThis(estimate, { level }) <= Math.abs(estimate.mean - line);

/** The estimate with as many seeds, or test images, the effect and its spread as they are. */
const withSeeds = (estimate: Hierarchical, seeds: number): Hierarchical => ({ ...estimate, seeds, seedVariance: (estimate.seedVariance * estimate.seeds) / seeds });
const withImages = (estimate: Hierarchical, images: number): Hierarchical => ({ ...estimate, images, imageVariance: (estimate.imageVariance * estimate.images) / images });

/** Seeds with which the estimate's interval would leave out `line` in 4 of 5 repetitions; null where test images alone keep it open. */
export const seedsNeeded = (estimate: Hierarchical, line: number, level?: number): number | null =>
  smallest(seedsForInterval, (seeds) => isFound(withSeeds(estimate, seeds), line, level));

/** Images that a number is of. */
export type JudgedImages = 'test images' | 'held-out images';

/** Either number, each for itself. Images only where seeds have some in common, so that more of them would narrow the interval. */
export function settledBy(estimate: Hierarchical, line: number, what: JudgedImages): ClaimPart['settledBy'] {
  const seeds = seedsNeeded(estimate, line);
  const images = estimate.imageVariance === 0 || estimate.seeds < seedsForInterval ? null : smallest(1, (times) => isFound(withImages(estimate, estimate.images * times), line));
  return [
    ...(seeds === null ? [] : [{ what: 'seeds', count: seeds } as const]),
    ...(images === null ? [] : [{ what, count: estimate.images * images } as const]),
  ];
}
