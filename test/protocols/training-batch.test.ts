import { describe, expect, it } from 'vitest';
import type { AnnotatedObject, Annotations } from '../../src/data/dense.js';
import type { ImageSet } from '../../src/data/image-set.js';
import { encodeMask } from '../../src/metrics/index.js';
import { anchorBoxes, type DetectorShape, levelsOf } from '../../src/models/detector/index.js';
import { cascadeStages, singleStage } from '../../src/models/detector/stages.js';
import { type BatchPlan, trainingBatch } from '../../src/protocols/mask-rcnn/batch.js';

/** Pixels a side of the square. The picture is 4 high and 8 wide, so it fills the upper half, twice as large. */
const size = 16;
const shape: DetectorShape = {
  model: { name: 'custom', imageSize: size, patchSize: 4, width: 8, depth: 1, heads: 1, mlpRatio: 4 },
  classes: 3, stages: singleStage, levels: [2], anchorCells: 1, channels: 4, boxCells: 2, hidden: 4, mask: { side: 4, convolutions: 1 },
};
const maskOf = (...pixels: readonly (readonly [row: number, column: number])[]) => {
  const values = new Uint8Array(4 * 8);
  for (const [row, column] of pixels) values[row * 8 + column] = 1;
  return encodeMask(values, 4, 8);
};
const object = (id: number, category: number, box: AnnotatedObject['box'], more: Partial<AnnotatedObject> = {}): AnnotatedObject =>
  ({ id, category, box, area: box[2] * box[3], mask: null, crowd: false, difficult: false, ...more });
const leftOne = object(1, 2, [0.5, 1, 1.5, 2], { mask: maskOf([1, 0], [1, 1], [2, 1]) });
const rightOne = object(2, 1, [5, 0, 3, 3]);
const group = object(3, 0, [0, 0, 8, 4], { crowd: true });

function planOf(objects: readonly AnnotatedObject[], more: Partial<BatchPlan> = {}): BatchPlan {
  const pixels = new Uint8Array(size * size * 3);
  pixels.set([200, 10, 20], (3 * size + 1) * 3);
  const set: ImageSet = { name: 'one', size, channels: 3, pixels, unreadable: [], records: [{ id: 'one', label: '', group: null, domain: null, split: null, side: null }] };
  const annotations: Annotations = { classes: ['a', 'b', 'c'], sizes: [{ height: 4, width: 8 }], objects: () => objects, labels: () => null };
  return { set, annotations, shape, indices: [0], batch: 1, objects: 4, anchors: 1000, proposals: 8, flip: 0, dropPath: 0, seed: 1, purpose: 'test', ...more };
}
const numbers = (values: unknown, count = Infinity): readonly number[] => [...values as Float32Array].slice(0, count);
/** [row, column] of what is not 0 in a square. */
const lit = (values: unknown, at = 0): readonly (readonly [number, number])[] =>
  [...(values as Uint8Array).subarray(at * size * size, (at + 1) * size * size)].flatMap((value, i) => (value === 0 ? [] : [[Math.floor(i / size), i % size] as const]));

describe('a batch to train a detector on', () => {
  it('holds boxes and masks in pixels of the square, without groups', () => {
    const batch = trainingBatch(planOf([leftOne, group, rightOne]), 0);
    expect(numbers(batch['extents'])).toEqual([16, 8]);
    expect(numbers(batch['boxes'])).toEqual([1, 2, 4, 6, 10, 0, 16, 6, ...Array<number>(8).fill(0)]);
    expect([numbers(batch['labels']), numbers(batch['present']), numbers(batch['masked'])]).toEqual([[2, 1, 0, 0], [1, 1, 0, 0], [1, 0, 0, 0]]);
    // Each pixel of the picture is two by two in the square.
    expect(lit(batch['masks'])).toEqual([[2, 0], [2, 1], [2, 2], [2, 3], [3, 0], [3, 1], [3, 2], [3, 3], [4, 2], [4, 3], [5, 2], [5, 3]]);
    expect(numbers(batch['images']).flatMap((value, i) => (value === 200 ? [i] : []))).toEqual([(3 * size + 1) * 3]);
  });

  it('mirrors pixels, boxes and masks alike, within the part of the square that the picture fills', () => {
    const narrow = { ...planOf([], { flip: 1 }), annotations: { classes: ['a'], sizes: [{ height: 8, width: 4 }], objects: () => [object(1, 0, [0.5, 2, 1, 3], { mask: encodeMask(Uint8Array.from({ length: 32 }, (_, i) => Number(i === 4)), 8, 4) })], labels: () => null } };
    const batch = trainingBatch(narrow, 0);
    // 8 wide and 16 high: 1 to 3 becomes 8 - 3 to 8 - 1, and column 1 column 6.
    expect(numbers(batch['extents'])).toEqual([8, 16]);
    expect(numbers(batch['boxes'], 4)).toEqual([5, 4, 7, 10]);
    expect(lit(batch['masks'])).toEqual([[2, 6], [2, 7], [3, 6], [3, 7]]);
    expect(numbers(batch['images']).flatMap((value, i) => (value === 200 ? [i] : []))).toEqual([(3 * size + 6) * 3]);
    const wide = trainingBatch(planOf([leftOne, rightOne], { flip: 1 }), 0);
    expect(numbers(wide['boxes'], 8)).toEqual([12, 2, 15, 6, 0, 0, 6, 6]);
  });

  it('mirrors the share of pictures that it is asked for', () => {
    const turned = Array.from({ length: 400 }, (_, step) => numbers(trainingBatch(planOf([leftOne], { flip: 0.25 }), step)['boxes'], 1)[0] === 12).filter(Boolean).length;
    // 100 expected, with a standard deviation of 8.7.
    expect(Math.abs(turned - 100)).toBeLessThan(35);
  });

  it('an anchor is of an object from an overlap of 0.7 on or where none has more, background below 0.3, and of neither between', () => {
    const anchors = anchorBoxes(levelsOf(shape));
    const objects = [object(1, 0, [0, 0, 2, 2]), object(2, 1, [4, 0, 2, 3.1]), object(3, 2, [2.2, 2, 1.6, 1.9])];
    const batch = trainingBatch(planOf(objects), 0);
    const boxes = objects.map(({ box: [left, top, width, height] }) => [2 * left, 2 * top, 2 * (left + width), 2 * (top + height)]);
    const side = (a: number, b: number, c: number, d: number): number => Math.max(0, Math.min(b, d) - Math.max(a, c));
    const iou = (a: readonly number[], b: readonly number[]): number => {
      const both = side(a[0]!, a[2]!, b[0]!, b[2]!) * side(a[1]!, a[3]!, b[1]!, b[3]!);
      const area = (box: readonly number[]): number => (box[2]! - box[0]!) * (box[3]! - box[1]!);
      return both / (area(a) + area(b) - both);
    };
    const all = Array.from({ length: anchors.length / 4 }, (_, a) => boxes.map((box) => iou([...anchors.subarray(4 * a, 4 * a + 4)], box)));
    const best = boxes.map((_, o) => Math.max(...all.map((row) => row[o]!)));
    const wanted = all.map((row) => {
      const most = Math.max(...row);
      return row.some((value, o) => value > best[o]! - 1e-6) || most >= 0.7 ? 1 : most < 0.3 ? 0 : -1;
    });
    expect(numbers(batch['anchor_labels'])).toEqual(wanted);
    // What tells these bounds from others is there.
    const among = (low: number, high: number): number => all.filter((row, a) => wanted[a] !== 1 && Math.max(...row) > low && Math.max(...row) < high).length;
    expect([among(0.5, 0.7), among(0.3, 0.5), among(0.05, 0.3)].every((count) => count > 0)).toBe(true);
    const targets = numbers(batch['anchor_boxes']);
    wanted.forEach((label, a) => {
      if (label === 1) expect(targets.slice(4 * a, 4 * a + 4).map((value) => value.toFixed(4))).toEqual(boxes[all[a]!.indexOf(Math.max(...all[a]!))]!.map((value) => value.toFixed(4)));
    });
  });

  it('draws as many anchors as it is asked for, half of them of objects where there are so many', () => {
    const objects = [[0, 0], [2, 0], [4, 0], [6, 0], [0, 2], [2, 2]].map(([left, top], i) => object(i, 0, [left!, top!, 2, 2]));
    const labels = numbers(trainingBatch({ ...planOf(objects, { anchors: 8 }), objects: 6 }, 0)['anchor_labels']);
    expect([1, 0].map((label) => labels.filter((own) => own === label).length)).toEqual([4, 4]);
  });
});

it('regions are of an object from an overlap of 0.5 on, in a cascade of 0.5, 0.6 and 0.7 (Cascade R-CNN, Cai and Vasconcelos 2018)', () => {
  expect(singleStage.map(({ iou }) => iou)).toEqual([0.5]);
  expect(cascadeStages.map(({ iou }) => iou)).toEqual([0.5, 0.6, 0.7]);
});
