import { describe, expect, it } from 'vitest';
import { detectableByThis } from '../../../src/metrics/stats/index.js';
import { stream } from '../../../src/random.js';
import { seedsNeeded, settledBy } from '../../../src/results/claims/settles.js';
import { smallest } from '../../../src/results/smallest.js';
import { together, verdictOf } from '../../../src/results/claims/verdict.js';
import type { ClaimBound } from '../../../src/suite/resolved.js';

describe('an interval beside a bound', () => {
  /** [bound, tolerance, low, high, verdict] */
  const cases: readonly (readonly [ClaimBound['kind'], number, number, number, number, string])[] = [
    ['above', 1, 0, 1.1, 2, 'supported'],
    ['above', 1, 0, 1, 2, 'unresolved'],
    ['above', 1, 0, 0, 1, 'refuted'],
    ['above', 1, 0.5, 0.6, 2, 'supported'],
    ['at_least', 1, 0, 1, 2, 'supported'],
    ['at_least', 1, 0, 0, 1, 'unresolved'],
    ['at_least', 1, 0.5, 0, 0.4, 'refuted'],
    ['below', 1, 0, 0, 1, 'unresolved'],
    ['below', 1, 0, 0, 0.9, 'supported'],
    ['below', 1, 0, 1, 2, 'refuted'],
    ['at_most', 1.05, 0, 1.05, 1.05, 'supported'],
    ['at_most', 1.05, 0, 1.04, 1.06, 'unresolved'],
    ['at_most', 1.05, 0.02, 1.04, 1.06, 'supported'],
    ['at_most', 1.05, 0, 1.06, 1.07, 'refuted'],
    // 0.7 + 0.1 is 0.7999999999999999, 0.8 - 0.1 is 0.7000000000000001.
    ['at_most', 0.7, 0.1, 0.8, 0.8, 'supported'],
    ['at_least', 0.8, 0.1, 0.7, 0.7, 'supported'],
    ['above', 0.8, 0.1, 0.7, 0.7, 'refuted'],
    ['below', 0.7, 0.1, 0.8, 0.8, 'refuted'],
  ];
  it.each(cases)('%s %d (tolerance %d) of %d to %d: %s', (kind, value, tolerance, low, high, verdict) => {
    expect(verdictOf({ low, high }, { kind, value, tolerance })).toBe(verdict);
  });

  it('never supports both a claim and its opposite, nor loses support by a larger tolerance', () => {
    const opposite = { above: 'at_most', at_least: 'below', below: 'at_least', at_most: 'above' } as const;
    const swapped = { supported: 'refuted', refuted: 'supported', unresolved: 'unresolved' } as const;
    for (let round = 0; round < 500; round++) {
      const draw = stream(3, 'test/verdict', round);
      const [a, b, value, tolerance] = Array.from({ length: 4 }, () => draw.integer(5)) as [number, number, number, number];
      const interval = { low: Math.min(a, b), high: Math.max(a, b) };
      for (const kind of ['above', 'at_least', 'below', 'at_most'] as const) {
        const own = verdictOf(interval, { kind, value, tolerance: 0 });
        expect(verdictOf(interval, { kind: opposite[kind], value, tolerance: 0 })).toBe(swapped[own]);
        if (own === 'supported') expect(verdictOf(interval, { kind, value, tolerance })).toBe('supported');
      }
    }
  });

  it('holds for all parts or not at all', () => {
    expect(together(['supported', 'supported'])).toBe('supported');
    expect(together(['supported', 'unresolved'])).toBe('unresolved');
    expect(together(['supported', 'unresolved', 'refuted'])).toBe('refuted');
  });
});

describe('what would settle it', () => {
  it('is the smallest number from which on it is so', () => {
    expect(smallest(3, (n) => n >= 17)).toBe(17);
    expect(smallest(3, () => true)).toBe(3);
    expect(smallest(3, () => false)).toBeNull();
  });

  it('is the seeds of a t-interval where images add nothing', () => {
    // A mean of 1 with a standard deviation of 2 over 4 seeds. statsmodels' TTestPower: an effect of 0.5 is found 4 times in 5 from 33.37 seeds on.
    const estimate = { mean: 1, seeds: 4, images: 100, seedVariance: 1, imageVariance: 0 };
    expect(settledBy(estimate, 0, 'test images')).toEqual([{ what: 'seeds', count: 34 }]);
    // Twice as far from the bound: an effect of 1, from 9.94 on.
    expect(seedsNeeded(estimate, -1)).toBe(10);
    expect(settledBy({ ...estimate, mean: 0 }, 0, 'test images')).toEqual([]);
  });

  it('is the images of a t-interval where seeds add nothing, with the degrees of freedom of that many', () => {
    // A standard deviation of 2 over 4 images: an effect of 0.5 as above, in whole multiples of 4.
    const [images] = settledBy({ mean: 1, seeds: 5, images: 4, seedVariance: 1e-9, imageVariance: 1 }, 0, 'test images').filter(({ what }) => what === 'test images');
    expect(images).toEqual({ what: 'test images', count: 36 });
  });

  it('is no number of seeds where the test images alone leave it open, and the images then', () => {
    const estimate = { mean: 1, seeds: 5, images: 100, seedVariance: 0.01, imageVariance: 1 };
    const settled = settledBy(estimate, 0, 'test images');
    expect(settled.map(({ what }) => what)).toEqual(['test images']);
    const { count } = settled[0]!;
    const seen = (images: number): number => detectableByThis({ ...estimate, images, imageVariance: 100 / images });
    expect(seen(count)).toBeLessThan(1);
    expect(seen(count - 100)).toBeGreaterThan(1);
  });
});
