import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { poolCounts, segmentationCounts, segmentationScores } from '../../../src/metrics/index.js';

interface Case { classes: number; truths: number[][]; predictions: number[][]; mIoU: number; pixelAccuracy: number; meanAccuracy: number; perClass: (number | null)[]; absent: number[] }
const cases = JSON.parse(readFileSync(new URL('./reference.json', import.meta.url), 'utf8')) as readonly Case[];

describe('segmentation metrics', () => {
  it.each(cases.map((one) => [one.classes, one] as const))('equal scikit-learn with %i classes, pooled over images', (_, { classes, truths, predictions, ...expected }) => {
    const counts = truths.map((truth, i) => segmentationCounts(Uint8Array.from(truth), Uint8Array.from(predictions[i]!), classes));
    const got = segmentationScores(poolCounts(counts));
    expect(got.absent).toEqual(expected.absent);
    for (const key of ['mIoU', 'pixelAccuracy', 'meanAccuracy'] as const) expect(got[key]).toBeCloseTo(expected[key], 12);
    got.perClass.forEach((value, i) => (value === null ? expect(expected.perClass[i]).toBeNull() : expect(value).toBeCloseTo(expected.perClass[i]!, 12)));
  });

  it('come to what one works out by hand', () => {
    // Class 0: 2 of 3 pixels right, one said to be 1. Class 1: 1 right. Class 2: only said once, of a pixel of class 1. One pixel ignored.
    const counts = segmentationCounts([0, 0, 0, 1, 1, 255], [0, 0, 1, 1, 2, 0], 4);
    expect(counts).toEqual({ tp: [2, 1, 0, 0], fp: [0, 1, 1, 0], fn: [1, 1, 0, 0] });
    expect(segmentationScores(counts)).toEqual({ mIoU: (2 / 3 + 1 / 3) / 2, pixelAccuracy: 3 / 5, meanAccuracy: (2 / 3 + 1 / 2) / 2, perClass: [2 / 3, 1 / 3, null, null], absent: [2, 3] });
  });

  it('pool pixels, not images', () => {
    // One image of four pixels all wrong, one of one pixel right: IoU 1 / 5, not the mean of 0 and 1.
    const counts = [segmentationCounts([0, 0, 0, 0], [1, 1, 1, 1], 2), segmentationCounts([0], [0], 2)];
    expect(segmentationScores(poolCounts(counts)).mIoU).toBe(1 / 5);
    expect(counts.map((image) => segmentationScores(image).mIoU)).toEqual([0, 1]);
  });

  it('another index can be the ignored one, and what is said there does not matter', () => {
    expect(segmentationCounts([0, 1, 0], [0, 99, 1], 2, 1)).toEqual({ tp: [1, 0], fp: [0, 1], fn: [1, 0] });
  });

  it('of nothing but ignored pixels are NaN, all classes absent', () => {
    expect(segmentationScores(segmentationCounts([255, 255], [0, 1], 2))).toEqual({ mIoU: NaN, pixelAccuracy: NaN, meanAccuracy: NaN, perClass: [null, null], absent: [0, 1] });
  });

  it.each<[string, () => unknown, RegExp]>([
    ['maps of different lengths', () => segmentationCounts([0, 1], [0], 2), /2 true but 1 predicted/],
    ['a true class that is none', () => segmentationCounts([0, 2], [0, 1], 2), /true class of pixel 1 is 2, expected an integer in 0..1/],
    ['a predicted class that is none, at a pixel that counts', () => segmentationCounts([0], [255], 2), /predicted class of pixel 0 is 255/],
    ['a class that is no integer', () => segmentationCounts([0.5], [0], 2), /pixel 0 is 0.5/],
    ['no class', () => segmentationCounts([], [], 0), /number of classes/],
    ['no image', () => poolCounts([]), /no image/],
    ['images of other classes', () => poolCounts([segmentationCounts([0], [0], 1), segmentationCounts([0], [0], 2)]), /different numbers of classes/],
  ])('refuses %s', (_, make, message) => expect(make).toThrow(message));
});
