import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { kthLargest } from '../../src/engine/kernels/kth-largest.js';
import { openEngine } from './open.js';

/** Values of the kernels that stand in for those of tfjs-node; their gradients are in gradient.test.ts and graph-ops.test.ts. */
it.each(['eager', 'traced'] as const)('round, %s: halves to the even number, whole numbers as they are', async (mode) => {
  const model = (await openEngine({ threads: 1, mode })).compile({
    params: [],
    functions: {
      round: {
        kind: 'evaluate', inputs: { x: { shape: [8], type: 'float32' }, i: { shape: [2, 2], type: 'int32' } }, scalars: [],
        body: ({ inputs }) => ({ x: tf.round(inputs['x']!), i: tf.round(inputs['i']!) }),
      },
    },
  });
  const { x, i } = model.run('round', { x: Float32Array.of(-2.5, -1.5, -1.2, 0.4, 0.5, 1.5, 2.5, 2.6), i: Int32Array.of(7, -3, 0, 2 ** 30 + 1) });
  expect(x).toEqual({ shape: [8], data: Float32Array.of(-2, -2, -1, 0, 0, 2, 2, 3) });
  expect(i).toEqual({ shape: [2, 2], data: Int32Array.of(7, -3, 0, 2 ** 30 + 1) });
  model.dispose();
});

it.each(['eager', 'traced'] as const)('the k-th largest of each row, %s: equal values count each', async (mode) => {
  const model = (await openEngine({ threads: 1, mode })).compile({
    params: [],
    functions: {
      largest: {
        kind: 'evaluate', inputs: { x: { shape: [2, 1, 5], type: 'float32' } }, scalars: [],
        body: ({ inputs }) => ({ first: kthLargest(inputs['x']!, 1), third: kthLargest(inputs['x']!, 3), last: kthLargest(inputs['x']!, 5) }),
      },
    },
  });
  const { first, third, last } = model.run('largest', { x: Float32Array.of(3, -1, 7, 7, 0.5, -2, -9, -2, -4, -2) });
  expect(first).toEqual({ shape: [2, 1], data: Float32Array.of(7, -2) });
  expect(third).toEqual({ shape: [2, 1], data: Float32Array.of(3, -2) });
  expect(last).toEqual({ shape: [2, 1], data: Float32Array.of(-1, -9) });
  model.dispose();
});
