import { add, concat, relu, type Tensor } from '@tensorflow/tfjs-core';
import type { Params, ParamSpec } from '../engine/contract.js';
import type { BatchNorm } from './batch-norm.js';
import { convBatchNormLayer, convBatchNormParams, convLayer, convParams } from './conv.js';
import type { Pyramid } from './pyramid.js';
import { adaptiveAveragePool, resizeBilinear } from './resample.js';
import { poolBins } from './segmentation-macs.js';

/** Standard deviation of a classifier's first weights (mmsegmentation). */
const classifierStd = 0.01;

/** mmsegmentation's ConvModule: convolution, batch norm (its SyncBN on one device), ReLU. */
const module = (params: Params, name: string, x: Tensor, norm: BatchNorm): Tensor => relu(convBatchNormLayer(params, name, x, norm));

/** For `uperNet`. `width`: channels of the pyramid's maps; `channels`: those of the head. */
export const uperNetParams = (name: string, width: number, channels: number, classes: number, seed: number): readonly ParamSpec[] => [
  ...poolBins.flatMap((_, i) => convBatchNormParams(`${name}.psp_modules.${i}.1`, channels, width, 1, seed)),
  ...convBatchNormParams(`${name}.bottleneck`, channels, width + poolBins.length * channels, 3, seed),
  ...[0, 1, 2].flatMap((level) => [...convBatchNormParams(`${name}.lateral_convs.${level}`, channels, width, 1, seed), ...convBatchNormParams(`${name}.fpn_convs.${level}`, channels, channels, 3, seed)]),
  ...convBatchNormParams(`${name}.fpn_bottleneck`, channels, 4 * channels, 3, seed),
  ...convParams(`${name}.conv_seg`, classes, channels, 1, seed, classifierStd),
];

/**
 * UperNet (Xiao et al. 2018) as mmsegmentation's UPerHead: pyramid pooling on the coarsest map, lateral convolutions, sums
 * from coarse to fine, all maps brought to the finest, fused and classified. Names are UPerHead's. Its dropout before the
 * classifier is left out.
 *
 * @returns logits [B, H, W, classes] at the finest map's size
 */
export function uperNet(params: Params, name: string, maps: Pyramid, norm: BatchNorm): Tensor {
  const coarsest = maps[3];
  const like = (x: Tensor, map: Tensor): Tensor => resizeBilinear(x, map.shape[1]!, map.shape[2]!);
  const pools = poolBins.map((bins, i) => like(module(params, `${name}.psp_modules.${i}.1`, adaptiveAveragePool(coarsest, bins), norm), coarsest));
  let above = module(params, `${name}.bottleneck`, concat([coarsest, ...pools], 3), norm);
  const fused: Tensor[] = [above];
  for (const level of [2, 1, 0] as const) {
    const lateral = module(params, `${name}.lateral_convs.${level}`, maps[level], norm);
    above = add(lateral, like(above, lateral));
    fused.unshift(module(params, `${name}.fpn_convs.${level}`, above, norm));
  }
  const all = concat(fused.map((map) => like(map, fused[0]!)), 3);
  return convLayer(params, `${name}.conv_seg`, module(params, `${name}.fpn_bottleneck`, all, norm));
}

/** For `fcnHead`. */
export const fcnHeadParams = (name: string, width: number, channels: number, classes: number, seed: number): readonly ParamSpec[] =>
  [...convBatchNormParams(`${name}.convs.0`, channels, width, 3, seed), ...convParams(`${name}.conv_seg`, classes, channels, 1, seed, classifierStd)];

/** mmsegmentation's FCNHead of one convolution, UperNet's auxiliary head: logits [B, H, W, classes] at the map's size. */
export const fcnHead = (params: Params, name: string, map: Tensor, norm: BatchNorm): Tensor => convLayer(params, `${name}.conv_seg`, module(params, `${name}.convs.0`, map, norm));

/** For `linearSegmentation`. `width`: channels of all maps together. */
export const linearSegmentationParams = (name: string, width: number, classes: number, seed: number): readonly ParamSpec[] =>
  convParams(`${name}.conv_seg`, classes, width, 1, seed, classifierStd);

/** Maps of one size side by side, and a classifier of each place: logits [B, H, W, classes]. */
export const linearSegmentation = (params: Params, name: string, maps: readonly Tensor[]): Tensor => convLayer(params, `${name}.conv_seg`, concat([...maps], 3));
