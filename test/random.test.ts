import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { stream } from '../src/random.js';

const reference = JSON.parse(readFileSync(new URL('random.reference.json', import.meta.url), 'utf8')) as readonly {
  readonly at: [number, string, number, number];
  readonly uint32: readonly number[];
  readonly uniform: readonly number[];
}[];

/** Pearson's statistic of counts against equal expectations. */
const chiSquare = (counts: readonly number[]): number => {
  const expected = counts.reduce((sum, n) => sum + n, 0) / counts.length;
  return counts.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
};
const histogram = (values: Iterable<number>, bins: number): readonly number[] => {
  const counts = new Array<number>(bins).fill(0);
  for (const value of values) counts[Math.min(bins - 1, Math.floor(value * bins))]!++;
  return counts;
};
const correlation = (x: readonly number[], y: readonly number[]): number => {
  const mean = (v: readonly number[]): number => v.reduce((sum, value) => sum + value, 0) / v.length;
  const [mx, my] = [mean(x), mean(y)];
  const product = (a: readonly number[], ma: number, b: readonly number[], mb: number): number => a.reduce((sum, value, i) => sum + (value - ma) * (b[i]! - mb), 0);
  return product(x, mx, y, my) / Math.sqrt(product(x, mx, x, mx) * product(y, my, y, my));
};

// Bounds hold at p = 0.001 for a true generator; the draws are fixed, so a test that passes passes always.
describe('stream', () => {
  it.each(reference.map((r) => [JSON.stringify(r.at), r] as const))('gives the values of the written definition at %s', (_, { at, uint32, uniform }) => {
    const integers = stream(...at);
    expect(uint32.map(() => integers.uint32())).toEqual(uint32);
    const reals = stream(...at);
    expect(uniform.map(() => reals.uniform())).toEqual(uniform);
  });

  it('is the same for the same coordinates, with step and index 0 left out', () => {
    expect(stream(3, 'x').uniform()).toBe(stream(3, 'x', 0, 0).uniform());
  });

  it('is even within a stream, singly and in pairs', () => {
    const draws = stream(1, 'even');
    const values = Array.from({ length: 100_000 }, () => draws.uniform());
    expect(chiSquare(histogram(values, 100))).toBeLessThan(148.2); // 99 degrees of freedom
    const pairs = Array.from({ length: 50_000 }, (_, i) => (Math.floor(values[2 * i]! * 10) + values[2 * i + 1]!) / 10);
    expect(chiSquare(histogram(pairs, 100))).toBeLessThan(148.2);
    expect(values.every((v) => v >= 0 && v < 1)).toBe(true);
  });

  const across: readonly (readonly [string, (i: number) => number])[] = [
    ['seeds', (i) => stream(i, 'mae/mask').uniform()],
    ['steps', (i) => stream(0, 'mae/mask', i).uniform()],
    ['indices', (i) => stream(0, 'mae/mask', 0, i).uniform()],
    ['purposes', (i) => stream(0, `purpose/${i}`).uniform()],
    ['large seeds', (i) => stream(2 ** 40 + i, 'mae/mask').uniform()],
  ];
  it.each(across)('is even and without memory across neighbouring %s', (_, draw) => {
    const values = Array.from({ length: 20_000 }, (__, i) => draw(i));
    expect(chiSquare(histogram(values, 50))).toBeLessThan(85.4); // 49 degrees of freedom
    expect(Math.abs(correlation(values.slice(0, -1), values.slice(1)))).toBeLessThan(3.3 / Math.sqrt(20_000));
    const pairs = values.slice(1).map((v, i) => (Math.floor(values[i]! * 10) + v) / 10);
    expect(chiSquare(histogram(pairs, 100))).toBeLessThan(148.2);
  });

  it('does not repeat itself when coordinates trade places', () => {
    const seen = new Set<number>();
    for (let a = 0; a < 12; a++) for (let b = 0; b < 12; b++) for (let c = 0; c < 12; c++) seen.add(stream(a, 'x', b, c).uniform());
    expect(seen.size).toBe(12 ** 3);
    expect(stream(0, 'ab').uniform()).not.toBe(stream(0, 'ba').uniform());
    expect(stream(2 ** 32, 'x').uniform()).not.toBe(stream(0, 'x', 1).uniform());
  });

  it('draws integers evenly, bounds that are no power of two included', () => {
    const draws = stream(2, 'integers');
    const counts = new Array<number>(7).fill(0);
    for (let i = 0; i < 70_000; i++) counts[draws.integer(7)]!++;
    expect(chiSquare(counts)).toBeLessThan(22.5); // 6 degrees of freedom
    // With plain modulo, 3 * 2^30 would give the lower third twice as often.
    let low = 0;
    for (let i = 0; i < 30_000; i++) low += draws.integer(3 * 2 ** 30) < 2 ** 30 ? 1 : 0;
    expect(Math.abs(low - 10_000)).toBeLessThan(3.3 * Math.sqrt(30_000 * (1 / 3) * (2 / 3)));
    expect(draws.integer(1)).toBe(0);
    expect(draws.integer(2 ** 32)).toBeGreaterThanOrEqual(0);
    for (const wrong of [0, -1, 1.5, Number.NaN, 2 ** 32 + 1]) expect(() => draws.integer(wrong)).toThrow(RangeError);
  });

  it('draws between its bounds', () => {
    const draws = stream(2, 'between');
    const values = Array.from({ length: 10_000 }, () => draws.between(-2, 3));
    expect(chiSquare(histogram(values.map((v) => (v + 2) / 5), 20))).toBeLessThan(43.8); // 19 degrees of freedom
    expect(Math.min(...values)).toBeGreaterThanOrEqual(-2);
    expect(Math.max(...values)).toBeLessThan(3);
  });

  it('draws normal values with the right spread and tails, also within a Box-Muller pair', () => {
    const draws = stream(4, 'normal');
    const values = Array.from({ length: 40_000 }, () => draws.normal());
    // Quartiles of the standard normal and its 2.5 % points: 6 parts with known shares.
    const cuts = [-1.959964, -0.67449, 0, 0.67449, 1.959964];
    const shares = [0.025, 0.225, 0.25, 0.25, 0.225, 0.025];
    const counts = new Array<number>(6).fill(0);
    for (const value of values) counts[cuts.filter((cut) => value >= cut).length]!++;
    const statistic = counts.reduce((sum, n, i) => sum + (n - 40_000 * shares[i]!) ** 2 / (40_000 * shares[i]!), 0);
    expect(statistic).toBeLessThan(20.5); // 5 degrees of freedom
    const [even, odd] = [0, 1].map((rest) => values.filter((_, i) => i % 2 === rest));
    expect(Math.abs(correlation(even!, odd!))).toBeLessThan(3.3 / Math.sqrt(20_000));
    expect(values.every(Number.isFinite)).toBe(true);
  });

  it('draws every order of four equally often', () => {
    const counts = new Map<string, number>();
    for (let seed = 0; seed < 12_000; seed++) {
      const order = stream(seed, 'order').permutation(4).join();
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    expect(chiSquare([...counts.values()])).toBeLessThan(49.7); // 23 degrees of freedom
  });

  it('permutes every number once, also none and one', () => {
    expect([...stream(0, 'p').permutation(1000)].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect([...stream(0, 'p').permutation(1)]).toEqual([0]);
    expect([...stream(0, 'p').permutation(0)]).toEqual([]);
  });

  it('refuses coordinates that are no counts', () => {
    expect(() => stream(-1, 'x')).toThrow(/seed/);
    expect(() => stream(0, 'x', 0.5)).toThrow(/step/);
    expect(() => stream(0, 'x', 0, Number.NaN)).toThrow(/index/);
    expect(() => stream(2 ** 53, 'x')).toThrow(RangeError);
  });
});
