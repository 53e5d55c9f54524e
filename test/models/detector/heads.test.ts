import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { describeCpu } from '../../../src/engine/cpu.js';
import { bf16Problem } from '../../../src/engine/precision.js';
import { drawRegions, matchBoxes } from '../../../src/models/detector/assign.js';
import { boxHead, boxHeadParams } from '../../../src/models/detector/box-head.js';
import { detectorLosses, detectorParams } from '../../../src/models/detector/detector.js';
import { absoluteError, binaryCrossEntropy, perCount, weightedCrossEntropy } from '../../../src/models/detector/losses.js';
import { maskHead, maskHeadParams, maskTargets } from '../../../src/models/detector/mask-head.js';
import { levelWeights, roiAlign } from '../../../src/models/detector/roi-align.js';
import { rpn, rpnLosses, rpnParams } from '../../../src/models/detector/rpn.js';
import { type DetectorShape, levelsOf } from '../../../src/models/detector/shape.js';
import { cascadeStages } from '../../../src/models/detector/stages.js';
import type { FunctionSpec, HostArray, InputSpec, ParamSpec, Precision } from '../../../src/engine/contract.js';
import { stream } from '../../../src/random.js';
import { testDevice } from '../../engine/device.js';
import { openEngine } from '../../engine/open.js';
import { seededParameter } from '../seeded.js';
import { boxes, boxTensor, far, reference, values } from './made.js';

beforeAll(async () => { await openEngine({ threads: 1 }); });

/** Parameters with the formula's values, numbered in their order. */
const tensors = (specs: readonly ParamSpec[]): Record<string, Tensor> => Object.fromEntries(specs.map(({ name, shape }, i) => [name, tf.tensor(seededParameter(i, shape.length > 1 ? 'w' : 'b', shape), [...shape])]));

describe('RoIAlign', () => {
  const levels = [{ stride: 4, side: 8, anchor: 4 }, { stride: 8, side: 4, anchor: 8 }];
  const regions = (): Tensor => {
    const first = boxes(132, 7, 32);
    first.set([0, 0, 32, 32]);
    return tf.stack([tf.tensor(first, [7, 4]), boxTensor(133, 7, 32)]);
  };
  const nhwc = (x: Tensor): Tensor => tf.transpose(x, [0, 2, 3, 1]);

  it('reads each region from the level of its size', () => {
    const sizes = tf.tidy(() => tf.prod(tf.sub(tf.slice(regions(), [0, 0, 2], [2, 7, 2]), tf.slice(regions(), [0, 0, 0], [2, 7, 2])), 2));
    const [fine, coarse] = levelWeights(sizes, levels);
    expect([...coarse!.dataSync()]).toEqual(reference.align.levels);
    expect([...fine!.dataSync()]).toEqual(reference.align.levels.map((level) => 1 - level));
    expect(new Set(reference.align.levels).size).toBe(2);
  });

  it('has the values and the gradients of torchvision', () => {
    const maps = [nhwc(values(130, 2, 5, 8, 8)), nhwc(values(131, 2, 5, 4, 4))];
    const align = (...given: Tensor[]): Tensor => roiAlign(given, levels, regions(), 3);
    expect(far(align(...maps), reference.align.read)).toBeLessThan(1e-5);
    const gradients = tf.grads(align)(maps, values(134, 14, 3, 3, 5));
    gradients.forEach((gradient, i) => expect(far(gradient, reference.align.gradients[i]!)).toBeLessThan(1e-5));
  });
});

it('makes mask targets as RoIAlign reads the object\'s mask', () => {
  const masks = tf.cast(tf.greater(values(140, 3, 1, 32, 32), -0.4), 'float32');
  const regions = tf.stack([boxTensor(141, 2, 32), boxTensor(142, 2, 32), boxTensor(143, 2, 32)]);
  expect([...maskTargets(masks, tf.ones([3, 2, 1]), regions, 6).dataSync()]).toEqual(reference.targets);
  // Of two objects each region has its own.
  const two = tf.concat([tf.zeros([3, 1, 32, 32]), masks], 1);
  expect([...maskTargets(two, tf.tensor([0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1], [3, 2, 2]), regions, 6).dataSync()]).toEqual(reference.targets);
});

describe('losses', () => {
  const logits = (): Tensor => tf.mul(values(150, 3, 4), 4);
  const weights = (): Tensor => tf.cast(tf.greater(values(152, 3, 4), -0.5), 'float32');
  it.each([
    ['bce', (x: Tensor) => binaryCrossEntropy(x, tf.cast(tf.greater(values(151, 3, 4), 0), 'float32'), weights())],
    ['l1', (x: Tensor) => absoluteError(x, values(153, 3, 4), weights())],
    ['ce', (x: Tensor) => weightedCrossEntropy(x, tf.oneHot(tf.tensor1d([2, 0, 1], 'int32'), 4), tf.tensor2d([1, 0, 1], [3, 1]))],
  ] as const)('%s is that of PyTorch, with its gradient', (name, loss) => {
    expect(loss(logits()).dataSync()[0]).toBeCloseTo(reference.losses[name].value, 4);
    expect(far(tf.grad(loss)(logits()), reference.losses[name].gradient)).toBeLessThan(1e-5);
  });

  it('are 0 where nothing is counted', () => {
    expect(perCount(tf.scalar(0), tf.scalar(0)).dataSync()[0]).toBe(0);
    expect(perCount(tf.scalar(6), tf.scalar(4)).dataSync()[0]).toBe(1.5);
  });

  it('of proposals are by the number of drawn anchors', () => {
    const levels = [{ stride: 8, side: 1, anchor: 16 }];
    const anchors = [4 - 8 * Math.SQRT2, 4 - 4 * Math.SQRT2, 4 + 8 * Math.SQRT2, 4 + 4 * Math.SQRT2, -4, -4, 12, 12, 4 - 4 * Math.SQRT2, 4 - 8 * Math.SQRT2, 4 + 4 * Math.SQRT2, 4 + 8 * Math.SQRT2];
    const wanted = anchors.slice();
    wanted.splice(4, 4, 0, -4, 16, 12); // the square one's object lies a quarter of its width to the right
    const { objectness, boxes: moves } = rpnLosses(
      { objectness: tf.tensor2d([[0, Math.log(3), 2]]), deltas: tf.tensor3d([[[9, 9, 9, 9], [0.5, 0, 0, -1], [9, 9, 9, 9]]]) },
      { labels: tf.tensor2d([[0, 1, -1]]), boxes: tf.tensor(wanted, [1, 3, 4]) }, levels,
    );
    expect(objectness.dataSync()[0]).toBeCloseTo((Math.log(2) + Math.log(4 / 3)) / 2, 6);
    expect(moves.dataSync()[0]).toBeCloseTo((0.25 + 1) / 2, 5);
  });
});

describe('the networks', () => {
  it('give what PyTorch gives: region proposals', () => {
    const { objectness, deltas } = rpn(tensors(rpnParams(4, 0)), [tf.transpose(values(170, 2, 4, 7, 7), [0, 2, 3, 1])]);
    expect(far(objectness, reference.rpn.objectness)).toBeLessThan(1e-5);
    expect(far(deltas, reference.rpn.deltas)).toBeLessThan(1e-5);
  });

  it('give what PyTorch gives: box head', () => {
    const { logits, deltas } = boxHead(tensors(boxHeadParams('h', { cells: 7, channels: 4, hidden: 6, classes: 3 }, 0)), 'h', tf.transpose(values(170, 2, 4, 7, 7), [0, 2, 3, 1]));
    expect(far(logits, reference.box_head.logits)).toBeLessThan(1e-5);
    expect(far(deltas, reference.box_head.deltas)).toBeLessThan(1e-5);
  });

  it('give what PyTorch gives: mask head', () => {
    const logits = maskHead(tensors(maskHeadParams({ channels: 4, convolutions: 1 }, 0)), { convolutions: 1 }, tf.transpose(values(170, 2, 4, 7, 7), [0, 2, 3, 1]));
    expect(logits.shape).toEqual([2, 14, 14]);
    expect(far(logits, reference.mask_head)).toBeLessThan(1e-5);
  });
});

describe('regions', () => {
  const square = (x: number, y = 0, side = 10): number[] => [x, y, x + side, y + side];
  const objects = () => ({ boxes: tf.tensor([[square(0), square(50), square(0)]]), present: tf.tensor2d([[1, 1, 0]]) });
  /** IoU with the first object: 1, 0.6, 0.5 (10 * 15 around), 0.25; with the second: 1. */
  const proposals = [square(0), square(2.5), [0, 0, 10, 20], [0, 0, 10, 40], square(50), square(90)];
  const given = (present: readonly number[] = [1, 1, 1, 1, 1, 1]) => ({ boxes: tf.tensor([proposals]), present: tf.tensor2d([[...present]]) });
  const rule = { count: 8, foreground: 4, iou: 0.5 };
  const draws = (...numbers: readonly number[]): Tensor => tf.tensor2d([[...numbers]]);

  it('are of the object that they overlap most, the first of equals, none that is not there', () => {
    const { overlap, object } = matchBoxes(tf.tensor([proposals]), objects());
    expect(far(overlap, [1, 0.6, 0.5, 0.25, 1, 0])).toBeLessThan(1e-6);
    expect((object.arraySync() as number[][][])[0]!.map((row) => row.indexOf(1))).toEqual([0, 0, 0, 0, 1, 0]);
    expect([...matchBoxes(tf.tensor([proposals]), { boxes: objects().boxes, present: tf.zeros([1, 3]) }).overlap.dataSync()]).toEqual([-1, -1, -1, -1, -1, -1]);
  });

  it('hold the objects themselves, those with an object first, the largest numbers first', () => {
    const all = drawRegions(given(), objects(), draws(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9), { ...rule, foreground: 8 });
    expect((all.boxes.arraySync() as number[][][])[0]).toEqual([square(50), square(0), square(50), [0, 0, 10, 20], square(2.5), square(0), square(90), [0, 0, 10, 40]]);
    expect(all.foreground.arraySync()).toEqual([[1, 1, 1, 1, 1, 1, 0, 0]]);
    expect(all.present.arraySync()).toEqual([[1, 1, 1, 1, 1, 1, 1, 1]]);
    expect((all.object.arraySync() as number[][][])[0]!.slice(0, 6).map((row) => row.indexOf(1))).toEqual([1, 0, 1, 0, 0, 0]);
  });

  it('are of an object as often as the rule says, at most', () => {
    const some = drawRegions(given([1, 1, 1, 1, 0, 1]), objects(), draws(0.9, 0.2, 0.3, 0.4, 0.5, 0.6, 0.1, 0.15, 0.95), { ...rule, foreground: 2 });
    expect((some.boxes.arraySync() as number[][][])[0]).toEqual([square(0), [0, 0, 10, 20], square(90), [0, 0, 10, 40], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]);
    expect(some.foreground.arraySync()).toEqual([[1, 1, 0, 0, 0, 0, 0, 0]]);
    expect(some.present.arraySync()).toEqual([[1, 1, 1, 1, 0, 0, 0, 0]]);
  });

  it('stand apart where numbers are equal, the first before', () => {
    const all = drawRegions(given(), objects(), draws(...new Array<number>(9).fill(0.5)), { ...rule, foreground: 8 });
    expect((all.boxes.arraySync() as number[][][])[0]).toEqual([square(0), square(2.5), [0, 0, 10, 20], square(50), square(0), square(50), [0, 0, 10, 40], square(90)]);
    expect(all.present.arraySync()).toEqual([[1, 1, 1, 1, 1, 1, 1, 1]]);
    expect(all.foreground.arraySync()).toEqual([[1, 1, 1, 1, 1, 1, 0, 0]]);
  });

  it('are drawn by chance, whatever their order', () => {
    const counts = new Map<string, number>();
    for (let step = 0; step < 200; step++) {
      const chance = stream(0, 'regions', step);
      const drawn = tf.tidy(() => drawRegions(given(), objects(), draws(...Array.from({ length: 9 }, () => chance.uniform())), { ...rule, foreground: 2 }).boxes.arraySync() as number[][][]);
      for (const box of drawn[0]!.slice(0, 2)) counts.set(box.join(), (counts.get(box.join()) ?? 0) + 1);
    }
    // Two of six: square(0) and square(50) stand there twice each, as proposal and as object.
    expect(Math.abs(counts.get(square(0).join())! - 400 / 3)).toBeLessThan(35);
    expect(Math.abs(counts.get(square(50).join())! - 400 / 3)).toBeLessThan(35);
    expect(Math.abs(counts.get(square(2.5).join())! - 200 / 3)).toBeLessThan(35);
  });
});

/** Products of ones and zeros with counts and coordinates select; bfloat16 would round what they select to 8 bits. */
describe.runIf(bf16Problem({ mode: 'traced', device: testDevice, oneDnn: true }, describeCpu()) === null)('in bf16', () => {
  const numbers = (...shape: readonly number[]): InputSpec => ({ shape, type: 'float32' });
  const computed = async (precision: Precision, params: readonly ParamSpec[], specs: Readonly<Record<string, InputSpec>>, given: Readonly<Record<string, HostArray>>, body: FunctionSpec['body']) => {
    const compiled = (await openEngine({ threads: 1 })).compile({ params, precision, functions: { all: { kind: 'evaluate', inputs: specs, scalars: [], body } } });
    const outputs = compiled.run('all', given);
    compiled.dispose();
    return (name: string): readonly number[] => [...outputs[name]!.data];
  };

  it('each of many regions has its own place, and its box to the bit', async () => {
    const [count, drawn] = [600, 300];
    // Thousands of pixels and eighths of one: 16 bits.
    const proposals = Array.from({ length: count }, (_, i) => [4000 + i / 8, 4096 - i / 8, 4100 + i / 4, 4200 + i / 2]);
    const object = [0, 0, 1000.125, 2000.25];
    const output = await computed('bf16', [], { boxes: numbers(1, count, 4), objects: numbers(1, 1, 4), draws: numbers(1, count + 1) }, {
      boxes: Float32Array.from(proposals.flat()), objects: Float32Array.from(object), draws: Float32Array.from({ length: count + 1 }, (_, i) => 1 - i / 1024),
    }, ({ inputs }) => {
      const { boxes: regions, present } = drawRegions({ boxes: inputs['boxes']!, present: tf.ones([1, count]) }, { boxes: inputs['objects']!, present: tf.ones([1, 1]) }, inputs['draws']!, { count: drawn, foreground: 75, iou: 0.5 });
      return { regions, present };
    });
    // The object overlaps itself alone; the others come in their order.
    expect(output('regions')).toEqual([object, ...proposals.slice(0, drawn - 1)].flat());
    expect(output('present')).toEqual(new Array<number>(drawn).fill(1));
  });

  it('the boxes that the heads should tell are those of f32', async () => {
    const shape: DetectorShape = {
      model: { name: 'custom', imageSize: 64, patchSize: 8, width: 8, depth: 1, heads: 1, mlpRatio: 4 }, classes: 2, stages: cascadeStages, levels: [2, 3], anchorCells: 3, channels: 4, boxCells: 2, hidden: 4, mask: null,
    };
    // With zeros as parameters the heads move nothing, whatever products round: the losses of boxes are what should be told.
    const params = detectorParams(shape, 0).map((one) => ({ ...one, value: new Float32Array(one.value.length) }));
    const anchors = 3 * (64 + 16);
    // Each near the anchor of a cell, with an IoU above 0.8, so that every stage has boxes to move.
    const given = {
      boxes: Float32Array.of(1.3, 0.7, 24.9, 25.1, 31.01, 30.77, 55.3, 53.9), extents: Float32Array.of(64, 63), draws: Float32Array.from({ length: anchors + 2 }, (_, i) => (i * 37 % 242) / 242),
    };
    const losses = async (precision: Precision) => computed(precision, params, { boxes: numbers(1, 2, 4), extents: numbers(1, 2), draws: numbers(1, anchors + 2) }, given, ({ params: all, inputs }) => detectorLosses(
      shape, all, levelsOf(shape).map(({ side }) => tf.zeros([1, side, side, 4])),
      {
        boxes: inputs['boxes']!, extents: inputs['extents']!, present: tf.ones([1, 2]), labels: tf.tensor2d([[0, 1]], [1, 2], 'int32'), masks: null,
        rpn: { labels: tf.fill([1, anchors], -1), boxes: tf.zeros([1, anchors, 4]) },
      },
      inputs['draws']!, { perLevel: 192, count: anchors, regions: 128 },
    ));
    const [f32, bf16] = [await losses('f32'), await losses('bf16')];
    for (const stage of [0, 1, 2]) {
      const [wanted] = f32(`boxes_${stage}`);
      expect(wanted).toBeGreaterThan(0.01);
      expect(Math.abs(bf16(`boxes_${stage}`)[0]! / wanted! - 1)).toBeLessThan(1e-5);
    }
  });
});
