import { add, div, erf, mean, mul, square, squaredDifference, sub, sum, type Tensor } from '@tensorflow/tfjs-core';
import type { Gate } from './gate.js';

/** (std / mean)^2 over the last axis, of all values, not a sample's (numpy's std). */
function variation(values: Tensor): Tensor {
  const average = mean(values, -1, true);
  return mean(square(div(sub(values, average), average)), -1);
}

/** V-MoE's importance loss: how unequal the experts' summed gate values are, without noise. values: softmax(logits), [U, N]; result: rank 0. */
export const importanceLoss = (values: Tensor): Tensor => variation(sum(values, 0));

/**
 * V-MoE's load loss: how unequal the experts' chances are to be chosen, were their noise drawn anew. For each unit and expert
 * 1 - Phi((largest noisy logit - own logit) / sigma), mean over units. Rank 0.
 */
export function loadLoss({ logits, noisy, chosen }: Pick<Gate, 'logits' | 'noisy' | 'chosen'>, sigma: number): Tensor {
  const threshold = sum(mul(noisy, chosen), -1, true);
  const below = mul(add(erf(mul(sub(threshold, logits), Math.SQRT1_2 / sigma)), 1), 0.5);
  return variation(mean(sub(1, below), 0));
}

/** Minus the mean of the units' (std / mean)^2: -(N - 1) where every choice is certain, 0 where every gate is even. values: [U, N]. */
export const confidenceLoss = (values: Tensor): Tensor => mul(mean(variation(values)), -1);

/** Mean over tokens and channels of the squared difference. */
export const distillationLoss = (tokens: Tensor, teacher: Tensor): Tensor => mean(squaredDifference(tokens, teacher));
