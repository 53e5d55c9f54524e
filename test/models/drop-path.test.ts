import { expect, it } from 'vitest';
import { dropPathDraws, dropPathRates } from '../../src/models/drop-path-draws.js';

it('rates rise from 0 to the given one', () => {
  expect(dropPathRates(5, 0.2).map((rate) => Number(rate.toFixed(12)))).toEqual([0, 0.05, 0.1, 0.15, 0.2]);
  expect(dropPathRates(1, 0.3)).toEqual([0]);
});

it('keeps the expectation: factors are 0 or 1 / (1 - p), with the block\'s own probability', () => {
  const batch = 4000;
  const factors = dropPathDraws(3, 0.4, batch, 7, 0);
  const row = (i: number): Float32Array => factors.subarray(i * batch, (i + 1) * batch);
  expect(new Set(row(0))).toEqual(new Set([1]));
  for (const [i, p] of [[2, 0.2], [3, 0.2], [4, 0.4], [5, 0.4]] as const) {
    const dropped = row(i).filter((factor) => factor === 0).length / batch;
    // Four standard deviations of a share.
    expect(Math.abs(dropped - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / batch));
    expect(new Set(row(i))).toEqual(new Set([0, Math.fround(1 / (1 - p))]));
  }
  expect(row(4)).not.toEqual(row(5));
});

it('is a function of seed and step', () => {
  expect(dropPathDraws(3, 0.4, 16, 7, 3)).toEqual(dropPathDraws(3, 0.4, 16, 7, 3));
  expect(dropPathDraws(3, 0.4, 16, 7, 3)).not.toEqual(dropPathDraws(3, 0.4, 16, 7, 4));
  expect(dropPathDraws(3, 0.4, 16, 7, 3)).not.toEqual(dropPathDraws(3, 0.4, 16, 8, 3));
});
