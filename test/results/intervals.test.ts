import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { averageSamples, halfWidth, includesZero, mean, pairedDifferences, sampleSd, standings, summarise, type Sample } from '../../src/results/intervals.js';

interface Reference {
  readonly quantiles: readonly { readonly df: number; readonly t: number }[];
  readonly samples: readonly (Numbers & { readonly values: readonly number[] })[];
  readonly pairs: readonly (Numbers & { readonly a: readonly number[]; readonly b: readonly number[]; readonly p: number })[];
}
interface Numbers { readonly mean: number; readonly sd: number; readonly low: number; readonly high: number }

// Made by scripts/reference/intervals.py with scipy.
const reference = JSON.parse(readFileSync(new URL('intervals.json', import.meta.url), 'utf8')) as Reference;
const sample = (values: readonly number[], first = 0): Sample => new Map(values.map((value, index) => [first + index, value]));
const relative = (a: number, b: number): number => Math.abs(a - b) / Math.abs(b);

describe('t-intervals against scipy', () => {
  test.each(reference.quantiles)('quantile at $df degrees of freedom', ({ df, t }) => {
    // A standard deviation of sqrt(n) makes the half-width the quantile itself.
    expect(relative(halfWidth(Math.sqrt(df + 1), df + 1), t)).toBeLessThan(1e-7);
  });

  test.each(reference.samples)('interval of $values.length values', ({ values, mean: centre, sd, low, high }) => {
    const summary = summarise(sample(values));
    expect(summary.kind).toBe('interval');
    if (summary.kind !== 'interval') return;
    expect(summary.mean).toBeCloseTo(centre, 12);
    expect(summary.sd).toBeCloseTo(sd, 12);
    expect(summary.low).toBeCloseTo(low, 7);
    expect(summary.high).toBeCloseTo(high, 7);
  });

  test.each(reference.pairs)('paired interval, p = $p', ({ a, b, mean: centre, sd, low, high, p }) => {
    const summary = summarise(pairedDifferences(sample(b), sample(a)));
    expect(summary).toMatchObject({ kind: 'interval', n: a.length });
    if (summary.kind !== 'interval') return;
    expect(summary.mean).toBeCloseTo(centre, 12);
    expect(summary.sd).toBeCloseTo(sd, 12);
    expect(summary.low).toBeCloseTo(low, 7);
    expect(summary.high).toBeCloseTo(high, 7);
    expect(includesZero(summary)).toBe(p > 0.05);
  });

  test('the references hold both outcomes of the paired test', () => {
    expect(new Set(reference.pairs.map(({ p }) => p > 0.05))).toEqual(new Set([true, false]));
  });
});

describe('small samples', () => {
  test('fewer than three seeds: mean and values, no interval', () => {
    expect(summarise(sample([]))).toEqual({ kind: 'none', n: 0 });
    expect(summarise(sample([0.4]))).toEqual({ kind: 'values', n: 1, mean: 0.4, values: [{ seed: 0, value: 0.4 }] });
    expect(summarise(sample([0.5, 0.25]))).toMatchObject({ kind: 'values', n: 2, mean: 0.375 });
    expect(includesZero(summarise(sample([0, 0])))).toBeNull();
  });

  test('mean and sample standard deviation by hand', () => {
    expect(mean([1, 2, 6])).toBe(3);
    expect(sampleSd([1, 2, 6])).toBeCloseTo(Math.sqrt(7), 14);
    expect(sampleSd([5])).toBeNaN();
  });

  test('values stand in the order of their seeds', () => {
    const summary = summarise(new Map([[2, 0.3], [0, 0.1], [1, 0.2]]));
    expect(summary.kind === 'interval' && summary.values.map(({ seed }) => seed)).toEqual([0, 1, 2]);
  });
});

describe('pairing', () => {
  test('only seeds that both have', () => {
    expect(pairedDifferences(new Map([[0, 3], [1, 5]]), new Map([[1, 2], [2, 9]]))).toEqual(new Map([[1, 3]]));
  });

  test('averages only seeds that all have', () => {
    expect(averageSamples([new Map([[0, 1], [1, 3]]), new Map([[1, 5], [0, 3], [2, 7]])])).toEqual(new Map([[0, 2], [1, 4]]));
    expect(averageSamples([])).toEqual(new Map());
  });
});

describe('best and tied', () => {
  const shared = [0.30, 0.42, 0.36, 0.45, 0.33];
  const near = shared.map((value, index) => value + [0.01, -0.012, 0.004, -0.003, -0.002][index]!);
  const below = shared.map((value, index) => value - 0.03 + 0.001 * index);

  test('pairing decides: a small steady difference is not a tie though the intervals overlap', () => {
    const [best, lower] = [summarise(sample(shared)), summarise(sample(below))];
    expect(best.kind === 'interval' && lower.kind === 'interval' && lower.high > best.low).toBe(true);
    expect(standings([sample(below), sample(shared), sample(near)])).toEqual([null, 'best', 'tied']);
  });

  test('no marks with fewer than three seeds, or with nobody to compare', () => {
    expect(standings([sample([0.1, 0.2]), sample([0.3, 0.4])])).toEqual([null, null]);
    expect(standings([sample(shared), null, sample([0.9])])).toEqual([null, null, null]);
  });

  test('an entry that lacks a seed is not marked, though its mean over the others is higher', () => {
    expect(standings([sample(shared), sample(near.slice(0, 4)), sample(near)])).toEqual(['best', null, 'tied']);
  });

  test('equal values at every seed are a tie', () => {
    expect(standings([sample(shared), sample(shared)])).toEqual(['best', 'tied']);
  });
});
