import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  detectableByThis, detectableDifference, detectableShare, hierarchical, hierarchicalInterval, hierarchicalP, holm, imagesAlone, interquartileEstimate, interquartileMean, mcnemar, percentileInterval, probabilityOfImprovement, tInterval,
} from '../../../src/metrics/stats/index.js';

interface Ends { readonly low: number; readonly high: number }
interface Reference {
  readonly t: readonly (Ends & { readonly values: readonly number[]; readonly mean: number; readonly sd: number })[];
  readonly mcnemar: readonly { readonly first: number; readonly second: number; readonly p: number }[];
  readonly holm: readonly { readonly p: readonly number[]; readonly adjusted: readonly number[] }[];
  readonly overTasks: readonly { readonly a: readonly (readonly number[])[]; readonly b: readonly (readonly number[])[]; readonly iqm: number; readonly probability: number }[];
  readonly quantiles: readonly (Ends & { readonly values: readonly number[]; readonly level: number })[];
  readonly detectable: readonly { readonly n: number; readonly level: number; readonly power: number; readonly effect: number }[];
  readonly detectableShare: readonly { readonly images: number; readonly discordant: number; readonly level: number; readonly power: number; readonly share: number }[];
  readonly hierarchical: readonly (Ends & { readonly values: readonly number[]; readonly replicates: readonly (readonly number[])[]; readonly images: number; readonly seedVariance: number; readonly imageVariance: number; readonly p: number; readonly low90: number })[];
}

// Made by scripts/reference/stats.py with scipy, statsmodels, rliable and numpy.
const reference = JSON.parse(readFileSync(new URL('stats.reference.json', import.meta.url), 'utf8')) as Reference;
const relative = (a: number, b: number): number => Math.abs(a - b) / Math.abs(b);
const floats = (values: readonly number[]): Float64Array => Float64Array.from(values);

describe('as scipy, statsmodels and rliable have it', () => {
  test.each(reference.t)('t-interval of $values.length values', ({ values, ...expected }) => {
    const found = tInterval(values)!;
    expect(found.n).toBe(values.length);
    for (const name of ['mean', 'sd', 'low', 'high'] as const) expect(relative(found[name], expected[name])).toBeLessThan(1e-7);
  });

  test.each(reference.mcnemar)('McNemar of $first and $second', ({ first, second, p }) => {
    expect(relative(mcnemar(first, second), p)).toBeLessThan(1e-9);
    expect(mcnemar(second, first)).toBe(mcnemar(first, second));
  });

  test.each(reference.holm)('Holm of $p.length', ({ p, adjusted }) => {
    holm(p).forEach((value, index) => expect(value).toBeCloseTo(adjusted[index]!, 14));
  });

  test.each(reference.overTasks)('interquartile mean and probability of improvement, $a.length tasks', ({ a, b, iqm, probability }) => {
    expect(interquartileMean(a.flat())).toBeCloseTo(iqm, 14);
    expect(probabilityOfImprovement(a, b)).toBeCloseTo(probability, 14);
    expect(probabilityOfImprovement(b, a)).toBeCloseTo(1 - probability, 14);
  });

  test.each(reference.quantiles)('percentile interval at $level', ({ values, level, low, high }) => {
    const found = percentileInterval(floats(values), level);
    expect([found.low, found.high]).toEqual([expect.closeTo(low, 14), expect.closeTo(high, 14)]);
  });

  test.each(reference.detectable)('detectable difference with $n seeds at $level, power $power', ({ effect, ...demands }) => {
    expect(relative(detectableDifference({ sd: 0.02, ...demands }), 0.02 * effect)).toBeLessThan(1e-6);
  });

  test.each(reference.detectableShare)('detectable share of $images images', ({ share, ...demands }) => {
    expect(relative(detectableShare(demands)!, share)).toBeLessThan(1e-8);
  });

  test.each(reference.hierarchical)('seeds and images together: $values.length seeds', ({ values, replicates, images, ...expected }) => {
    const estimate = hierarchical(values, replicates.map(floats), images);
    expect(estimate.seedVariance).toBeCloseTo(expected.seedVariance, 12);
    expect(estimate.imageVariance).toBeCloseTo(expected.imageVariance, 12);
    const interval = hierarchicalInterval(estimate);
    expect([interval.low, interval.high]).toEqual([expect.closeTo(expected.low, 8), expect.closeTo(expected.high, 8)]);
    expect(hierarchicalInterval(estimate, 0.9).low).toBeCloseTo(expected.low90, 8);
    expect(relative(hierarchicalP(estimate), expected.p)).toBeLessThan(1e-6);
  });
});

describe('by hand', () => {
  test('McNemar: no image on which they differ says nothing; all five on one side are 2 / 32', () => {
    expect([mcnemar(0, 0), mcnemar(5, 0), mcnemar(1, 1)]).toEqual([1, expect.closeTo(1 / 16, 14), 1]);
    expect(() => mcnemar(1.5, 2)).toThrow(RangeError);
  });

  test('images alone: the mean and Student\'s t times the standard deviation of the replicates', () => {
    // Squares about 4 sum to 10, so a variance of 2.5; t of 9 degrees of freedom is 2.2621572 (scipy), and its distribution gives 1.2649111 from 0 a p of 0.2376726.
    const estimate = imagesAlone(2, floats([2, 3, 4, 5, 6]), 10);
    const half = 2.262157163 * Math.sqrt(2.5);
    expect(hierarchicalInterval(estimate)).toEqual({ low: expect.closeTo(2 - half, 7) as number, high: expect.closeTo(2 + half, 7) as number });
    expect(hierarchicalP(estimate)).toBeCloseTo(0.2376726, 6);
    // What leaves nothing to measure is left out; with nothing left nothing is told.
    expect(imagesAlone(2, floats([NaN, 2, 3, 4, 5, 6]), 10)).toEqual(estimate);
    const nothing = imagesAlone(1, floats([NaN, NaN]), 10);
    expect([hierarchicalInterval(nothing).low, hierarchicalP(nothing)]).toEqual([NaN, 1]);
    expect(hierarchicalInterval(imagesAlone(0.5, floats([0.5, 0.5]), 10))).toEqual({ low: 0.5, high: 0.5 });
    expect(percentileInterval(floats([NaN, 3, 1]), 1)).toEqual({ low: 1, high: 3 });
  });

  test('interquartile mean with its error: that of the interquartile means of the seeds, about that of all values', () => {
    const values = [0, 1, 2, 10].map((task) => [0, 1, 2].map((seed) => task + seed));
    const replicates = values.map((own) => own.map((value) => floats([value - 0.5, value + 0.5, value])));
    // All twelve but three at each end: 2, 2, 2, 3, 3, 4. By seed the middle two: 1.5, 2.5, 3.5, of variance 1; every draw moves all seeds alike, with variance 0.25.
    expect(interquartileEstimate(values, replicates, 40)).toEqual({
      mean: expect.closeTo(16 / 6, 14) as number, seeds: 3, images: 40, seedVariance: expect.closeTo(1 / 3, 14) as number, imageVariance: expect.closeTo(0.25, 14) as number,
    });
  });

  test('interquartile mean: of nine values two at each end are left out', () => {
    expect(interquartileMean([100, 1, 2, 3, 4, 5, 6, 7, -100])).toBe(4);
    expect(() => probabilityOfImprovement([[1]], [[1], [2]])).toThrow(RangeError);
    expect(() => probabilityOfImprovement([[1], []], [[1], [2]])).toThrow(RangeError);
  });

  test('the p of a hierarchical estimate is 1 - the level of the interval that ends there', () => {
    const estimate = { mean: 0.04, seeds: 4, images: 50, seedVariance: 1e-4, imageVariance: 2e-4 };
    for (const at of [0, 0.01, 0.09]) {
      const interval = hierarchicalInterval(estimate, 1 - hierarchicalP(estimate, at));
      expect(at < 0.04 ? interval.low : interval.high).toBeCloseTo(at, 9);
    }
    expect(hierarchicalP(estimate, 0.04)).toBe(1);
  });

  test('seeds that have one value vary by the image noise that each has for itself', () => {
    const noise = [[0.1, -0.1, 0.1, -0.1], [0.1, 0.1, -0.1, -0.1], [0.1, -0.1, -0.1, 0.1]].map(floats);
    // Variances 4 x 0.01 / 3; covariances 0.
    expect(hierarchical([0.1 + 0.2, 0.3, 0.3], noise, 20)).toMatchObject({ mean: expect.closeTo(0.3, 14) as number, seedVariance: expect.closeTo(0.04 / 9, 14) as number, imageVariance: expect.closeTo(0, 14) as number });
    const flat = [0, 0, 0].map(() => floats([0.25, 0.25]));
    const nothing = hierarchical([0.25, 0.25, 0.25], flat, 20);
    expect([hierarchicalInterval(nothing), hierarchicalP(nothing)]).toEqual([{ low: 0.25, high: 0.25 }, 0]);
    expect(hierarchicalP(hierarchical([0, 0, 0], flat, 20))).toBe(1);
    expect(() => hierarchical([0.2], [floats([0.2])], 20)).toThrow(RangeError);
  });

  test('what seeds have in common is told by the pairs that share an image, each of the others counting 0', () => {
    // Of the first two: 0.04 * (1 + 1 + 1 + 1) / 3 = 0.16 / 3. Of the others by chance 0, and 0.02 * 4 / 3.
    const replicates = [[0.2, -0.2, 0.2, -0.2], [0.2, -0.2, 0.2, -0.2], [0.1, 0.1, -0.1, -0.1]].map(floats);
    const other = [replicates[0]!, replicates[1]!, floats([0.1, -0.1, 0.1, -0.1])];
    const ofPairs = (drawn: readonly Float64Array[], ...sharing: readonly string[]): number => hierarchical([0.1, 0.2, 0.4], drawn, 20, (a, b) => sharing.includes([a, b].sort().join(' '))).imageVariance;
    expect(ofPairs(replicates, '0 1')).toBeCloseTo(0.16 / 9, 14);
    expect(ofPairs(other, '0 1')).toBeCloseTo(0.16 / 9, 14);
    expect(ofPairs(other, '0 1', '1 2')).toBeCloseTo(0.16 / 9 + 0.08 / 9, 14);
    expect(ofPairs(other, '0 1', '0 2', '1 2')).toBeCloseTo(0.16 / 9 + 0.16 / 9, 14);
    expect(ofPairs(other)).toBe(0);
    // A draw in which one measures nothing is none of the two.
    expect(ofPairs([replicates[0]!, floats([0.2, -0.2, 0.2, NaN]), replicates[2]!], '0 1')).toBeCloseTo((3 * 0.04 - 3 * 0.2 ** 2 / 9) / 2 / 3, 14);
  });

  test('what a comparison would have found is what its seeds would find, where images have no part', () => {
    const estimate = { mean: 0, seeds: 5, images: 100, seedVariance: 0.02 ** 2 / 5, imageVariance: 0 };
    expect(detectableByThis(estimate)).toBeCloseTo(detectableDifference({ sd: 0.02, n: 5 }), 12);
    // And what its images would find, where seeds have none.
    expect(detectableByThis({ ...estimate, seedVariance: 0, imageVariance: 1e-4 })).toBeCloseTo(detectableDifference({ sd: 0.1, n: 100 }), 9);
  });

  test('too few images find no difference at all', () => {
    expect(detectableShare({ images: 5, discordant: 0.3 })).toBeNull();
    expect(detectableShare({ images: 2, discordant: 0.3 })).toBeNull();
    expect(detectableDifference({ sd: 1, n: 1 })).toBeNaN();
    expect(tInterval([1])).toBeNull();
  });
});
