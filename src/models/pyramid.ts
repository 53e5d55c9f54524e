import { maxPool, type Tensor, type Tensor4D } from '@tensorflow/tfjs-core';
import type { Params, ParamSpec } from '../engine/contract.js';
import { convNormLayer, convNormParams, upConvLayer, upConvParams } from './conv.js';
import { gelu } from './gelu.js';
import { normParams } from './init.js';
import { layerNormLayer } from './layer-norm.js';

/** Maps of several scales from a plain ViT, finest first; p is the patch size in pixels, a map's stride is in pixels. */
export type Pyramid = readonly [Tensor, Tensor, Tensor, Tensor];

/** PyTorch's MaxPool2d(2): a last odd row or column is left out. */
const halve = (x: Tensor): Tensor => maxPool(x as Tensor4D, 2, 2, 'valid');

/** For `blockPyramid`. `width`: channels of the encoder. */
export const blockPyramidParams = (name: string, width: number, seed: number): readonly ParamSpec[] => [
  ...upConvParams(`${name}.fpn1.0`, width, width, seed),
  ...normParams(`${name}.fpn1.1`, width),
  ...upConvParams(`${name}.fpn1.3`, width, width, seed),
  ...upConvParams(`${name}.fpn2.0`, width, width, seed),
];

/**
 * BEiT's and iBOT's pyramid for dense tasks: maps of four blocks, brought to strides p / 4, p / 2, p and 2 p by two, one and
 * no transposed convolution and a max-pool. Between the two there is LayerNorm over channels where the original has
 * SyncBN: batches here are small.
 *
 * @param maps Of the blocks at 1/3, 1/2, 2/3 and the end (`pyramidBlocks`), each [B, S / p, S / p, D]
 */
export function blockPyramid(params: Params, name: string, [third, half, twoThirds, last]: Pyramid): Pyramid {
  const doubled = gelu(layerNormLayer(params, `${name}.fpn1.1`, upConvLayer(params, `${name}.fpn1.0`, third)));
  return [upConvLayer(params, `${name}.fpn1.3`, doubled), upConvLayer(params, `${name}.fpn2.0`, half), twoThirds, halve(last)];
}

/** The blocks (0-based) at 1/3, 1/2, 2/3 and the end of an encoder: 3, 5, 7, 11 of 12 (iBOT; methods.md 6.3). */
export const pyramidBlocks = (depth: number): readonly [number, number, number, number] =>
  [1 / 3, 1 / 2, 2 / 3, 1].map((share) => Math.max(1, Math.round(depth * share)) - 1) as unknown as readonly [number, number, number, number];

/** Levels of `simplePyramid`: strides p / 4, p / 2, p and 2 p. */
export const simpleLevels = [0, 1, 2, 3] as const;
export type SimpleLevel = (typeof simpleLevels)[number];

/** For `simplePyramid`: `width` channels of the encoder, `channels` of every map. */
export function simplePyramidParams(name: string, width: number, channels: number, seed: number, levels: readonly SimpleLevel[] = simpleLevels): readonly ParamSpec[] {
  const [half, quarter] = [Math.trunc(width / 2), Math.trunc(width / 4)];
  const out = (level: number, into: number): readonly ParamSpec[] => [
    ...convNormParams(`${name}.${level}.project`, channels, into, 1, seed),
    ...convNormParams(`${name}.${level}.smooth`, channels, channels, 3, seed),
  ];
  const each: Readonly<Record<SimpleLevel, () => readonly ParamSpec[]>> = {
    0: () => [...upConvParams(`${name}.0.up1`, width, half, seed), ...normParams(`${name}.0.norm`, half), ...upConvParams(`${name}.0.up2`, half, quarter, seed), ...out(0, quarter)],
    1: () => [...upConvParams(`${name}.1.up1`, width, half, seed), ...out(1, half)],
    2: () => out(2, width),
    3: () => out(3, width),
  };
  return levels.flatMap((level) => each[level]());
}

/**
 * ViTDet's simple feature pyramid (Li et al. 2022, section 3): all maps from the last block alone, at strides p / 4, p / 2, p
 * and 2 p by transposed convolutions (each halving the channels, with LayerNorm and GELU between two), nothing, and a
 * max-pool; then on each a 1 x 1 and a 3 x 3 convolution without bias, each with LayerNorm over channels and no activation.
 *
 * @param last [B, S / p, S / p, D]
 * @returns one map a level
 */
export function simplePyramid(params: Params, name: string, last: Tensor, levels: readonly SimpleLevel[] = simpleLevels): readonly Tensor[] {
  const out = (level: SimpleLevel, x: Tensor): Tensor => convNormLayer(params, `${name}.${level}.smooth`, convNormLayer(params, `${name}.${level}.project`, x));
  const scaled: Readonly<Record<SimpleLevel, () => Tensor>> = {
    0: () => upConvLayer(params, `${name}.0.up2`, gelu(layerNormLayer(params, `${name}.0.norm`, upConvLayer(params, `${name}.0.up1`, last)))),
    1: () => upConvLayer(params, `${name}.1.up1`, last),
    2: () => last,
    3: () => halve(last),
  };
  return levels.map((level) => out(level, scaled[level]()));
}
