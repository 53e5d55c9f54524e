import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { anchorBoxes } from '../../../src/models/detector/anchors.js';
import { detect, detectorLosses, detectorMasks, detectorParams } from '../../../src/models/detector/detector.js';
import { type DetectorShape, levelsOf } from '../../../src/models/detector/shape.js';
import { type BoxStage, cascadeStages, singleStage } from '../../../src/models/detector/stages.js';
import { openEngine } from '../../engine/open.js';
import { difference, seededParameter, summary, type Summary } from '../seeded.js';
import { boxes, far, values } from './made.js';

interface Found { readonly boxes: readonly number[]; readonly scores: readonly number[]; readonly masks: Summary }
interface Reference {
  readonly names: readonly string[];
  /** By picture: anchors that are learned from, and their object; -1 is background. */
  readonly anchors: readonly (readonly (readonly [anchor: number, object: number])[])[];
  readonly losses: Readonly<Record<string, number>>;
  readonly gradients: Readonly<Record<string, Summary>>;
  readonly found: readonly Found[];
}
const reference = JSON.parse(readFileSync(new URL('whole.reference.json', import.meta.url), 'utf8')) as Readonly<Record<'single' | 'cascade', Reference>>;

beforeAll(async () => { await openEngine({ threads: 1 }); });

/** What scripts/reference/detector_whole.py makes too. */
const [pictures, objects, side, counts] = [2, 4, 64, { perLevel: 30, count: 60, regions: 16 }] as const;
const shapeOf = (stages: readonly BoxStage[]): DetectorShape => ({
  model: { name: 'custom', imageSize: side, patchSize: 8, width: 8, depth: 1, heads: 1, mlpRatio: 4 }, classes: 3, stages, levels: [1, 2, 3], anchorCells: 3, channels: 6, boxCells: 3, hidden: 10, mask: { side: 8, convolutions: 2 },
});
const levels = levelsOf(shapeOf(singleStage));
const maps = (): readonly Tensor[] => levels.map((level, i) => values(500 + i, pictures, level.side, level.side, 6));
const extents = (): Tensor => tf.tensor2d([[64, 48], [50, 64]]);
const truthBoxes = Array.from({ length: pictures }, (_, b) => boxes(510 + b, objects, 48));

function ellipses(): Tensor {
  const masks = new Float32Array(pictures * objects * side * side);
  truthBoxes.forEach((own, b) => {
    for (let o = 0; o < objects; o++) {
      const [left, top, right, bottom] = own.subarray(4 * o, 4 * o + 4) as unknown as readonly [number, number, number, number];
      for (let y = 0; y < side; y++) {
        for (let x = 0; x < side; x++) {
          const [across, down] = [(x + 0.5 - (left + right) / 2) / ((right - left) / 2), (y + 0.5 - (top + bottom) / 2) / ((bottom - top) / 2)];
          if (across ** 2 + down ** 2 < 1) masks[((b * objects + o) * side + y) * side + x] = 1;
        }
      }
    }
  });
  return tf.tensor(masks, [pictures, objects, side, side]);
}

function rpnTargets(taken: Reference['anchors']): { readonly labels: Tensor; readonly boxes: Tensor } {
  const anchors = anchorBoxes(levels);
  const all = anchors.length / 4;
  const labels = new Float32Array(pictures * all).fill(-1);
  const targets = Float32Array.from([...anchors, ...anchors]);
  taken.forEach((some, b) => {
    for (const [anchor, object] of some) {
      labels[b * all + anchor] = object < 0 ? 0 : 1;
      if (object >= 0) targets.set(truthBoxes[b]!.subarray(4 * object, 4 * object + 4), (b * all + anchor) * 4);
    }
  });
  return { labels: tf.tensor(labels, [pictures, all]), boxes: tf.tensor(targets, [pictures, all, 4]) };
}

describe.each([['single', singleStage], ['cascade', cascadeStages]] as const)('a whole detector, %s', (name, stages) => {
  const wanted = reference[name];
  const shape = shapeOf(stages);
  const specs = detectorParams(shape, 0).filter((spec) => !spec.name.startsWith('pyramid'));
  const given = (): readonly Tensor[] => specs.map((spec, i) => tf.tensor(seededParameter(300 + i, spec.shape.length > 1 ? 'w' : 'b', spec.shape), [...spec.shape]));
  const named = (tensors: readonly Tensor[]): Record<string, Tensor> => Object.fromEntries(specs.map((spec, i) => [spec.name, tensors[i]!]));

  /** What is to be found, and which regions the heads learn from. */
  const lesson = () => {
    const truth = {
      boxes: tf.stack(truthBoxes.map((own) => tf.tensor(own, [objects, 4]))), present: tf.tensor2d([[1, 1, 1, 0], [1, 1, 0, 0]]), labels: tf.tensor2d([[0, 2, 1, 0], [2, 1, 0, 0]], [pictures, objects], 'int32'), extents: extents(),
      masks: { values: ellipses(), present: tf.tensor2d([[1, 1, 0, 0], [1, 0, 0, 0]]) }, rpn: rpnTargets(wanted.anchors),
    };
    const draws = tf.div(tf.add(values(520, pictures, counts.count + objects), 1), 2);
    return { truth, draws };
  };

  it('has the losses of PyTorch and torchvision, and their gradients for every parameter', () => {
    expect(specs.map((spec) => spec.name)).toEqual(wanted.names);
    const { truth, draws } = lesson();
    const losses = (tensors: readonly Tensor[]): Readonly<Record<string, Tensor>> => detectorLosses(shape, named(tensors), maps(), truth, draws, counts);
    const found = losses(given());
    expect(Object.keys(found).sort()).toEqual(Object.keys(wanted.losses).sort());
    for (const [loss, value] of Object.entries(wanted.losses)) expect(Math.abs(found[loss]!.dataSync()[0]! - value), loss).toBeLessThan(2e-6);
    const gradients = tf.grads((...tensors: Tensor[]) => tf.addN(Object.values(losses(tensors))))([...given()]);
    specs.forEach((spec, i) => {
      const own = gradients[i]!.dataSync();
      expect(difference(summary(own), wanted.gradients[spec.name]!, own.length), spec.name).toBeLessThan(1e-4);
    });
  });

  it.runIf(stages.length > 1)('matches the regions of a later head anew at that head\'s own overlap', () => {
    const { truth, draws } = lesson();
    const classes = (overlap: number): readonly number[] => {
      const own = shapeOf(stages.map((stage, i) => (i === 1 ? { ...stage, iou: overlap } : stage)));
      const found = detectorLosses(own, named(given()), maps(), truth, draws, counts);
      return stages.map((_, i) => found[`classes_${i}`]!.dataSync()[0]!);
    };
    // From 0.01 on nearly every region is of an object, from 0.99 on hardly one.
    const [any, none] = [classes(0.01), classes(0.99)];
    expect([any[0], any[2]]).toEqual([none[0], none[2]]);
    expect(Math.abs(any[1]! - none[1]!)).toBeGreaterThan(0.01);
  });

  it('finds what they find: boxes, probabilities and masks of the proposals that are there', () => {
    const parameters = named(given());
    const found = detect(shape, parameters, maps(), extents(), counts);
    const masks = detectorMasks(shape, parameters, maps(), found.boxes);
    wanted.found.forEach((one, b) => {
      const count = one.boxes.length / 4;
      const ofPicture = (tensor: Tensor): Tensor => tf.slice(tensor, [b], [1]);
      const part = (tensor: Tensor, from: number, size: number): Tensor => tf.slice(tensor, [b, from], [1, size]);
      expect(far(part(found.boxes, 0, count), one.boxes)).toBeLessThan(1e-4);
      expect(far(part(found.scores, 0, count), one.scores)).toBeLessThan(1e-5);
      const own = tf.slice(tf.reshape(ofPicture(masks), [counts.count, 64]), [0, 0], [count, 64]).dataSync();
      expect(difference(summary(own), one.masks, own.length)).toBeLessThan(1e-4);
      // Places of proposals that are not there are sure of nothing.
      if (count < counts.count) expect(Math.max(...part(found.scores, count, counts.count - count).dataSync())).toBe(0);
    });
    expect(wanted.found.some((one) => one.boxes.length / 4 < counts.count)).toBe(true);
  });
});
