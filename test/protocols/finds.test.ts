import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Compiled, HostTensor } from '../../src/engine/contract.js';
import { predict } from '../../src/protocols/mask-rcnn/predict.js';
import { seeded } from '../models/seeded.js';
import { boxes } from '../models/detector/made.js';
import { toyObjects } from './toy-objects.js';

interface Found { readonly boxes: readonly number[]; readonly scores: readonly number[]; readonly categories: readonly number[] }
const reference = JSON.parse(readFileSync(new URL('finds.reference.json', import.meta.url), 'utf8')) as readonly Found[];
const [regions, classes] = [120, 3];

/** Probabilities of the classes; the first of the logits is the background's. */
function probabilities(picture: number): readonly number[] {
  const logits = Array.from(seeded(610 + picture, regions * (classes + 1)), (value) => Math.fround(Math.fround(value) * 3));
  return Array.from({ length: regions }, (_, i) => {
    const powers = logits.slice(i * (classes + 1), (i + 1) * (classes + 1)).map(Math.exp);
    const sum = powers.reduce((total, one) => total + one, 0);
    return powers.slice(1).map((one) => one / sum);
  }).flat();
}

function regionsOf(picture: number): Float32Array {
  const own = boxes(600 + picture, regions, 46);
  return own.map((value, i) => (picture === 0 ? Math.fround(value * 0.25) + (i % 4 < 2 ? 10 : 22) : i % 4 < 2 ? value : own[i - 2]! + Math.fround(Math.fround(value - own[i - 2]!) * 0.3)));
}

it('tells of scored boxes what torchvision tells: threshold, suppression by class, a hundred at most, in pixels of the picture', async () => {
  const outputs: Readonly<Record<string, HostTensor>> = {
    scores: { shape: [2, regions, classes], data: Float32Array.from([...probabilities(0), ...probabilities(1)]) },
    boxes: { shape: [2, regions, 4], data: Float32Array.from([...regionsOf(0), ...regionsOf(1)]) },
  };
  const { set } = toyObjects({ train: 2, validation: 0, test: 0 });
  // Twice as large as their part of the square, which is 48 x 64 and 64 x 50 of 64 x 64 pixels.
  const sizes = [{ height: 96, width: 128 }, { height: 128, width: 100 }];
  const found = await predict({ compiled: { run: () => outputs } as unknown as Compiled, set, annotations: { sizes }, indices: [0, 1], batch: 2, masks: false, score: 0.05, phases: { enter: () => undefined } });
  expect(reference.map(({ scores }) => scores.length)).toEqual([13, 100]);
  expect(found).toHaveLength(2);
  reference.forEach((wanted, picture) => {
    const own = (found as Exclude<typeof found, 'diverged'>)[picture]!;
    expect(own.map(({ category }) => category)).toEqual(wanted.categories);
    own.forEach(({ score, box, mask }, i) => {
      expect(score).toBeCloseTo(wanted.scores[i]!, 6);
      const [left, top, right, bottom] = wanted.boxes.slice(4 * i, 4 * i + 4).map((value) => 2 * value) as [number, number, number, number];
      [left, top, right - left, bottom - top].forEach((value, at) => { expect(box[at]).toBeCloseTo(value, 4); });
      expect(mask).toBe(null);
    });
  });
  expect(await predict({ compiled: { run: () => ({ ...outputs, scores: { ...outputs['scores']!, data: outputs['scores']!.data.map((value, i) => (i === 7 ? NaN : value)) } }) } as unknown as Compiled, set, annotations: { sizes }, indices: [0, 1], batch: 2, masks: false, score: 0.05, phases: { enter: () => undefined } })).toBe('diverged');
});
