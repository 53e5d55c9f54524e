import { cast, concat, expandDims, greaterEqual, relu, reshape, sum, tensor2d, type Tensor } from '@tensorflow/tfjs-core';
import type { Params, ParamSpec } from '../../engine/contract.js';
import { convLayer, convParams } from '../conv.js';
import { withoutGradient } from '../with-gradient.js';
import { anchorBoxes, anchorRatios, type Level } from './anchors.js';
import { type BoxWeights, encodeBoxes } from './box-coding.js';
import { absoluteError, binaryCrossEntropy, perCount } from './losses.js';

/** Of the boxes that it tells (Detectron2). */
export const rpnWeights: BoxWeights = { centre: 1, size: 1 };

/** The region proposal network: a convolution, then objectness and box of every anchor, shared by all levels. All weights start normal with std 0.01. */
export function rpnParams(channels: number, seed: number): readonly ParamSpec[] {
  return [
    ...convParams('rpn.conv', channels, channels, 3, seed, 0.01),
    ...convParams('rpn.objectness', anchorRatios.length, channels, 1, seed, 0.01),
    ...convParams('rpn.deltas', 4 * anchorRatios.length, channels, 1, seed, 0.01),
  ];
}

interface RpnOutput {
  /** [B, A], logits */
  readonly objectness: Tensor;
  /** [B, A, 4], what leads from each anchor to its box */
  readonly deltas: Tensor;
}

/** maps: [B, H, W, channels] of each level. */
export function rpn(params: Params, maps: readonly Tensor[]): RpnOutput {
  const each = maps.map((map) => {
    const [batch, height, width] = map.shape as [number, number, number, number];
    const hidden = relu(convLayer(params, 'rpn.conv', map));
    const anchors = height * width * anchorRatios.length;
    return {
      objectness: reshape(convLayer(params, 'rpn.objectness', hidden), [batch, anchors]),
      deltas: reshape(convLayer(params, 'rpn.deltas', hidden), [batch, anchors, 4]),
    };
  });
  return { objectness: concat(each.map(({ objectness }) => objectness), 1), deltas: concat(each.map(({ deltas }) => deltas), 1) };
}

export interface RpnTargets {
  /** [B, A]: 1 an object, 0 background, -1 not drawn for this step. */
  readonly labels: Tensor;
  /** [B, A, 4]: box of the anchor's object; the anchor itself where it has none. */
  readonly boxes: Tensor;
}

/** Mean binary cross entropy over the drawn anchors, and the absolute error of the boxes of objects, by the number of drawn ones too. */
export function rpnLosses({ objectness, deltas }: RpnOutput, { labels, boxes }: RpnTargets, levels: readonly Level[]): { readonly objectness: Tensor; readonly boxes: Tensor } {
  const anchors = anchorBoxes(levels);
  const drawn = withoutGradient(() => cast(greaterEqual(labels, 0), 'float32'));
  const objects = relu(labels);
  const count = sum(drawn);
  const wanted = encodeBoxes(boxes, expandDims(tensor2d(anchors, [anchors.length / 4, 4]), 0), rpnWeights);
  return { objectness: perCount(binaryCrossEntropy(objectness, objects, drawn), count), boxes: perCount(absoluteError(deltas, wanted, expandDims(objects, 2)), count) };
}
