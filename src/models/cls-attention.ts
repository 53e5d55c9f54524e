import { matMul, mul, reshape, slice, softmax, transpose, type Tensor } from '@tensorflow/tfjs-core';
import type { Params } from '../engine/contract.js';
import type { VitConfig } from './config.js';
import { layerNormLayer } from './layer-norm.js';
import { linearLayer } from './linear.js';
import { vitTokens } from './vit.js';

/**
 * What the class token looks at in the last block: softmax(q k^T / sqrt(d)) of its query over all tokens, each head's weights on the
 * patches. A row sums to 1 less what the class token gives itself.
 *
 * @param images [B, S, S, 3], 0..255
 * @returns [B, H, L], patches row by row
 */
export function clsAttention(config: VitConfig, params: Params, images: Tensor): Tensor {
  const { width, heads, depth } = config;
  const name = `blocks.${depth - 1}`;
  const x = layerNormLayer(params, `${name}.norm1`, vitTokens({ ...config, depth: depth - 1 }, params, images));
  const [batch, tokens] = x.shape as [number, number, number];
  const channels = width / heads;
  // The last axis is ordered (q/k/v, head, channel).
  const qkv = transpose(reshape(linearLayer(params, `${name}.attn.qkv`, x), [batch, tokens, 3, heads, channels]), [2, 0, 3, 1, 4]);
  const query = reshape(slice(qkv, [0, 0, 0, 0, 0], [1, batch, heads, 1, channels]), [batch, heads, 1, channels]);
  const key = reshape(slice(qkv, [1, 0, 0, 0, 0], [1, batch, heads, tokens, channels]), [batch, heads, tokens, channels]);
  const weights = softmax(matMul(mul(query, channels ** -0.5), key, false, true));
  return reshape(slice(weights, [0, 0, 0, 1], [batch, heads, 1, tokens - 1]), [batch, heads, tokens - 1]);
}
