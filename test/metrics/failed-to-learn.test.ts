import { describe, expect, it } from 'vitest';
import { failsToLearn, largestShare } from '../../src/metrics/index.js';

describe('failed to learn', () => {
  it('the largest class has the share of its images', () => {
    expect(largestShare([2, 0, 2, 1, 2])).toBe(3 / 5);
    expect(largestShare([0, 1, 2, 3])).toBe(1 / 4);
  });

  it('saying the largest class of every image is no learning, also where that is over twice chance', () => {
    // 11 classes, 90 of 308 images in one: 29 %, and twice chance is 18 %.
    const labels = [...Array<number>(90).fill(0), ...Array.from({ length: 218 }, (_, index) => 1 + (index % 10))];
    const share = largestShare(labels);
    expect(share).toBe(90 / 308);
    expect(failsToLearn(90 / 308, 1 / 11, share)).toBe(true);
    expect(failsToLearn(91 / 308, 1 / 11, share)).toBe(false);
  });

  it('twice chance stays the floor of even classes, and of results that do not tell the largest one', () => {
    expect([0.39, 0.4].map((accuracy) => failsToLearn(accuracy, 0.2, 0.2))).toEqual([true, false]);
    expect([0.39, 0.4].map((accuracy) => failsToLearn(accuracy, 0.2))).toEqual([true, false]);
  });
});
