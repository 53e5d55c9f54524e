import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { ignoredLabel } from '../../src/data/dense.js';
import { bilinearTaps } from '../../src/models/resample.js';
import { denseBatch } from '../../src/protocols/dense/batch.js';
import { addResized, labelMap } from '../../src/protocols/dense/label-map.js';
import { segmentationSpec } from '../../src/protocols/dense/network.js';
import { predictMaps } from '../../src/protocols/dense/predict-maps.js';
import { polyRate } from '../../src/protocols/dense/schedule.js';
import { drawView, viewLabels, viewPixels } from '../../src/protocols/dense/view.js';
import { windowStarts } from '../../src/protocols/dense/windows.js';
import { stream } from '../../src/random.js';
import { openEngine } from '../engine/open.js';
import { seeded, seededPixels } from '../models/seeded.js';
import { toyMaps } from './toy-maps.js';

const still = { scale: 1, top: 0, left: 0, flip: false };
const square = { height: 6, width: 6 };

/** A bilinear resize of one channel by the matrices that are held equal to PyTorch's. */
const resized = (data: ArrayLike<number>, [rows, columns]: readonly [number, number], [toRows, toColumns]: readonly [number, number]): readonly number[] => {
  const [down, across] = [bilinearTaps(rows, toRows).weights, bilinearTaps(columns, toColumns).weights];
  return Array.from({ length: toRows * toColumns }, (_, i) => {
    const [y, x] = [Math.floor(i / toColumns), i % toColumns];
    let sum = 0;
    for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) sum += down[y * rows + r]! * across[x * columns + c]! * data[r * columns + c]!;
    return sum;
  });
};

describe('a training view', () => {
  const pixels = seededPixels(3, 6 * 6 * 3);
  const view = (drawn: typeof still, side: number, placed = square): Uint8Array => {
    const target = new Uint8Array(side * side * 3);
    viewPixels(pixels, 6, placed, drawn, side, target);
    return target;
  };
  const channel = (data: Uint8Array, which: number): readonly number[] => Array.from(data).filter((_, i) => i % 3 === which);

  it('without a change is the picture, mirrored where it is flipped', () => {
    expect(view(still, 6)).toEqual(pixels);
    const mirrored = view({ ...still, flip: true }, 6);
    for (let i = 0; i < 36; i++) for (let c = 0; c < 3; c++) expect(mirrored[i * 3 + c]).toBe(pixels[(i - (i % 6) + 5 - (i % 6)) * 3 + c]);
  });

  it('is a bilinear resize of the picture', () => {
    const twice = view({ ...still, scale: 2 }, 12);
    for (const c of [0, 1, 2]) expect(channel(twice, c)).toEqual(resized(channel(pixels, c), [6, 6], [12, 12]).map(Math.round));
  });

  it('is black, and its labels ignored, beyond the picture, and both lie alike', () => {
    const placed = { height: 3, width: 6 };
    const shifted = { ...still, top: -2, left: 1 };
    const labels = Uint8Array.from({ length: 18 }, (_, i) => i);
    const target = new Uint8Array(36);
    viewLabels(labels, placed, 6, shifted, 6, target);
    const found = view(shifted, 6, placed);
    for (let y = 0; y < 6; y++) {
      for (let x = 0; x < 6; x++) {
        const inside = y >= 2 && y < 5 && x < 5;
        expect(target[y * 6 + x]).toBe(inside ? (y - 2) * 6 + x + 1 : ignoredLabel);
        expect(found[(y * 6 + x) * 3]).toBe(inside ? pixels[((y - 2) * 6 + x + 1) * 3] : 0);
      }
    }
  });

  it('takes the label of the original pixel that its centre lies in', () => {
    // A picture of 4 x 8 in a square of 4: placed in 2 x 4. Centres 0.5, 1.5 lie in original rows 1 and 3, columns 1, 3, 5 and 7.
    const labels = Uint8Array.from({ length: 32 }, (_, i) => i);
    const target = new Uint8Array(16);
    viewLabels(labels, { height: 4, width: 8 }, 4, still, 4, target);
    expect([...target]).toEqual([9, 11, 13, 15, 25, 27, 29, 31, ...new Array<number>(8).fill(255)]);
    viewLabels(labels, { height: 4, width: 8 }, 4, { ...still, flip: true }, 4, target);
    expect([...target.subarray(0, 4)]).toEqual([15, 13, 11, 9]);
  });

  it('is drawn inside the picture where it is smaller, and holds the picture where it is larger', () => {
    const placed = { height: 60, width: 40 };
    const seen = Array.from({ length: 400 }, (_, i) => drawView({ scale: [0.5, 2], flip: 0.25 }, placed, 48, stream(1, 'view', i)));
    for (const { scale, top, left } of seen) {
      expect(scale).toBeGreaterThanOrEqual(0.5);
      expect(scale).toBeLessThan(2);
      for (const [start, length] of [[top, 60], [left, 40]] as const) {
        const spare = length - 48 / scale;
        expect(start).toBeGreaterThanOrEqual(Math.min(0, spare));
        expect(start).toBeLessThanOrEqual(Math.max(0, spare));
      }
    }
    // Four standard deviations of a share of 400.
    expect(Math.abs(seen.filter(({ flip }) => flip).length / 400 - 0.25)).toBeLessThan(4 * Math.sqrt(0.25 * 0.75 / 400));
  });
});

describe('a training batch', () => {
  const { set, annotations, task } = toyMaps({ train: 6, validation: 0, test: 0 });
  const given = { set, annotations, indices: task.train.indices, jitter: { scale: [0.5, 2], flip: 0.5 } as const, seed: 3, purpose: 'test', batch: 4, view: 24 };

  it('is a function of its arguments, and another at another step, seed or purpose', () => {
    const once = denseBatch(given, 7);
    denseBatch(given, 2);
    expect(denseBatch(given, 7)).toEqual(once);
    for (const other of [denseBatch(given, 8), denseBatch({ ...given, seed: 4 }, 7), denseBatch({ ...given, purpose: 'other' }, 7)]) {
      expect(other.images).not.toEqual(once.images);
      expect(other.labels).not.toEqual(once.labels);
    }
  });

  it('takes every picture once an epoch', () => {
    const plain = { ...given, jitter: { scale: [1, 1], flip: 0 } as const, view: 32, batch: 3 };
    const seen = [0, 1].flatMap((step) => {
      const { images } = denseBatch(plain, step);
      return [0, 1, 2].map((i) => Buffer.from(images.subarray(i * 3072, (i + 1) * 3072)).toString('base64'));
    });
    expect(new Set(seen).size).toBe(6);
  });
});

describe('label maps', () => {
  const logits = Float32Array.from(seeded(9, 4 * 5 * 3));
  const field = { data: logits, rows: 4, columns: 5, stride: 2 };
  const ofClass = (label: number): readonly number[] => Array.from(logits).filter((_, i) => i % 3 === label);
  const best = (to: readonly [number, number]): readonly number[] => {
    const classes = [0, 1, 2].map((label) => resized(ofClass(label), [4, 5], to));
    return classes[0]!.map((_, i) => { const values = classes.map((one) => one[i]!); return values.indexOf(Math.max(...values)); });
  };

  it('are the largest of bilinearly resized logits', () => {
    expect([...labelMap(field, 3, { height: 8, width: 10 }, { height: 8, width: 10 })!]).toEqual(best([8, 10]));
    expect([...labelMap(field, 3, { height: 13, width: 21 }, { height: 8, width: 10 })!]).toEqual(best([13, 21]));
  });

  it('are of the part of the square that the picture fills', () => {
    // Placed in 4 of 8 rows: the upper half of the map of a picture that fills all.
    expect([...labelMap(field, 3, { height: 12, width: 10 }, { height: 4, width: 10 })!]).toEqual(best([24, 10]).slice(0, 120));
  });

  it('take the smaller of equal classes, and are none where a logit is not finite', () => {
    expect([...labelMap({ data: Float32Array.of(1, 2, 2), rows: 1, columns: 1, stride: 2 }, 3, { height: 1, width: 2 }, { height: 1, width: 2 })!]).toEqual([1, 1]);
    expect(labelMap({ data: Float32Array.of(1, NaN, 2), rows: 1, columns: 1, stride: 2 }, 3, { height: 1, width: 2 }, { height: 1, width: 2 })).toBeNull();
  });

  it('of windows are added where they lie', () => {
    const target = new Float32Array(10 * 10);
    const own = { data: Float32Array.from(ofClass(0)).slice(0, 16), rows: 4, columns: 4, stride: 2 };
    addResized(own, 1, 8, target, 10, 1, 2);
    addResized(own, 1, 8, target, 10, 1, 2);
    const wanted = resized(own.data, [4, 4], [8, 8]);
    for (let y = 0; y < 10; y++) for (let x = 0; x < 10; x++) expect(target[y * 10 + x]).toBeCloseTo(y >= 1 && y < 9 && x >= 2 ? 2 * wanted[(y - 1) * 8 + x - 2]! : 0, 5);
  });
});

it('windows lie as in mmsegmentation: the last one ends at the edge', () => {
  expect(windowStarts(683, { size: 512, stride: 341 })).toEqual([0, 171]);
  expect(windowStarts(512, { size: 512, stride: 341 })).toEqual([0]);
  expect(windowStarts(10, { size: 4, stride: 3 })).toEqual([0, 3, 6]);
  expect(windowStarts(11, { size: 4, stride: 3 })).toEqual([0, 3, 6, 7]);
});

it('the learning rate rises on top of a line that falls to 0', () => {
  // mmcv's poly with power 1 and linear warm-up: lr (1 - t / T) (t / w).
  expect([0, 1, 2, 4, 5, 10, 19].map((step) => polyRate(0.1, 20, 0.25, step))).toEqual([0, 0.1 * 0.95 * 0.2, 0.1 * 0.9 * 0.4, 0.1 * 0.8 * 0.8, 0.1 * 0.75, 0.1 * 0.5, 0.1 * (1 - 19 / 20)]);
  expect(polyRate(0.1, 20, 0, 0)).toBe(0.1);
});

beforeAll(async () => { await openEngine({ threads: 1 }); });

it('an auxiliary head counts 0.4 of the loss (mmsegmentation\'s UperNet)', () => {
  const shape = { model: { name: 'custom', imageSize: 4, patchSize: 2, width: 4, depth: 1, heads: 1, mlpRatio: 2 }, classes: 2, batchSize: 1, layerDecay: null, dropPath: false } as const;
  const lossOf = (auxiliary: boolean): number => tf.tidy(() => {
    const spec = segmentationSpec(shape, {
      params: () => [],
      logits: () => ({ main: tf.zeros([1, 2, 2, 2]), ...(auxiliary ? { auxiliary: () => tf.tensor([2, 0, 2, 0, 2, 0, 2, 0], [1, 2, 2, 2]) } : {}) }),
    });
    const inputs = { images: tf.zeros([1, 4, 4, 3]), labels: tf.zeros([1, 4, 4], 'int32') };
    return spec.functions['train']!.body({ params: {}, inputs, scalars: {} })['loss']!.dataSync()[0]!;
  });
  // log 2, and log(1 + exp(-2)) = 0.126928.
  expect(lossOf(false)).toBeCloseTo(0.693147, 5);
  expect(lossOf(true)).toBeCloseTo(0.693147 + 0.4 * 0.126928, 5);
});

it('logits of overlapping windows are averaged by how many see a pixel, before the map is resized', async () => {
  // Windows of 3 pixels in a square of 4: the left ones give class 0 an advantage of 1, the right ones class 1 one of 1.5. So from left to right the
  // pixels have 1, -0.25, -0.25 and -1.5; between the first two the map of twice the size has 0.75 * 1 - 0.25 * 0.25 and 0.25 * 1 - 0.75 * 0.25, both of class 0.
  const pixels = Uint8Array.from({ length: 4 * 4 * 3 }, (_, i) => Math.floor(i / 3) % 4);
  const evaluate = (_: string, { images }: { readonly images: Uint8Array }) => {
    const data = new Float32Array((images.length / 27) * 9 * 2).map((__, i) => (i % 2 === 1 ? 0 : images[Math.floor(i / 18) * 27] === 0 ? 1 : -1.5));
    return { logits: { shape: [images.length / 27, 3, 3, 2], data } };
  };
  const [map] = await predictMaps({
    compiled: { run: evaluate } as never, batch: 3, view: 3, window: { size: 3, stride: 1 }, annotations: { sizes: [{ height: 8, width: 8 }] }, indices: [0], classes: 2, phases: { enter: () => undefined },
    set: { name: 'toy', size: 4, channels: 3, pixels, unreadable: [], records: [{ id: 'a', label: '', group: null, domain: null, split: null, side: null }] },
  });
  expect([...map as Uint8Array]).toEqual(Array.from({ length: 8 }, () => [0, 0, 0, 1, 1, 1, 1, 1]).flat());
});
