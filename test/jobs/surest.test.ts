import { expect, it } from 'vitest';
import { f1, surest } from '../../src/jobs/transfer/detection.js';

const truth = (box: readonly [number, number, number, number], { crowd = false, difficult = false } = {}) => ({ id: 1, category: 0, box, area: 100, mask: null, crowd, difficult });
const find = (score: number, box: readonly [number, number, number, number], category = 0) => ({ category, score, box, mask: null });

it('a picture shows as many of the surest finds as it has objects, however unsure, and is valued by these', () => {
  const truths = [truth([0, 0, 10, 10]), truth([20, 20, 10, 10]), truth([50, 50, 10, 10], { crowd: true })];
  const all = [find(0.05, [20, 20, 10, 10]), find(0.3, [0, 0, 10, 9]), find(0.2, [40, 40, 5, 5])];
  const shown = surest(truths, all);
  expect(shown.map(({ score }) => score)).toEqual([0.3, 0.2]);
  // One of two right, two objects: precision and recall 1/2.
  expect(f1(truths, shown)).toBe(0.5);
  expect(f1(truths, [])).toBe(0);
  expect(f1(truths, [find(0.3, [0, 0, 10, 9]), find(0.1, [20, 20, 10, 10])])).toBe(1);
  expect(f1(truths, [find(0.3, [0, 0, 10, 9], 1)])).toBe(0);
});

it('a find of what is not to be found takes no place', () => {
  const truths = [truth([0, 0, 10, 10]), truth([20, 0, 10, 10], { difficult: true })];
  const shown = surest(truths, [find(0.9, [20, 0, 10, 10]), find(0.8, [0, 0, 10, 10])]);
  expect(shown.map(({ score }) => score)).toEqual([0.8]);
  expect(f1(truths, shown)).toBe(1);
});

it('a find is of the object that it overlaps most', () => {
  // IoU 0.54 with the first and 0.92 with the second; the other find is of the first alone.
  const truths = [truth([0, 0, 10, 10]), truth([3.4, 0, 10, 10])];
  expect(f1(truths, [find(0.9, [3, 0, 10, 10]), find(0.8, [0, 0, 10, 10])])).toBe(1);
});
