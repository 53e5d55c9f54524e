import * as tf from '@tensorflow/tfjs-core';
import type { Compiled, Engine, Precision } from './contract.js';

/** The ways in which a GPU computes a step that a person can choose between. */
export interface GpuWay {
  readonly precision: Precision;
  /** With clusters of the graph compiled by XLA. */
  readonly xla: boolean;
  /** Of one small training step: the median. */
  readonly milliseconds: number;
}

/** An MLP of ViT-B on the tokens of some forty images at 224 pixels: what most of a step is, small enough for every GPU. */
const STEP = { tokens: 8192, width: 768, hidden: 3072 };
const ROUNDS = 9;

const values = (length: number, prime: number, size: number): Float32Array => Float32Array.from({ length }, (_, i) => (((i * prime) % 13) / 13 - 0.5) * size);

/** One residual MLP behind a norm, with its gradient and AdamW. Its input is a parameter: nothing has to be copied to the GPU. */
function compileStep(engine: Engine, precision: Precision, { tokens, width, hidden }: typeof STEP): Compiled {
  const param = (name: string, shape: readonly number[], value: Float32Array, trainable = true) => ({ name, shape, value, trainable, decay: trainable, lrScale: 1 });
  return engine.compile({
    precision,
    optimizer: { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
    params: [
      param('x', [tokens, width], values(tokens * width, 7, 1), false),
      param('fc1', [width, hidden], values(width * hidden, 5, 0.05)),
      param('fc2', [hidden, width], values(hidden * width, 11, 0.05)),
    ],
    functions: {
      step: {
        kind: 'train', inputs: {}, scalars: [],
        body({ params }) {
          const x = params['x'] as tf.Tensor2D;
          const centred = tf.sub(x, tf.mean(x, 1, true));
          const normed = tf.div(centred, tf.sqrt(tf.add(tf.mean(tf.square(centred), 1, true), 1e-6)));
          const wide = tf.matMul(normed, params['fc1'] as tf.Tensor2D);
          const active = tf.mul(tf.mul(wide, 0.5), tf.add(tf.erf(tf.mul(wide, Math.SQRT1_2)), 1));
          return { loss: tf.mean(tf.square(tf.add(x, tf.matMul(active as tf.Tensor2D, params['fc2'] as tf.Tensor2D)))) };
        },
      },
    },
  });
}

/** Times the same step in both precisions in turns. The loss is read every time, so the GPU has done all of it. */
export function measureGpu(engine: Engine, xla: boolean, step = STEP): readonly GpuWay[] {
  const ways = (['f32', 'bf16'] as const).map((precision) => ({ precision, compiled: compileStep(engine, precision, step), times: [] as number[] }));
  for (let round = -2; round < ROUNDS; round++) {
    for (const { compiled, times } of ways) {
      const start = performance.now();
      compiled.run('step', {}, { lr: 1e-4, weight_decay: 0.05 });
      if (round >= 0) times.push(performance.now() - start); // the first runs optimise and compile the graph
    }
  }
  for (const { compiled } of ways) compiled.dispose();
  return ways.map(({ precision, times }) => ({ precision, xla, milliseconds: times.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)]! }));
}
