import { expect, it } from 'vitest';
import { confusedObjects, type Detection, type GroundTruth } from '../../src/metrics/index.js';

const object = (category: number, box: GroundTruth['box'], more: Partial<GroundTruth> = {}): GroundTruth => ({ id: 1, category, box, area: box[2] * box[3], mask: null, crowd: false, difficult: false, ...more });
const find = (category: number, score: number, box: Detection['box']): Detection => ({ category, score, box, mask: null });

it('counts what objects are taken for, what is not found, and what is found where nothing is', () => {
  const truths = [
    [object(0, [0, 0, 10, 10]), object(1, [50, 0, 10, 10]), object(1, [0, 50, 10, 10])],
    [object(0, [0, 0, 10, 10], { crowd: true }), object(1, [50, 0, 10, 10], { difficult: true })],
  ];
  const found = [
    // The surer one has the first object, as class 0; the other comes too late for it.
    [find(1, 0.6, [0, 0, 10, 10]), find(0, 0.9, [0, 0, 10, 9]), find(0, 0.5, [50, 0, 10, 10]), find(1, 0.4, [3, 53, 10, 10])],
    // One of a crowd, all of it in the crowd, and one of what is difficult do not count; one of another class does.
    [find(1, 0.3, [90, 90, 5, 5]), find(0, 0.8, [0, 0, 4, 4]), find(1, 0.7, [50, 0, 10, 9]), find(0, 0.6, [50, 0, 10, 10])],
  ];
  // Rows: class 0, class 1, nothing there. 7 x 7 of 151 pixels is no find of the third object.
  expect(confusedObjects(truths, found, 2)).toEqual([
    1, 0, 0,
    1, 0, 1,
    1, 3, 0,
  ]);
});

it('a find takes the free object that it overlaps most', () => {
  const truths = [[object(0, [0, 0, 10, 10]), object(1, [2, 0, 10, 10])]];
  expect(confusedObjects(truths, [[find(1, 0.9, [2, 0, 10, 10]), find(0, 0.8, [2, 0, 10, 10])]], 2)).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 0]);
});
