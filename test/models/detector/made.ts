import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { seeded } from '../seeded.js';

/** Values and boxes of scripts/reference/detector.py. */
export const values = (index: number, ...shape: readonly number[]): Tensor =>
  tf.tensor(Float32Array.from(seeded(index, shape.reduce((product, n) => product * n, 1))), [...shape]);

export function boxes(index: number, count: number, size: number): Float32Array {
  const u = seeded(index, 4 * count).map((x) => (x + 1) / 2);
  return Float32Array.from({ length: 4 * count }, (_, i) => {
    const [row, axis] = [Math.floor(i / 4), i % 2];
    const side = size * (0.1 + 0.4 * u[4 * row + 2 + axis]!);
    const start = u[4 * row + axis]! * (size - side);
    return i % 4 < 2 ? start : start + side;
  });
}

export const boxTensor = (index: number, count: number, size: number): Tensor => tf.tensor(boxes(index, count, size), [count, 4]);

/** Largest difference of a tensor's values to those expected. */
export function far(found: Tensor | ArrayLike<number>, wanted: ArrayLike<number>): number {
  const list = found instanceof tf.Tensor ? found.dataSync() : found;
  expect(list.length).toBe(wanted.length);
  return Array.from(wanted).reduce((worst, value, i) => Math.max(worst, Math.abs(value - list[i]!)), 0);
}

interface Coded { readonly encoded: readonly number[]; readonly decoded: readonly number[] }
interface Loss { readonly value: number; readonly gradient: readonly number[] }

export const reference = JSON.parse(readFileSync(new URL('detector.reference.json', import.meta.url), 'utf8')) as {
  readonly anchors: readonly number[];
  readonly coding: Readonly<Record<'rpn' | 'head', Coded>>;
  readonly iou: readonly number[];
  readonly nms: Readonly<Record<'0.3' | '0.5', { readonly one: readonly number[]; readonly grouped: readonly number[] }>>;
  readonly crowded: readonly (readonly number[])[];
  readonly matches: readonly number[];
  readonly align: { readonly levels: readonly number[]; readonly read: readonly number[]; readonly gradients: readonly (readonly number[])[] };
  readonly targets: readonly number[];
  readonly losses: Readonly<Record<'bce' | 'l1' | 'ce', Loss>>;
  readonly proposals: { readonly boxes: readonly (readonly number[])[]; readonly counts: readonly number[] };
  readonly pasted: readonly number[];
  readonly rpn: { readonly objectness: readonly number[]; readonly deltas: readonly number[] };
  readonly box_head: { readonly logits: readonly number[]; readonly deltas: readonly number[] };
  readonly mask_head: readonly number[];
};
