import { add, div, exp, logSoftmax, matMul, mul, neg, sub, sum } from '@tensorflow/tfjs-core';
import type { CompileSpec } from '../../engine/contract.js';

interface LinearShape { readonly rows: number; readonly width: number; readonly classes: number }

/**
 * Loss and gradient of softmax regression on all rows at once. The features and one-hot targets are parameters that
 * nothing trains: they are written once a fit instead of travelling at every step. `weight` is [classes, width].
 */
export function linearSpec({ rows, width, classes }: LinearShape): CompileSpec {
  const frozen = { trainable: false, decay: false, lrScale: 1 } as const;
  return {
    // Rows and weights are few: bf16 would win no time, and round what a convex fit can do exactly.
    precision: 'f32',
    params: [
      { name: 'features', shape: [rows, width], value: new Float32Array(rows * width), ...frozen },
      { name: 'targets', shape: [rows, classes], value: new Float32Array(rows * classes), ...frozen },
    ],
    functions: {
      gradient: {
        kind: 'evaluate',
        inputs: { weight: { shape: [classes, width], type: 'float32' }, bias: { shape: [classes], type: 'float32' } },
        scalars: [],
        body: ({ params, inputs }) => {
          const features = params['features']!;
          const targets = params['targets']!;
          const logProbabilities = logSoftmax(add(matMul(features, inputs['weight']!, false, true), inputs['bias']!));
          // Derivative of the mean cross entropy by the logits.
          const residual = div(sub(exp(logProbabilities), targets), rows);
          return {
            loss: div(neg(sum(mul(targets, logProbabilities))), rows),
            weight: matMul(residual, features, true, false),
            bias: sum(residual, 0),
          };
        },
      },
    },
  };
}
