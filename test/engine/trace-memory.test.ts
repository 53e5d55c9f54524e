import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import type { CompileSpec } from '../../src/engine/contract.js';
import { openEngine } from './open.js';

/**
 * In a file of its own: the peak is the process's, and what runs before would hide it. A chain of layers on a large batch,
 * whose tape holds every layer's values when it is computed.
 */
const [BATCH, WIDTH, LAYERS] = [65_536, 64, 24];
const megabytes = (BATCH * WIDTH * 4) / 2 ** 20;
const chain = (batch: number): CompileSpec => ({
  params: [{ name: 'w', shape: [WIDTH, WIDTH], value: new Float32Array(WIDTH * WIDTH).fill(0.01), trainable: true, decay: true, lrScale: 1 }],
  optimizer: { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  functions: {
    train: {
      kind: 'train',
      inputs: { x: { shape: [batch, WIDTH], type: 'float32' } },
      scalars: [],
      body: ({ params, inputs }) => {
        let y = inputs['x']!;
        for (let i = 0; i < LAYERS; i++) y = tf.tanh(tf.matMul(y, params['w']!));
        return { loss: tf.mean<tf.Tensor>(tf.square(y)) };
      },
    },
  },
});

/** Growth of the peak memory of this process, MiB. */
const growth = (f: () => void): number => {
  const before = process.resourceUsage().maxRSS;
  f();
  return (process.resourceUsage().maxRSS - before) / 1024;
};

it('tracing takes the memory of a few ops, not of the step, and writes no zeros or ones of a whole batch into the graph', async () => {
  const traced = await openEngine({ threads: 1, mode: 'traced' });
  const eager = await openEngine({ threads: 1, mode: 'eager' });
  // What TensorFlow and tfjs take once is not what is asked for here.
  traced.compile(chain(8)).dispose();
  eager.compile(chain(8)).run('train', { x: new Float32Array(8 * WIDTH) }, { lr: 0, weight_decay: 0 });
  const tracing = growth(() => { traced.compile(chain(BATCH)).dispose(); });
  const computing = growth(() => { eager.compile(chain(BATCH)).run('train', { x: new Float32Array(BATCH * WIDTH) }, { lr: 0, weight_decay: 0 }); });
  expect(computing).toBeGreaterThan(LAYERS * megabytes); // else the bound below would hold for anything
  expect(tracing).toBeLessThan((LAYERS * megabytes) / 2);
});
