import { add, argMax, matMul, mul, oneHot, softmax, sum, type Tensor } from '@tensorflow/tfjs-core';
import { withoutGradient } from '../../models/with-gradient.js';

/** The gate of one block for U units. */
export interface Gate {
  /** W_g e, [U, N] */
  readonly logits: Tensor;
  /** With the step's noise. */
  readonly noisy: Tensor;
  /** softmax(noisy), [U, N] */
  readonly values: Tensor;
  /** [U, N], 1 at the largest value of each row (of equal ones the first); no gradient. */
  readonly chosen: Tensor;
  /** The value of the chosen expert, [U, 1]. */
  readonly value: Tensor;
}

/**
 * Top-1 gate: softmax(W_g e + noise). A gradient goes through the values only, not through the choice.
 *
 * @param weight [N, D]
 * @param conditions e: the centres of the images' clusters, or tokens, [U, D]
 * @param noise [U, N]; undefined: none
 */
export function gate(weight: Tensor, conditions: Tensor, noise?: Tensor): Gate {
  const logits = matMul(conditions, weight, false, true);
  const noisy = noise === undefined ? logits : add(logits, noise);
  const values = softmax(noisy);
  const chosen = largestOf(noisy);
  return { logits, noisy, values, chosen, value: sum(mul(values, chosen), -1, true) };
}

/** 1 at the largest of each row. logits: [U, N]. */
export const largestOf = (logits: Tensor): Tensor =>
  withoutGradient(() => oneHot(argMax<Tensor>(logits, -1), logits.shape[1]!, 1, 0, 'float32'));
