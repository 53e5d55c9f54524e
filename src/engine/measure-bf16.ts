import * as tf from '@tensorflow/tfjs-core';
import type { Compiled, Engine, Precision } from './contract.js';
import { describeCpu } from './cpu.js';
import { bf16Problem } from './precision.js';

/** Whether matrix products are faster in bf16 here: how many times as fast as in f32, or why they are not to be had. */
export type Bf16 = { readonly state: 'measured'; readonly speedup: number } | { readonly state: 'refused'; readonly problem: string };

/** One layer of a ViT-B's MLP on 256 tokens: large enough for the product to count, done in some 20 ms. */
const [TOKENS, WIDTH, HIDDEN] = [256, 768, 3072];
const ROUNDS = 9;

/** Times the same layer in both precisions in turns, casts included, and compares the medians. */
export function measureBf16(engine: Engine): Bf16 {
  const problem = bf16Problem(engine.info, describeCpu());
  if (problem !== null) return { state: 'refused', problem };
  const x = Float32Array.from({ length: TOKENS * WIDTH }, (_, i) => ((i * 7) % 13) / 13 - 0.5);
  const layer = (precision: Precision): Compiled => engine.compile({
    precision,
    params: [{ name: 'w', shape: [WIDTH, HIDDEN], value: Float32Array.from({ length: WIDTH * HIDDEN }, (_, i) => ((i * 5) % 11) / 11 - 0.5), trainable: false, decay: false, lrScale: 1 }],
    functions: {
      layer: {
        kind: 'evaluate', inputs: { x: { shape: [TOKENS, WIDTH], type: 'float32' } }, scalars: [],
        body: ({ params, inputs }) => ({ sum: tf.sum(tf.matMul(inputs['x'] as tf.Tensor2D, params['w'] as tf.Tensor2D)) }),
      },
    },
  });
  const layers = [layer('f32'), layer('bf16')].map((compiled) => ({ compiled, times: [] as number[] }));
  for (let round = 0; round <= ROUNDS; round++) {
    for (const { compiled, times } of layers) {
      const start = performance.now();
      compiled.run('layer', { x });
      if (round > 0) times.push(performance.now() - start); // TensorFlow optimises a graph in its first run
    }
  }
  for (const { compiled } of layers) compiled.dispose();
  const [f32, bf16] = layers.map(({ times }) => times.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)]!);
  return { state: 'measured', speedup: f32! / bf16! };
}
