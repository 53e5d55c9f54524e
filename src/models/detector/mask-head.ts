import { cast, greaterEqual, matMul, relu, reshape, type Tensor } from '@tensorflow/tfjs-core';
import type { Params, ParamSpec } from '../../engine/contract.js';
import { convLayer, convParams, upConvParams, upConvReluProject } from '../conv.js';
import { withoutGradient } from '../with-gradient.js';
import { sidesOf, sizesOf } from './boxes.js';
import { readingMatrix } from './roi-align.js';

interface MaskHeadSize { readonly channels: number; readonly convolutions: number }

/**
 * Mask R-CNN's mask head: 3 x 3 convolutions, a transposed one that doubles the region, one logit a place. One mask a region whatever its
 * class, which costs next to nothing (Mask R-CNN, table 2b) and learns from all objects. Output's first weights: std 0.001 as in Detectron2.
 */
export const maskHeadParams = ({ channels, convolutions }: MaskHeadSize, seed: number): readonly ParamSpec[] => [
  ...Array.from({ length: convolutions }, (_, i) => convParams(`mask_head.conv${i + 1}`, channels, channels, 3, seed)).flat(),
  ...upConvParams('mask_head.deconv', channels, channels, seed),
  ...convParams('mask_head.predictor', 1, channels, 1, seed, 0.001),
];

/**
 * @param regions [N, m, m, channels]
 * @returns logits [N, 2 m, 2 m]
 */
export function maskHead(params: Params, { convolutions }: Pick<MaskHeadSize, 'convolutions'>, regions: Tensor): Tensor {
  let x = regions;
  for (let i = 1; i <= convolutions; i++) x = relu(convLayer(params, `mask_head.conv${i}`, x));
  const logits = upConvReluProject(params, 'mask_head.deconv', 'mask_head.predictor', x);
  return reshape(logits, logits.shape.slice(0, 3));
}

/**
 * What the masks of regions should be: the object's mask read as the region's features are, 1 from a half on.
 *
 * @param masks [B, G, S, S], 1 or 0
 * @param object [B, P, G]: 1 for each region's object
 * @param boxes [B, P, 4]
 * @returns [B, P, side, side], 1 or 0
 */
export function maskTargets(masks: Tensor, object: Tensor, boxes: Tensor, side: number): Tensor {
  const [batch, objects, size] = masks.shape as [number, number, number, number];
  const regions = boxes.shape[1]!;
  const own = reshape(matMul(object, reshape(masks, [batch, objects, size * size])), [batch, regions, size, size]);
  const sides = sidesOf(boxes);
  const { width, height } = sizesOf(sides);
  const form = { stride: 1, size, cells: side };
  const read = matMul(matMul(readingMatrix(sides.top, height, form), own), readingMatrix(sides.left, width, form), false, true);
  return withoutGradient(() => cast(greaterEqual(read, 0.5), 'float32'));
}
