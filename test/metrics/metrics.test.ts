import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { classificationMetrics, classify, confusion, meanPerClass, top1 } from '../../src/metrics/index.js';

interface Case { classes: number; labels: number[]; predictions: number[]; top1: number; mean_per_class: number; absent: number[]; confusion: number[] }
const cases = JSON.parse(readFileSync(new URL('./reference.json', import.meta.url), 'utf8')) as Case[];

describe('classification metrics', () => {
  it.each(cases.map((c, i) => [i, c] as const))('equal scikit-learn on case %i', (_, { classes, labels, predictions, ...expected }) => {
    const counted = confusion(labels, predictions, classes);
    expect(Array.from(counted.counts)).toEqual(expected.confusion);
    expect(top1(counted)).toBeCloseTo(expected.top1, 12);
    const perClass = meanPerClass(counted);
    expect(perClass.value).toBeCloseTo(expected.mean_per_class, 12);
    expect(perClass.absent).toEqual(expected.absent);
    const all = classify(labels, predictions, classes);
    expect(all).toMatchObject({ top1: top1(counted), mean_per_class: perClass.value });
    expect(Object.keys(all)).toEqual(Object.keys(classificationMetrics));
  });

  it('comes to what one works out by hand', () => {
    // Class 0: 3 of 4 right, class 1: 0 of 1, class 2: no sample.
    const counted = confusion([0, 0, 0, 0, 1], [0, 0, 0, 2, 0], 3);
    expect(Array.from(counted.counts)).toEqual([3, 0, 1, 1, 0, 0, 0, 0, 0]);
    expect(top1(counted)).toBe(3 / 5);
    expect(meanPerClass(counted)).toEqual({ value: (3 / 4 + 0) / 2, absent: [2] });
  });

  it('takes typed arrays', () => {
    const all = classify(Int32Array.of(1, 0), Int32Array.of(1, 1), 2);
    expect(Object.keys(all)).toEqual(Object.keys(classificationMetrics));
    expect(all).toMatchObject({ top1: 0.5, mean_per_class: 0.5 });
  });

  it.each([
    ['different lengths', [0, 1], [0], 2, /2 labels but 1 predictions/],
    ['no image', [], [], 2, /no image/],
    ['a label outside the classes', [2], [0], 2, /label 0 is 2/],
    ['a prediction outside the classes', [0], [-1], 2, /prediction 0 is -1/],
    ['a label that is not an integer', [0.5], [0], 2, /label 0 is 0.5/],
    ['no class', [0], [0], 0, /number of classes/],
  ])('refuses %s', (_, labels, predictions, classes, message) => {
    expect(() => confusion(labels, predictions, classes)).toThrow(message);
  });
});
