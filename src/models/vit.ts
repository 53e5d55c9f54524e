import { add, concat, gather, mean, reshape, slice, transpose, zeros, type Tensor } from '@tensorflow/tfjs-core';
import type { Params, ParamSpec } from '../engine/contract.js';
import type { Attend } from './attention.js';
import { block, type Mlp } from './block.js';
import { patchCount, type VitConfig } from './config.js';
import { branchFactors } from './drop-path.js';
import { patchify } from './images.js';
import { blockParams, fixed, normal, normParams, trained, xavierUniform } from './init.js';
import { layerNormLayer } from './layer-norm.js';
import { linearOfConstant } from './linear.js';
import { param } from './param.js';
import { sinCosPositions } from './positions.js';
import { takeTokens } from './rows.js';

export { vitShapes } from './vit-shapes.js';

/**
 * The encoder's parameters with MAE's initial values, named as in timm's VisionTransformer. `pos_embed` is fixed.
 * Every later method starts from these: equal seeds give equal encoders.
 */
export function vitParams(config: VitConfig, seed: number): readonly ParamSpec[] {
  const { width, patchSize, depth, mlpRatio } = config;
  const kernel = [width, 3, patchSize, patchSize];
  return [
    trained('cls_token', [1, 1, width], normal('cls_token', [1, 1, width], 0.02, seed)),
    fixed('pos_embed', [1, patchCount(config) + 1, width], sinCosPositions(width, config.imageSize / patchSize)),
    trained('patch_embed.proj.weight', kernel, xavierUniform('patch_embed.proj.weight', kernel, seed)),
    trained('patch_embed.proj.bias', [width], new Float32Array(width)),
    ...Array.from({ length: depth }, (_, i) => blockParams(`blocks.${i}`, width, mlpRatio, seed)).flat(),
    ...normParams('norm', width),
  ];
}

/**
 * Patch tokens with positions, without the class token.
 *
 * @param patches [B, L, p * p * 3] from `patchify`
 * @param keep int32 [B, K]: patches that become tokens, in this order; without it all do, row by row
 * @returns [B, K or L, D]
 */
export function embedPatches(config: VitConfig, params: Params, patches: Tensor, keep?: Tensor): Tensor {
  const { width, patchSize } = config;
  const count = patchCount(config);
  // The convolution's kernel in the order of the patches' values: rows, columns, channel fastest.
  const kernel = reshape(transpose(param(params, 'patch_embed.proj.weight'), [0, 2, 3, 1]), [width, patchSize ** 2 * 3]);
  const bias = param(params, 'patch_embed.proj.bias');
  const positions = slice(param(params, 'pos_embed'), [0, 1, 0], [1, count, width]);
  if (keep === undefined) return add(linearOfConstant(patches, kernel, bias), positions);
  // Each patch is embedded on its own: leaving patches out before is the same as after, and cheaper.
  const tokens = linearOfConstant(takeTokens(patches, keep, true), kernel, bias);
  return add(tokens, gather(reshape(positions, [count, width]), keep));
}

interface VitOptions {
  /** [2 * depth, B], see drop-path.ts. */
  readonly dropPath?: Tensor;
  /** Attention of each block, 0-based, where it is not the ordinary one. */
  attend?(block: number): Attend | undefined;
  /** The same of each block's MLP. */
  feed?(block: number): Mlp | undefined;
}

/**
 * Puts the class token in front and runs the blocks. The final norm is not applied.
 *
 * @param tokens [B, K, D] from `embedPatches`
 * @returns [B, K + 1, D]
 */
export const encode = (config: VitConfig, params: Params, tokens: Tensor, options: VitOptions = {}): Tensor =>
  runBlocks(config, params, withClassToken(config, params, tokens), options);

function withClassToken(config: VitConfig, params: Params, tokens: Tensor): Tensor {
  const batch = tokens.shape[0];
  const cls = add(param(params, 'cls_token'), slice(param(params, 'pos_embed'), [0, 0, 0], [1, 1, config.width]));
  return concat([add(zeros([batch, 1, config.width]), cls), tokens], 1);
}

/** The encoder's blocks on tokens as they are: [B, T, D]. */
export const runBlocks = (config: VitConfig, params: Params, tokens: Tensor, options: VitOptions = {}): Tensor =>
  blockOutputs(config, params, tokens, options).at(-1) ?? tokens;

/** What every block gives, each [B, T, D], first block first. */
function blockOutputs(config: VitConfig, params: Params, tokens: Tensor, { dropPath, attend, feed }: VitOptions): readonly Tensor[] {
  const factors = dropPath === undefined ? undefined : branchFactors(dropPath);
  const outputs: Tensor[] = [];
  for (let i = 0; i < config.depth; i++) {
    outputs.push(block(params, `blocks.${i}`, outputs.at(-1) ?? tokens, config.heads, { factors: factors?.[i], attend: attend?.(i), feed: feed?.(i) }));
  }
  return outputs;
}

/** Tokens of whole images before the final norm. images: [B, S, S, 3], 0..255. Result: [B, L + 1, D], class token first. */
export const vitTokens = (config: VitConfig, params: Params, images: Tensor, options: VitOptions = {}): Tensor =>
  encode(config, params, embedPatches(config, params, patchify(images, config.patchSize)), options);

/**
 * Patch tokens of whole images after each of some blocks, before the final norm, as maps: [B, S / p, S / p, D]. For pictures
 * of another size than the encoder's own, `config` has that size and the parameters `pos_embed` positions that fit it
 * (`fittedEncoder`).
 *
 * @param images [B, S, S, 3], 0..255
 * @param blocks 0-based
 */
export function vitBlocks(config: VitConfig, params: Params, images: Tensor, blocks: readonly number[], options: VitOptions = {}): readonly Tensor[] {
  const { width, patchSize, imageSize } = config;
  const [batch, side] = [images.shape[0], imageSize / patchSize];
  const outputs = blockOutputs(config, params, withClassToken(config, params, embedPatches(config, params, patchify(images, patchSize))), options);
  return blocks.map((i) => reshape(slice(outputs[i]!, [0, 1, 0], [batch, side * side, width]), [batch, side, side, width]));
}

/** `cls`: the class token after `norm`. `mean`: the mean patch token before any norm, then `fc_norm` (MAE's fine-tuning). */
type Pool = 'cls' | 'mean';

/**
 * One feature vector an image: [B, D].
 *
 * `mean` needs the parameters `fc_norm.*` where `norm` says `fc_norm`; frozen features use the encoder's own `norm` on all
 * tokens and average after it (`norm`).
 */
export function poolTokens(config: VitConfig, params: Params, tokens: Tensor, pool: Pool, norm: 'norm' | 'fc_norm' = 'norm'): Tensor {
  const [batch, count] = tokens.shape as [number, number, number];
  const { width } = config;
  if (pool === 'cls') return layerNormLayer(params, 'norm', reshape(slice(tokens, [0, 0, 0], [batch, 1, width]), [batch, width]));
  const patches = (x: Tensor): Tensor => slice(x, [0, 1, 0], [batch, count - 1, width]);
  if (norm === 'fc_norm') return layerNormLayer(params, 'fc_norm', mean(patches(tokens), 1));
  return mean(layerNormLayer(params, 'norm', patches(tokens)), 1);
}
