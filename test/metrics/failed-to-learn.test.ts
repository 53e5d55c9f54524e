import { describe, expect, it } from 'vitest';
import { evaluateCoco, failsToLearn, type GroundTruth, largestShare, othersBoxes } from '../../src/metrics/index.js';

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

  it('of two classes asks for half of the way from chance to all right', () => {
    expect([0.74, 0.75, 0.96].map((accuracy) => failsToLearn(accuracy, 0.5, 0.5))).toEqual([true, false, false]);
    // Of three and more it is twice chance.
    expect([0.66, 0.67].map((accuracy) => failsToLearn(accuracy, 1 / 3, 1 / 3))).toEqual([true, false]);
    // Saying the larger class reaches more.
    expect([0.8, 0.81].map((accuracy) => failsToLearn(accuracy, 0.5, 0.8))).toEqual([true, false]);
  });

  it('a detector must be above the boxes of other images', () => {
    const object = (id: number, category: number, box: GroundTruth['box'], crowd = false): GroundTruth => ({ id, category, box, area: box[2] * box[3], mask: null, crowd, difficult: false });
    const truths = [[object(1, 0, [0, 0, 10, 10])], [object(2, 0, [0, 0, 10, 8]), object(3, 1, [20, 20, 5, 5]), object(4, 1, [0, 0, 90, 90], true)]];
    const found = othersBoxes(truths, () => 1);
    expect(found.map((own) => own.map(({ category, box }) => [category, box]))).toEqual([[[0, [0, 0, 10, 8]], [1, [20, 20, 5, 5]]], [[0, [0, 0, 10, 10]]]]);
    // Class 0 is found in both at IoU 0.8, class 1 where there is none of it: AP50 (1 + 0) / 2; from 0.85 on nothing is found.
    const { summary } = evaluateCoco(truths, found, 'bbox', { classes: 2 });
    expect(summary.AP50).toBeCloseTo(0.5, 12);
    expect(summary.AP).toBeCloseTo(0.5 * 0.7, 12);
    const scores = [0.4, 0.3, 0.2];
    expect(othersBoxes(truths, () => scores.pop()!).map((own) => own.map(({ score }) => score))).toEqual([[0.2, 0.3], [0.4]]);
    expect(failsToLearn(0.5, 0, summary.AP50)).toBe(true);
    expect(failsToLearn(0.51, 0, summary.AP50)).toBe(false);
  });
});
