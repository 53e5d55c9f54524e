import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { stream } from '../../src/random.js';

/** An input of a gradient check: a shape, with values drawn from N(0, 1) unless they are given. */
export interface GradientInput {
  readonly shape: readonly number[];
  readonly values?: readonly number[];
  /** Applied to the drawn values: keeps an operation's input where it is defined and smooth. */
  readonly map?: (value: number, index: number) => number;
}

export interface GradientOptions {
  /** Half the distance of the two points of a difference. */
  readonly epsilon?: number;
  /** Largest error, relative to the largest gradient of that input (or to 1, when that is smaller). */
  readonly tolerance?: number;
}

export const draw = ({ shape, values, map = (value) => value }: GradientInput, index: number): Float32Array => {
  if (values !== undefined) return Float32Array.from(values);
  const random = stream(1, 'gradient-check', 0, index);
  const size = shape.reduce((product, n) => product * n, 1);
  return Float32Array.from({ length: size }, (_, i) => map(random.normal(), i));
};

/**
 * Compares the gradient of `f` with central differences in every element of every input. The output is weighted with
 * fixed random numbers and summed in float64, so that only the operation itself is rounded to float32. Needs an open engine.
 */
export function checkGradient(f: (...inputs: Tensor[]) => Tensor, inputs: readonly GradientInput[], { epsilon = 1e-2, tolerance = 2e-3 }: GradientOptions = {}): void {
  const arrays = inputs.map(draw);
  const tensors = (): Tensor[] => arrays.map((values, i) => tf.tensor(values.slice(), [...inputs[i]!.shape], 'float32'));
  const outputs = (): Float32Array => tf.tidy(() => f(...tensors()).dataSync() as Float32Array);
  const outputShape = tf.tidy(() => f(...tensors()).shape);
  const weights = draw({ shape: outputShape }, 1000);
  const analytic = tf.tidy(() => tf.grads(f)(tensors(), tf.tensor(weights, outputShape)).map((gradient) => Float32Array.from(gradient.dataSync())));

  arrays.forEach((values, which) => {
    const numeric = values.map((value, i) => {
      const at = (x: number): Float32Array => {
        values[i] = x;
        const result = outputs();
        values[i] = value;
        return result;
      };
      const above = Math.fround(value + epsilon);
      const below = Math.fround(value - epsilon);
      const [up, down] = [at(above), at(below)];
      return up.reduce((sum, y, j) => sum + weights[j]! * (y - down[j]!), 0) / (above - below);
    });
    const scale = Math.max(1, ...numeric.map(Math.abs));
    const worst = numeric.reduce((most, value, i) => Math.max(most, Math.abs(value - analytic[which]![i]!)), 0);
    expect(analytic[which]!.length, `gradient of input ${which} has another size`).toBe(values.length);
    expect(worst / scale, `input ${which}: numeric ${Array.from(numeric).join(', ')} against ${Array.from(analytic[which]!).join(', ')}`).toBeLessThan(tolerance);
  });
}
