import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { recordKernels } from '../../src/engine/index.js';
import { openEngine } from './open.js';
import { checkGradient } from './gradient.js';
import { compositeCases, gradientCases } from './gradient-cases.js';

beforeAll(async () => {
  await openEngine({ threads: 1 });
});

describe.each(Object.entries(gradientCases))('the gradient of %s', (kernel, cases) => {
  it.each(cases)('agrees with central differences: $name', ({ f, inputs, options }) => {
    checkGradient(f, inputs, options);
  });

  it('is what the cases go through', () => {
    const { f, inputs } = cases[0]!;
    const used = recordKernels(() => {
      tf.tidy(() => tf.grads(f)(inputs.map(({ shape, map = (v: number) => v }) => tf.tensor(Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => map(0.7 - 0.3 * i, i)), [...shape]))));
    });
    expect(used.filter((use) => use.onTape).map((use) => use.name)).toContain(kernel);
  });
});

it.each(compositeCases)('the gradient of tf.$name agrees with central differences', ({ f, inputs, options }) => {
  checkGradient(f, inputs, options);
});

it('finds a gradient that is wrong', () => {
  const wrong = tf.customGrad((x) => ({ value: tf.square(x as tf.Tensor), gradFunc: (dy: tf.Tensor) => tf.mul(dy, 3) }));
  expect(() => checkGradient((x) => wrong(x), [{ shape: [3] }])).toThrow(/numeric/);
});
