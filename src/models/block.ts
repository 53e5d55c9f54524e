import { add, mul, reshape, type Tensor } from '@tensorflow/tfjs-core';
import type { Params } from '../engine/contract.js';
import { type Attend, attention } from './attention.js';
import { gelu } from './gelu.js';
import { layerNormLayer } from './layer-norm.js';
import { linearLayer } from './linear.js';

/** Factors on the two residual branches of a block, each [B, 1, 1] (see drop-path.ts). */
export interface BranchFactors { readonly attention: Tensor; readonly mlp: Tensor }

/** What a block does between its norm and its second residual sum. x: [B, T, D], normed. */
export type Mlp = (params: Params, name: string, x: Tensor) => Tensor;

/** Where a block is not the ordinary one. */
interface BlockVariant {
  readonly factors?: BranchFactors | undefined;
  readonly attend?: Attend | undefined;
  readonly feed?: Mlp | undefined;
}

/** Pre-norm transformer block, timm names under `<name>.`. x: [B, T, D]. */
export function block(params: Params, name: string, x: Tensor, heads: number, { factors, attend, feed = mlp }: BlockVariant = {}): Tensor {
  const attended = attention(params, `${name}.attn`, layerNormLayer(params, `${name}.norm1`, x), heads, attend);
  const middle = add(x, factors === undefined ? attended : mul(attended, factors.attention));
  const out = feed(params, `${name}.mlp`, layerNormLayer(params, `${name}.norm2`, middle));
  return add(middle, factors === undefined ? out : mul(out, factors.mlp));
}

/** `<name>.fc1`, GELU, `<name>.fc2`. It works on rows: with no reshape behind the product TensorFlow can fuse GELU with it. */
function mlp(params: Params, name: string, x: Tensor): Tensor {
  const width = x.shape.at(-1)!;
  const hidden = gelu(linearLayer(params, `${name}.fc1`, reshape(x, [x.size / width, width])));
  return reshape(linearLayer(params, `${name}.fc2`, hidden), x.shape);
}
