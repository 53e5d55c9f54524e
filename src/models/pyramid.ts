import { maxPool, type Tensor, type Tensor4D } from '@tensorflow/tfjs-core';
import type { Params, ParamSpec } from '../engine/contract.js';
import { type BatchNorm, batchNormParams } from './batch-norm.js';
import { convNormLayer, convNormParams, upConvLayer, upConvolve, upConvParams, upConvWeight } from './conv.js';
import { gelu } from './gelu.js';
import { normParams } from './init.js';
import { layerNormLayer } from './layer-norm.js';
import { param } from './param.js';

export { blockPyramidSides } from './pyramid-sides.js';

/** Maps of several scales from a plain ViT, finest first; p is the patch size in pixels, a map's stride is in pixels. */
export type Pyramid = readonly [Tensor, Tensor, Tensor, Tensor];

/** PyTorch's MaxPool2d(k): rows and columns at the end that fill no window are left out. */
const pooled = (x: Tensor, by: number): Tensor => maxPool(x as Tensor4D, by, by, 'valid');

/** For `blockPyramid`. `width`: channels of the encoder. */
export const blockPyramidParams = (name: string, width: number, patchSize: number, seed: number): readonly ParamSpec[] => [
  upConvWeight(`${name}.fpn1.0`, width, width, seed),
  ...(patchSize >= 16 ? [...batchNormParams(`${name}.fpn1.1`, width), upConvWeight(`${name}.fpn1.3`, width, width, seed), upConvWeight(`${name}.fpn2.0`, width, width, seed)] : []),
];

/**
 * BEiT's and iBOT's pyramid for dense tasks: maps of four blocks, brought to the strides of `blockPyramidSides` by transposed
 * convolutions and max-pools. The transposed convolutions have no bias: batch norms, which stand behind them here or in UperNet, take it away. (methods.md 6.3; for patches of 8: iBOT's evaluation/semantic_segmentation/mmcv_custom/register_backbone.py.)
 *
 * @param maps Of the blocks at 1/3, 1/2, 2/3 and the end (`pyramidBlocks`), each [B, S / p, S / p, D]; for patches below 16 at least 4 a side
 */
export function blockPyramid(params: Params, name: string, [third, half, twoThirds, last]: Pyramid, patchSize: number, norm: BatchNorm): Pyramid {
  const up = (layer: string, x: Tensor): Tensor => upConvolve(x, param(params, `${name}.${layer}.weight`));
  const doubled = up('fpn1.0', third);
  if (patchSize < 16) return [doubled, half, pooled(twoThirds, 2), pooled(last, 4)];
  return [up('fpn1.3', gelu(norm(params, `${name}.fpn1.1`, doubled))), up('fpn2.0', half), twoThirds, pooled(last, 2)];
}

/** The blocks (0-based) at 1/3, 1/2, 2/3 and the end of an encoder: 3, 5, 7, 11 of 12 (iBOT; methods.md 6.3). */
export const pyramidBlocks = (depth: number): readonly [number, number, number, number] =>
  [1 / 3, 1 / 2, 2 / 3, 1].map((share) => Math.max(1, Math.round(depth * share)) - 1) as unknown as readonly [number, number, number, number];

/** Maps of `simplePyramid`: 0 at stride p / 4, 1 at p / 2, 2 at p, 3 at 2 p. */
export type SimpleLevel = 0 | 1 | 2 | 3;
const allLevels: readonly SimpleLevel[] = [0, 1, 2, 3];

/** For `simplePyramid`: `width` channels of the encoder, `channels` of every map. */
export function simplePyramidParams(name: string, width: number, channels: number, seed: number, levels = allLevels): readonly ParamSpec[] {
  const [half, quarter] = [Math.trunc(width / 2), Math.trunc(width / 4)];
  const raised: Record<SimpleLevel, readonly ParamSpec[]> = {
    0: [...upConvParams(`${name}.0.up1`, width, half, seed), ...normParams(`${name}.0.norm`, half), ...upConvParams(`${name}.0.up2`, half, quarter, seed)],
    1: upConvParams(`${name}.1.up1`, width, half, seed),
    2: [],
    3: [],
  };
  const into: Record<SimpleLevel, number> = { 0: quarter, 1: half, 2: width, 3: width };
  return levels.flatMap((level) => [
    ...raised[level],
    ...convNormParams(`${name}.${level}.project`, channels, into[level], 1, seed),
    ...convNormParams(`${name}.${level}.smooth`, channels, channels, 3, seed),
  ]);
}

/**
 * ViTDet's simple feature pyramid (Li et al. 2022, section 3): all maps from the last block alone, at strides p / 4, p / 2, p
 * and 2 p by transposed convolutions (each halving the channels, with LayerNorm and GELU between two), nothing, and a
 * max-pool; then on each a 1 x 1 and a 3 x 3 convolution without bias, each with LayerNorm over channels and no activation.
 *
 * @param last [B, S / p, S / p, D]
 * @returns One map for each of `levels`, in their order
 */
export function simplePyramid(params: Params, name: string, last: Tensor, levels = allLevels): readonly Tensor[] {
  const raise: Record<SimpleLevel, () => Tensor> = {
    0: () => upConvLayer(params, `${name}.0.up2`, gelu(layerNormLayer(params, `${name}.0.norm`, upConvLayer(params, `${name}.0.up1`, last)))),
    1: () => upConvLayer(params, `${name}.1.up1`, last),
    2: () => last,
    3: () => pooled(last, 2),
  };
  return levels.map((level) => convNormLayer(params, `${name}.${level}.smooth`, convNormLayer(params, `${name}.${level}.project`, raise[level]())));
}
