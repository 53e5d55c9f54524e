import { describe, expect, test } from 'vitest';
import { geometricMean, pairedRatio, relativeDifference, verdict } from '../../bench/statistics.js';

// scipy, by scripts/reference/bench.py
const REFERENCE = { value: 105.65677905977815, low: 94.51852915408462, high: 118.10758230365828 };

describe('speeds and ratios over rounds', () => {
  test('the interval is Student\'s on the logarithms', () => {
    const estimate = geometricMean([100, 110, 95, 105, 120]);
    expect(estimate.n).toBe(5);
    expect(estimate.value).toBeCloseTo(REFERENCE.value, 9);
    expect(estimate.low).toBeCloseTo(REFERENCE.low, 6);
    expect(estimate.high).toBeCloseTo(REFERENCE.high, 6);
  });

  test('ratios are paired: what slows a whole round down leaves them as they are', () => {
    const ratio = pairedRatio([20, 10, 40, 22], [10, 5, 20, 11]);
    expect(ratio).toEqual({ n: 4, value: 2, low: 2, high: 2 });
    const there = pairedRatio([3, 5, 4], [2, 2, 3]);
    const back = pairedRatio([2, 2, 3], [3, 5, 4]);
    expect(there.value * back.value).toBeCloseTo(1, 12);
    expect(there.low! * back.high!).toBeCloseTo(1, 12);
  });

  test('two rounds give no interval and decide nothing', () => {
    const ratio = pairedRatio([20, 22], [10, 10]);
    expect(ratio.low).toBeNull();
    expect(verdict(ratio, 1)).toBe('open');
  });

  test('the interval decides about an aim', () => {
    const ratio = pairedRatio([20, 21, 19, 20], [10, 10, 10, 10]);
    expect(verdict(ratio, 1.5)).toBe('reached');
    expect(verdict(ratio, 2)).toBe('open');
    expect(verdict(ratio, 2.5)).toBe('missed');
  });

  test('speeds that are none are refused, and rounds that do not match', () => {
    expect(() => geometricMean([1, 0])).toThrow('got 0');
    expect(() => geometricMean([])).toThrow('got none');
    expect(() => pairedRatio([1, 2], [1])).toThrow('2 rounds cannot be paired with 1');
  });

  test('values are compared to the largest of the reference', () => {
    expect(relativeDifference([1, 2, 4.4], [1, 2, 4])).toBeCloseTo(0.1, 12);
    expect(relativeDifference([1], [1, 2])).toBe(Infinity);
    expect(relativeDifference([NaN], [1])).toBeNaN();
  });
});
