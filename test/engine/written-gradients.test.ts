import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../../src/engine/index.js';
import { attend } from '../../src/models/attention.js';
import { gelu } from '../../src/models/gelu.js';
import { layerNorm } from '../../src/models/layer-norm.js';
import { linear, linearOfConstant } from '../../src/models/linear.js';
import { restoreTokens } from '../../src/models/mae-decoder.js';
import { takeTokens } from '../../src/models/rows.js';
import { crossEntropy } from '../../src/protocols/fine-tune/cross-entropy.js';
import { checkGradient, type GradientInput } from './gradient.js';

beforeAll(async () => {
  await openEngine({ threads: 1 });
});

const int = (values: readonly number[], shape: readonly number[]): Tensor => tf.tensor(Int32Array.from(values), [...shape], 'int32');
const constant = (shape: readonly number[]): Tensor => tf.tensor(Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(3 * i + 1)), [...shape]);

interface WrittenGradient { readonly name: string; readonly f: (...inputs: Tensor[]) => Tensor; readonly inputs: readonly GradientInput[] }

/** Operations whose gradient is written by hand (withGradient), by the module that has them. */
const written: Readonly<Record<string, readonly WrittenGradient[]>> = {
  'models/attention.ts': [{ name: 'attend', f: (qkv) => attend(qkv, 2), inputs: [{ shape: [2, 3, 12] }] }],
  'models/gelu.ts': [{ name: 'gelu', f: (x) => gelu(x), inputs: [{ shape: [2, 4] }] }],
  'models/layer-norm.ts': [
    { name: 'layerNorm of rank 3', f: (x, gain, bias) => layerNorm(x, gain, bias), inputs: [{ shape: [2, 2, 4] }, { shape: [4] }, { shape: [4] }] },
    { name: 'layerNorm of rank 2', f: (x, gain, bias) => layerNorm(x, gain, bias), inputs: [{ shape: [3, 5] }, { shape: [5] }, { shape: [5] }] },
  ],
  'models/linear.ts': [
    { name: 'linear of rank 3', f: (x, weight, bias) => linear(x, weight, bias), inputs: [{ shape: [2, 2, 3] }, { shape: [4, 3] }, { shape: [4] }] },
    { name: 'linear of rank 2', f: (x, weight, bias) => linear(x, weight, bias), inputs: [{ shape: [2, 3] }, { shape: [4, 3] }, { shape: [4] }] },
    { name: 'linearOfConstant', f: (weight, bias) => linearOfConstant(constant([2, 2, 3]), weight, bias), inputs: [{ shape: [4, 3] }, { shape: [4] }] },
  ],
  'models/mae-decoder.ts': [{
    name: 'restoreTokens',
    f: (tokens, maskToken) => restoreTokens(tokens, maskToken, { keep: int([3, 0, 1, 2], [2, 2]), masked: int([1, 2, 3, 0], [2, 2]), restore: int([1, 2, 2, 0, 2, 0, 1, 2], [2, 4]) }),
    inputs: [{ shape: [2, 3, 2] }, { shape: [1, 1, 2] }],
  }],
  'models/rows.ts': [{ name: 'takeTokens, one of them twice', f: (x) => takeTokens(x, int([2, 0, 1, 1], [2, 2])), inputs: [{ shape: [2, 3, 2] }] }],
  'protocols/fine-tune/cross-entropy.ts': [{ name: 'crossEntropy', f: (logits) => crossEntropy(logits, tf.tensor([[0.1, 0.9, 0], [0.5, 0.25, 0.25]])), inputs: [{ shape: [2, 3] }] }],
};

describe.each(Object.entries(written))('gradients written by hand in %s', (_, cases) => {
  it.each(cases)('agree with central differences: $name', ({ f, inputs }) => {
    checkGradient(f, inputs);
  });
});

it('covers every module that writes a gradient by hand', () => {
  const source = new URL('../../src/', import.meta.url).pathname;
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const writers = files.filter((file) => /\b(withGradient|customGrad)\s*\(/.test(readFileSync(join(source, file), 'utf8')) && file !== 'models/with-gradient.ts');
  expect(writers.sort()).toEqual(Object.keys(written).sort());
});
