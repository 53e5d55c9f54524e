import { matMul, mul, reshape, softmax, stack, sub, sum, transpose, unstack, type Tensor } from '@tensorflow/tfjs-core';
import type { Params } from '../engine/contract.js';
import { linearLayer } from './linear.js';
import { withGradient } from './with-gradient.js';

/**
 * Scaled dot-product attention of one fused projection, without the input and output projections.
 *
 * @param qkv [B, T, 3 * D], the last axis ordered (q/k/v, head, channel) as in timm
 * @param heads D is a multiple of it
 * @returns [B, T, D]
 */
export function attend(qkv: Tensor, heads: number): Tensor {
  const [batch, tokens, tripled] = qkv.shape as [number, number, number];
  const width = tripled / 3;
  const channels = width / heads;
  const scale = channels ** -0.5;
  return withGradient(
    [qkv],
    (save) => {
      const parted = transpose(reshape(qkv, [batch, tokens, 3, heads, channels]), [2, 0, 3, 1, 4]);
      const [query, key, value] = unstack(parted, 0) as [Tensor, Tensor, Tensor];
      const scaled = mul(query, scale);
      const weights = softmax(matMul(scaled, key, false, true));
      save([scaled, key, value, weights]);
      return reshape(transpose(matMul(weights, value), [0, 2, 1, 3]), [batch, tokens, width]);
    },
    (dy, [scaled, key, value, weights]) => {
      const dHeads = transpose(reshape(dy, [batch, tokens, heads, channels]), [0, 2, 1, 3]);
      const dValue = matMul(weights!, dHeads, true, false);
      const flowing = mul(matMul(dHeads, value!, false, true), weights!);
      const dScores = sub(flowing, mul(weights!, sum(flowing, -1, true)));
      const dQuery = mul(matMul(dScores, key!), scale);
      const dKey = matMul(dScores, scaled!, true, false);
      return [reshape(transpose(stack([dQuery, dKey, dValue]), [1, 3, 0, 2, 4]), [batch, tokens, tripled])];
    },
  );
}

/** What a block does between its two projections: `attend`, or a variant of it (selected-attention.ts). */
export type Attend = typeof attend;

/** Multi-head self-attention with `<name>.qkv` and `<name>.proj`. x: [B, T, D]. */
export const attention = (params: Params, name: string, x: Tensor, heads: number, by: Attend = attend): Tensor =>
  linearLayer(params, `${name}.proj`, by(linearLayer(params, `${name}.qkv`, x), heads));
