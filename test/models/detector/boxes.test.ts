import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { anchorBoxes, anchorCounts } from '../../../src/models/detector/anchors.js';
import { decodeBoxes, encodeBoxes } from '../../../src/models/detector/box-coding.js';
import { clipBoxes } from '../../../src/models/detector/boxes.js';
import { boxIou, pairwiseIou } from '../../../src/models/detector/iou.js';
import { background, between, drawAnchors, matchAnchors } from '../../../src/models/detector/match.js';
import { suppress } from '../../../src/models/detector/nms.js';
import { pasteMask } from '../../../src/models/detector/paste.js';
import { keepBest, propose } from '../../../src/models/detector/proposals.js';
import { stream } from '../../../src/random.js';
import { openEngine } from '../../engine/open.js';
import { seeded } from '../seeded.js';
import { boxes, boxTensor, far, reference, values } from './made.js';

/** Numbers from torchvision: scripts/reference/detector.py. */
beforeAll(async () => { await openEngine({ threads: 1 }); });

const levels = [{ stride: 4, side: 6, anchor: 16 }, { stride: 8, side: 3, anchor: 32 }];

describe('anchors', () => {
  it('are those of torchvision around the middle of every cell', () => {
    expect(anchorCounts(levels)).toEqual([108, 27]);
    expect(far(anchorBoxes(levels), reference.anchors)).toBeLessThan(1e-3); // torchvision's are rounded to a thousandth of a pixel
  });

  it('have the same area, and half or twice the height', () => {
    expect([...anchorBoxes([{ stride: 8, side: 1, anchor: 16 }])].map((x) => Math.round(100 * x) / 100)).toEqual([
      4 - 11.31, 4 - 5.66, 4 + 11.31, 4 + 5.66, -4, -4, 12, 12, 4 - 5.66, 4 - 11.31, 4 + 5.66, 4 + 11.31,
    ].map((x) => Math.round(100 * x) / 100));
  });
});

describe('box coding', () => {
  it.each([['rpn', { centre: 1, size: 1 }], ['head', { centre: 10, size: 5 }]] as const)('is that of torchvision with the weights of the %s', (name, weights) => {
    const [one, other] = [boxTensor(100, 40, 32), boxTensor(103, 40, 32)];
    const deltas = tf.mul(values(102, 40, 4), weights.centre).arraySync() as number[][];
    deltas[0]![2] = 100; // grows no further than 62.5 times
    expect(far(encodeBoxes(one, other, weights), reference.coding[name].encoded)).toBeLessThan(1e-4);
    expect(far(decodeBoxes(tf.tensor(deltas), one, weights), reference.coding[name].decoded)).toBeLessThan(1e-3);
  });

  it('comes back', () => {
    const [one, other] = [boxTensor(100, 40, 32), boxTensor(103, 40, 32)];
    const weights = { centre: 20, size: 10 };
    expect(far(decodeBoxes(encodeBoxes(one, other, weights), other, weights), boxes(100, 40, 32))).toBeLessThan(1e-4);
  });

  it('gives numbers for boxes of no size', () => {
    const empty = tf.zeros([2, 4]);
    for (const x of encodeBoxes(empty, empty, { centre: 10, size: 5 }).dataSync()) expect(x).toBe(0);
    for (const x of encodeBoxes(boxTensor(100, 2, 32), empty, { centre: 10, size: 5 }).dataSync()) expect(Number.isFinite(x)).toBe(true);
  });
});

it('cuts boxes off at the edge of each picture', () => {
  const clipped = clipBoxes(tf.tensor3d([[[-3, 2, 40, 50]], [[-3, -2, 40, 50]]]), tf.tensor2d([[32, 20], [16, 60]]));
  expect([...clipped.dataSync()]).toEqual([0, 2, 32, 20, 0, 0, 16, 50]);
});

describe('IoU', () => {
  it('is that of torchvision, on the host and in the graph', () => {
    const [one, other] = [boxes(100, 40, 32), boxes(101, 6, 32)];
    expect(far(Array.from({ length: 240 }, (_, i) => boxIou(one, Math.floor(i / 6), other, i % 6)), reference.iou)).toBeLessThan(1e-6);
    expect(far(pairwiseIou(boxTensor(100, 40, 32), boxTensor(101, 6, 32)), reference.iou)).toBeLessThan(1e-5);
  });

  it('of empty boxes is 0', () => {
    expect(boxIou([1, 1, 1, 1], 0, [1, 1, 1, 1], 0)).toBe(0);
    expect([...pairwiseIou(tf.zeros([1, 1, 4]), tf.zeros([1, 1, 4])).dataSync()]).toEqual([0]);
  });
});

describe('non-maximum suppression', () => {
  const [many, scores] = [boxes(104, 60, 20), Float32Array.from(seeded(105, 60))];
  it.each(['0.3', '0.5'] as const)('keeps what torchvision keeps at %s, of all and by class', (threshold) => {
    const groups = Array.from({ length: 60 }, (_, i) => i % 3);
    expect(suppress(many, scores, Number(threshold))).toEqual(reference.nms[threshold].one);
    expect(suppress(many, scores, Number(threshold), groups)).toEqual(reference.nms[threshold].grouped);
    expect(suppress(many, scores, Number(threshold), groups, 7)).toEqual(reference.nms[threshold].grouped.slice(0, 7));
  });

  it('takes equal scores in their order', () => {
    expect(suppress([0, 0, 4, 4, 0, 0, 4, 4.1, 9, 9, 12, 12], [0.5, 0.5, 0.5], 0.5)).toEqual([0, 2]);
  });

  it('keeps the same in the graph, of boxes that lie on top of each other', () => {
    const crowded = tf.stack(Array.from({ length: 6 }, (_, g) => tf.add(boxTensor(110, 1, 32), tf.mul(values(111 + g, 48, 4), 0.5 + g))));
    expect(keepBest(crowded, 0.7).arraySync()).toEqual(reference.crowded);
  });

  /** The best of the boxes of every cell, three shapes each, where two objects are: neighbours overlap, and those their neighbours. */
  const clustered = (count: number, round: number): readonly (readonly number[])[] => {
    const draws = stream(6, 'test/clustered', count, round);
    const [stride, size, spread] = count > 100 ? [4, 64, 0.05] : [8, 64, 0.1];
    const middles = Array.from({ length: 2 }, () => [draws.between(0, 160), draws.between(0, 160)] as const);
    const all = Array.from({ length: (160 / stride) ** 2 * 3 }, (_, i) => {
      const cell = Math.floor(i / 3);
      const shape = [0.5, 1, 2][i % 3]!;
      const [width, height] = [size * Math.sqrt(shape) * Math.exp(spread * draws.normal()), (size / Math.sqrt(shape)) * Math.exp(spread * draws.normal())];
      const [x, y] = [(cell % (160 / stride)) * stride + spread * size * draws.normal(), Math.floor(cell / (160 / stride)) * stride + spread * size * draws.normal()];
      const near = Math.max(...middles.map(([a, b]) => Math.exp(-((x - a) ** 2 + (y - b) ** 2) / 1800)));
      return { score: near + 0.03 * draws.normal(), box: [x - width / 2, y - height / 2, x + width / 2, y + height / 2] };
    });
    return all.sort((a, b) => b.score - a.score).slice(0, count).map(({ box }) => box);
  };

  it.each([[48, 30], [256, 12], [1000, 12]])('keeps the same as one by one, of %i boxes around two objects', (count, rounds) => {
    for (let round = 0; round < rounds; round++) {
      const found = clustered(count, round);
      const kept = keepBest(tf.tensor3d([found.map((box) => [...box])]), 0.7).dataSync();
      const alone = new Set(suppress(found.flat(), found.map((_, i) => -i), 0.7));
      expect([...kept].flatMap((one, i) => (one === 1 ? [i] : []))).toEqual([...alone].sort((a, b) => a - b));
    }
  });
});

describe('proposals', () => {
  const found = () => propose(tf.add(tf.mul(values(400, 2, 135), 3), tf.reshape(tf.mul(tf.range(0, 270, 1, 'float32'), 1e-4), [2, 135])), tf.mul(values(401, 2, 135, 4), 0.5), tf.tensor2d([[24, 20], [16, 24]]), levels, { perLevel: 24, count: 12, iou: 0.7 });

  it('are those of torchvision', () => {
    const { boxes: proposed, present } = found();
    expect(reference.proposals.counts).toEqual([12, 12]);
    expect(far(proposed, reference.proposals.boxes.flat())).toBeLessThan(1e-3);
    expect([...present.dataSync()]).toEqual(Array<number>(24).fill(1));
  });

  it('are marked as missing where a picture has too few', () => {
    const same = tf.zeros([1, 135, 4]);
    const one = propose(tf.reshape(tf.range(0, 135, 1, 'float32'), [1, 135]), same, tf.tensor2d([[24, 20]]), [levels[0]!, levels[1]!], { perLevel: 40, count: 60, iou: 0 });
    const kept = Array.from(one.present.dataSync());
    expect(kept[0]).toBe(1);
    expect(kept.reduce((sum, x) => sum + x, 0)).toBeLessThan(20);
    expect([...kept]).toEqual([...kept].sort((a, b) => b - a));
  });
});

describe('anchors\' objects', () => {
  it('are those of torchvision\'s matcher', () => {
    const matches = matchAnchors(anchorBoxes(levels), boxes(120, 5, 40), { object: 0.7, background: 0.3 });
    expect([...matches]).toEqual(reference.matches);
    expect(new Set(matches)).toEqual(new Set([background, between, ...[0, 1, 2, 3, 4].filter((object) => reference.matches.includes(object))]));
  });

  it('are none in an empty picture', () => {
    expect([...matchAnchors(anchorBoxes([levels[1]!]), new Float32Array(0), { object: 0.7, background: 0.3 })]).toEqual(Array<number>(27).fill(background));
  });

  it('are drawn: half of the count with an object at most, the rest background, none that is between', () => {
    const matches = Int32Array.from({ length: 400 }, (_, i) => (i % 10 === 0 ? i : i % 10 === 1 ? between : background));
    const labels = drawAnchors(matches, 64, 0.5, stream(0, 'test'));
    const of = (label: number) => [...labels.keys()].filter((i) => labels[i] === label);
    expect([of(1).length, of(0).length]).toEqual([32, 32]);
    for (const i of of(1)) expect(matches[i]).toBeGreaterThanOrEqual(0);
    for (const i of of(0)) expect(matches[i]).toBe(background);
    const few = drawAnchors(matches.map((match, i) => (match >= 0 && i > 50 ? between : match)), 64, 0.5, stream(0, 'test'));
    expect([few.filter((label) => label === 1).length, few.filter((label) => label === 0).length]).toEqual([6, 58]);
    expect(drawAnchors(matches, 64, 0.5, stream(1, 'test'))).not.toEqual(labels);
  });

  it('are drawn equally often', () => {
    const matches = new Int32Array(8).fill(0);
    const counts = new Float64Array(8);
    for (let step = 0; step < 800; step++) drawAnchors(matches, 8, 0.5, stream(0, 'often', step)).forEach((label, i) => { counts[i] = counts[i]! + (label === 1 ? 1 : 0); });
    for (const count of counts) expect(Math.abs(count - 400)).toBeLessThan(70); // five standard deviations
  });
});

describe('pasting a mask', () => {
  it('is sampling at the pixels\' centres', () => {
    const mask = Float32Array.from(seeded(160, 36), (x) => (x + 1) / 2);
    expect([...pasteMask(mask, 0, 6, [2.3, -1.2, 11.8, 7.6], { height: 9, width: 14 })]).toEqual(reference.pasted);
  });

  it('fills the box of a full mask, and nothing else', () => {
    const full = new Float32Array(5).fill(1);
    const pasted = pasteMask(full, 1, 2, [1, 1, 4, 3], { height: 4, width: 5 });
    expect([...pasted]).toEqual([0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0]);
    expect(pasteMask(full, 1, 2, [3, 1, 3, 4], { height: 4, width: 5 }).some((value) => value === 1)).toBe(false);
    expect(pasteMask(full, 1, 2, [-9, -9, -4, -4], { height: 4, width: 5 }).some((value) => value === 1)).toBe(false);
  });
});
