import { add, mul, type Tensor } from '@tensorflow/tfjs-core';
import type { Params } from '../engine/contract.js';
import { attention } from './attention.js';
import { gelu } from './gelu.js';
import { layerNormLayer } from './layer-norm.js';
import { linearLayer } from './linear.js';

/** Factors on the two residual branches of a block, each [B, 1, 1] (see drop-path.ts). */
export interface BranchFactors { readonly attention: Tensor; readonly mlp: Tensor }

/** Pre-norm transformer block, timm names under `<name>.`. x: [B, T, D]. */
export function block(params: Params, name: string, x: Tensor, heads: number, factors?: BranchFactors): Tensor {
  const attended = attention(params, `${name}.attn`, layerNormLayer(params, `${name}.norm1`, x), heads);
  const middle = add(x, factors === undefined ? attended : mul(attended, factors.attention));
  const hidden = gelu(linearLayer(params, `${name}.mlp.fc1`, layerNormLayer(params, `${name}.norm2`, middle)));
  const out = linearLayer(params, `${name}.mlp.fc2`, hidden);
  return add(middle, factors === undefined ? out : mul(out, factors.mlp));
}
