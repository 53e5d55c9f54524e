import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
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
