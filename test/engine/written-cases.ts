import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { unitRows } from '../../src/methods/ibot/unit-rows.js';
import { expertLinear } from '../../src/methods/moce/dispatch.js';
import { attend } from '../../src/models/attention.js';
import { absoluteError, binaryCrossEntropy, weightedCrossEntropy } from '../../src/models/detector/losses.js';
import { gelu } from '../../src/models/gelu.js';
import { batchNorm } from '../../src/models/batch-norm.js';
import { layerNorm } from '../../src/models/layer-norm.js';
import { linear, linearOfConstant } from '../../src/models/linear.js';
import { restoreTokens } from '../../src/models/mae-decoder.js';
import { averageTaps, bilinearTaps, resample } from '../../src/models/resample.js';
import { scatterRows, takeTokens } from '../../src/models/rows.js';
import { pixelCrossEntropy, pixelTargets } from '../../src/protocols/dense/pixel-cross-entropy.js';
import { crossEntropy } from '../../src/protocols/fine-tune/cross-entropy.js';
import type { GradientInput } from './gradient.js';

const int = (values: readonly number[], shape: readonly number[]): Tensor => tf.tensor(Int32Array.from(values), [...shape], 'int32');
const constant = (shape: readonly number[]): Tensor => tf.tensor(Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(3 * i + 1)), [...shape]);

/** A case of one operation (`of`), of which a module may have several. */
export interface WrittenGradient { readonly of: string; readonly name: string; readonly f: (...inputs: Tensor[]) => Tensor; readonly inputs: readonly GradientInput[] }

/** Operations whose gradient is written by hand (withGradient), by the module that has them. */
export const writtenGradients: Readonly<Record<string, readonly WrittenGradient[]>> = {
  'methods/ibot/unit-rows.ts': [
    { of: 'unitRows', name: 'unitRows', f: (x) => unitRows(x), inputs: [{ shape: [2, 2, 4] }] },
    { of: 'unitRows', name: 'unitRows behind an open gate', f: (x) => unitRows(x, tf.scalar(1)), inputs: [{ shape: [3, 4] }] },
  ],
  'methods/moce/dispatch.ts': [{
    of: 'expertLinear', name: 'expertLinear, an expert twice and one not at all', f: (x, weight, bias) => expertLinear(x, weight, bias, int([2, 0, 2], [3])),
    inputs: [{ shape: [3, 2, 3] }, { shape: [3, 4, 3] }, { shape: [3, 4] }],
  }],
  'models/attention.ts': [{ of: 'attend', name: 'attend', f: (qkv) => attend(qkv, 2), inputs: [{ shape: [2, 3, 12] }] }],
  'models/detector/losses.ts': [
    { of: 'binaryCrossEntropy', name: 'binaryCrossEntropy', f: (logits) => binaryCrossEntropy(logits, tf.tensor2d([[1, 0, 1], [0, 0.5, 1]]), tf.tensor2d([[1, 0, 2], [1, 1, 1]])), inputs: [{ shape: [2, 3] }] },
    { of: 'absoluteError', name: 'absoluteError', f: (x) => absoluteError(x, tf.tensor2d([[3, -3, 3], [-3, 3, -3]]), tf.tensor2d([[1], [2]])), inputs: [{ shape: [2, 3] }] },
    { of: 'weightedCrossEntropy', name: 'weightedCrossEntropy', f: (logits) => weightedCrossEntropy(logits, tf.tensor2d([[0, 1, 0], [1, 0, 0]]), tf.tensor2d([[1], [0.5]])), inputs: [{ shape: [2, 3] }] },
  ],
  'models/gelu.ts': [{ of: 'gelu', name: 'gelu', f: (x) => gelu(x), inputs: [{ shape: [2, 4] }] }],
  'models/batch-norm.ts': [
    { of: 'batchNorm', name: 'batchNorm of maps', f: (x, gain, bias) => batchNorm({ 'n.weight': gain, 'n.bias': bias }, 'n', x), inputs: [{ shape: [2, 3, 2, 2] }, { shape: [2] }, { shape: [2] }] },
    { of: 'batchNorm', name: 'batchNorm of rows', f: (x, gain, bias) => batchNorm({ 'n.weight': gain, 'n.bias': bias }, 'n', x), inputs: [{ shape: [5, 3] }, { shape: [3] }, { shape: [3] }] },
  ],
  'models/layer-norm.ts': [
    { of: 'layerNorm', name: 'layerNorm of rank 3', f: (x, gain, bias) => layerNorm(x, gain, bias), inputs: [{ shape: [2, 2, 4] }, { shape: [4] }, { shape: [4] }] },
    { of: 'layerNorm', name: 'layerNorm of rank 2', f: (x, gain, bias) => layerNorm(x, gain, bias), inputs: [{ shape: [3, 5] }, { shape: [5] }, { shape: [5] }] },
  ],
  'models/linear.ts': [
    { of: 'linear', name: 'linear of rank 3', f: (x, weight, bias) => linear(x, weight, bias), inputs: [{ shape: [2, 2, 3] }, { shape: [4, 3] }, { shape: [4] }] },
    { of: 'linear', name: 'linear of rank 2', f: (x, weight, bias) => linear(x, weight, bias), inputs: [{ shape: [2, 3] }, { shape: [4, 3] }, { shape: [4] }] },
    { of: 'linearOfConstant', name: 'linearOfConstant', f: (weight, bias) => linearOfConstant(constant([2, 2, 3]), weight, bias), inputs: [{ shape: [4, 3] }, { shape: [4] }] },
  ],
  'models/mae-decoder.ts': [{
    of: 'restoreTokens',
    name: 'restoreTokens',
    f: (tokens, maskToken) => restoreTokens(tokens, maskToken, { keep: int([3, 0, 1, 2], [2, 2]), masked: int([1, 2, 3, 0], [2, 2]), restore: int([1, 2, 2, 0, 2, 0, 1, 2], [2, 4]) }),
    inputs: [{ shape: [2, 3, 2] }, { shape: [1, 1, 2] }],
  }],
  'models/resample.ts': [
    { of: 'resample', name: 'resample, smaller down and larger across', f: (x) => resample(x, averageTaps(3, 2), bilinearTaps(4, 6)), inputs: [{ shape: [2, 3, 4, 2] }] },
  ],
  'models/rows.ts': [
    { of: 'gatherRows', name: 'takeTokens, one of them twice', f: (x) => takeTokens(x, int([2, 0, 1, 1], [2, 2])), inputs: [{ shape: [2, 3, 2] }] },
    { of: 'scatterRows', name: 'scatterRows, two to one place and none to another', f: (x) => scatterRows(x, int([3, 0, 3], [3]), 4), inputs: [{ shape: [3, 2] }] },
  ],
  'protocols/dense/pixel-cross-entropy.ts': [{
    of: 'pixelCrossEntropy', name: 'pixelCrossEntropy, two pixels ignored', f: (logits) => pixelCrossEntropy(logits, pixelTargets(tf.tensor([[[0, 255], [2, 1]], [[255, 1], [2, 2]]]), 3)), inputs: [{ shape: [2, 2, 2, 3] }],
  }],
  'protocols/fine-tune/cross-entropy.ts': [{ of: 'crossEntropy', name: 'crossEntropy', f: (logits) => crossEntropy(logits, tf.tensor([[0.1, 0.9, 0], [0.5, 0.25, 0.25]])), inputs: [{ shape: [2, 3] }] }],
};
