import { describe, expect, it } from 'vitest';
import { ratioAtEqualAccuracy, reached, timeTo } from '../../src/results/reach.js';

const curve = (...points: readonly (readonly [number, number])[]) => points.map(([seconds, accuracy]) => ({ seconds, accuracy }));

describe('the time to an accuracy', () => {
  const rising = curve([10, 0.2], [20, 0.4], [40, 0.5]);

  it('is linear between the points', () => {
    expect(timeTo(0.3, rising)).toBeCloseTo(15, 12);
    expect(timeTo(0.45, rising)).toBeCloseTo(30, 12);
    expect(timeTo(0.2, rising)).toBe(10);
    expect(timeTo(0.5, rising)).toBe(40);
  });

  it('is not known below the first point, nor above the highest', () => {
    expect(timeTo(0.19, rising)).toBeNull();
    expect(timeTo(0.51, rising)).toBeNull();
  });

  it('is the first one of a curve that falls again', () => {
    const falling = curve([10, 0.2], [20, 0.4], [30, 0.3], [40, 0.5]);
    // 0.35 is passed at 17.5 upwards, at 25 downwards and at 32.5 again.
    expect(timeTo(0.35, falling)).toBeCloseTo(17.5, 12);
    expect(timeTo(0.45, falling)).toBeCloseTo(37.5, 12);
    expect(reached(curve([10, 0.3], [20, 0.6], [30, 0.1]))).toEqual({ low: 0.3, high: 0.6 });
  });
});

describe('two curves at equal accuracy', () => {
  const slow = curve([20, 0.2], [40, 0.4], [80, 0.5]);

  it('are compared where the lower one is highest', () => {
    // 0.4 after 12 seconds, and after 40.
    expect(ratioAtEqualAccuracy(curve([6, 0.3], [12, 0.4], [18, 0.35]), slow)).toEqual({ accuracy: 0.4, ratio: 12 / 40 });
    // 0.5 after 80 seconds; the other comes to it half way from 0.4 at 30 to 0.6 at 50.
    const { accuracy, ratio } = ratioAtEqualAccuracy(curve([30, 0.4], [50, 0.6]), slow)!;
    expect(accuracy).toBe(0.5);
    expect(ratio).toBeCloseTo(40 / 80, 12);
  });

  it('have no ratio where one begins above all that the other reaches', () => {
    expect(ratioAtEqualAccuracy(curve([30, 0.51], [50, 0.6]), slow)).toBeNull();
    expect(ratioAtEqualAccuracy(slow, curve([30, 0.51], [50, 0.6]))).toBeNull();
  });
});
