import { add, clone, concat, expandDims, matMul, mul, oneHot, reshape, sigmoid, slice, softmax, sub, sum, type Tensor } from '@tensorflow/tfjs-core';
import type { Params, ParamSpec } from '../../engine/contract.js';
import { simplePyramid, simplePyramidParams } from '../pyramid.js';
import { vitBlocks } from '../vit.js';
import { withoutGradient } from '../with-gradient.js';
import { drawRegions, isObject, matchBoxes, type Objects, type Regions, selectBoxes } from './assign.js';
import { decodeBoxes, encodeBoxes } from './box-coding.js';
import { boxHead, boxHeadParams, type BoxHeadOutput } from './box-head.js';
import { clipBoxes } from './boxes.js';
import { absoluteError, binaryCrossEntropy, perCount, weightedCrossEntropy } from './losses.js';
import { maskHead, maskHeadParams, maskTargets } from './mask-head.js';
import { propose } from './proposals.js';
import { roiAlign } from './roi-align.js';
import { rpn, rpnLosses, rpnParams, type RpnTargets } from './rpn.js';
import { type DetectorShape, levelsOf, type ProposalCounts, proposalRule, regionRule } from './shape.js';
import type { BoxStage } from './stages.js';

/** Everything behind the encoder: pyramid, region proposals, one or three box heads, mask head. */
export const detectorParams = ({ model, channels, boxCells, hidden, classes, levels, stages, mask }: DetectorShape, seed: number): readonly ParamSpec[] => [
  ...simplePyramidParams('pyramid', model.width, channels, seed, levels),
  ...rpnParams(channels, seed),
  ...stages.flatMap((_, i) => boxHeadParams(`box_head.${i}`, { cells: boxCells, channels, hidden, classes }, seed)),
  ...(mask === null ? [] : maskHeadParams({ channels, convolutions: mask.convolutions }, seed)),
];

/**
 * ViTDet's maps of pictures: from the encoder's last block, before its final norm.
 *
 * @param images [B, S, S, 3], 0..255
 * @returns [B, side, side, channels] of each level
 */
export function detectorMaps({ model, levels }: DetectorShape, params: Params, images: Tensor, dropPath?: Tensor): readonly Tensor[] {
  const [patches] = vitBlocks(model, params, images, [model.depth - 1], dropPath === undefined ? {} : { dropPath });
  return simplePyramid(params, 'pyramid', patches!, levels);
}

/** A value as it is, that no gradient goes back from. */
const cut = (x: Tensor): Tensor => withoutGradient(() => clone(x));

/** What is in the pictures of a step. */
interface Truth extends Objects {
  /** int32 [B, G] */
  readonly labels: Tensor;
  /** [B, G, S, S], 1 or 0, and [B, G], 1 where the object has one; null: the network has no mask head. */
  readonly masks: { readonly values: Tensor; readonly present: Tensor } | null;
  readonly rpn: RpnTargets;
  /** [B, 2], width and height of each picture in its square. */
  readonly extents: Tensor;
}

interface TrainingCounts extends ProposalCounts {
  /** Regions a picture that the heads learn from. */
  readonly regions: number;
}

const flat = (x: Tensor, width: number): Tensor => reshape(x, [x.size / width, width]);

const moved = (regions: Tensor, { deltas }: BoxHeadOutput, { weights }: BoxStage, extents: Tensor): Tensor =>
  clipBoxes(decodeBoxes(reshape(deltas, regions.shape), regions, weights), extents);

/**
 * All losses of a step, each a mean: proposals' objectness and boxes, classes and boxes of each head, masks.
 *
 * @param draws [B, counts.count + G], in [0, 1): which regions the heads learn from
 */
export function detectorLosses(shape: DetectorShape, params: Params, maps: readonly Tensor[], truth: Truth, draws: Tensor, counts: TrainingCounts): Readonly<Record<string, Tensor>> {
  const levels = levelsOf(shape);
  const found = rpn(params, maps);
  const first = rpnLosses(found, truth.rpn, levels);
  const proposals = propose(cut(found.objectness), cut(found.deltas), truth.extents, levels, proposalRule(counts));
  const drawn = drawRegions(proposals, truth, draws, regionRule(counts.regions, shape.stages[0]!));
  const losses: Record<string, Tensor> = { rpn_objectness: first.objectness, rpn_boxes: first.boxes };
  let regions: Regions = drawn;
  shape.stages.forEach((stage, i) => {
    const output = boxHead(params, `box_head.${i}`, roiAlign(maps, levels, regions.boxes, shape.boxCells));
    const { classes, boxes } = boxLosses(shape, stage, output, regions, truth);
    losses[`classes_${i}`] = mul(classes, stage.loss);
    losses[`boxes_${i}`] = mul(boxes, stage.loss);
    const next = shape.stages[i + 1];
    if (next === undefined) return;
    const moves = { ...output, deltas: cut(output.deltas) };
    regions = rematched(moved(regions.boxes, moves, stage, truth.extents), drawn.present, truth, next.iou);
  });
  if (shape.mask !== null && truth.masks !== null) losses['masks'] = maskLoss(shape, params, maps, drawn, truth.masks, counts);
  return losses;
}

/** The same regions moved: which of them are of an object is told anew. */
function rematched(boxes: Tensor, present: Tensor, truth: Objects, iou: number): Regions {
  const { overlap, object } = matchBoxes(boxes, truth);
  return { boxes, present, object, foreground: mul(isObject(overlap, iou), present) };
}

/** Cross entropy and absolute error, both by the number of regions (Detectron2). */
function boxLosses({ classes }: DetectorShape, { weights }: BoxStage, { logits, deltas }: BoxHeadOutput, { boxes, present, foreground, object }: Regions, truth: Truth): { readonly classes: Tensor; readonly boxes: Tensor } {
  const [batch, count] = present.shape as [number, number];
  const named = matMul(object, withoutGradient(() => oneHot(truth.labels, classes)));
  const positive = expandDims(foreground, 2);
  const targets = concat([mul(named, positive), sub(1, positive)], 2);
  const wanted = encodeBoxes(selectBoxes(object, truth.boxes), boxes, weights);
  const regions = sum(present);
  return {
    classes: perCount(weightedCrossEntropy(logits, flat(targets, classes + 1), reshape(present, [batch * count, 1])), regions),
    boxes: perCount(absoluteError(deltas, flat(wanted, 4), reshape(foreground, [batch * count, 1])), regions),
  };
}

/** Mean binary cross entropy over the places of the regions of objects that have a mask. */
function maskLoss(shape: DetectorShape, params: Params, maps: readonly Tensor[], drawn: Regions, masks: { readonly values: Tensor; readonly present: Tensor }, counts: TrainingCounts): Tensor {
  const { side, convolutions } = shape.mask!;
  const { foreground } = regionRule(counts.regions, shape.stages[0]!);
  const batch = drawn.boxes.shape[0];
  // Regions of objects come first, and there are no more of them than this.
  const some = (x: Tensor): Tensor => slice(x, [0, 0, 0], [batch, foreground, x.shape[2]!]);
  const [boxes, object] = [some(drawn.boxes), some(drawn.object)];
  const counted = mul(slice(drawn.foreground, [0, 0], [batch, foreground]), reshape(matMul(object, expandDims(masks.present, 2)), [batch, foreground]));
  const targets = reshape(maskTargets(masks.values, object, boxes, side), [batch * foreground, side, side]);
  const logits = maskHead(params, { convolutions }, roiAlign(maps, levelsOf(shape), boxes, side / 2));
  return perCount(binaryCrossEntropy(logits, targets, reshape(counted, [batch * foreground, 1, 1])), mul(sum(counted), side * side));
}

interface Found {
  /** [B, P, 4], within the picture. */
  readonly boxes: Tensor;
  /** [B, P, C]; 0 where there is no proposal. */
  readonly scores: Tensor;
}

/** Boxes of the proposals with the probability of each class: the last head's boxes, the mean of all heads' probabilities (Cascade R-CNN). */
export function detect(shape: DetectorShape, params: Params, maps: readonly Tensor[], extents: Tensor, counts: ProposalCounts): Found {
  const levels = levelsOf(shape);
  const { objectness, deltas } = rpn(params, maps);
  const { boxes, present } = propose(objectness, deltas, extents, levels, proposalRule(counts));
  const [batch, count] = present.shape as [number, number];
  let regions = boxes;
  const probabilities = shape.stages.map((stage, i) => {
    const output = boxHead(params, `box_head.${i}`, roiAlign(maps, levels, regions, shape.boxCells));
    regions = moved(regions, output, stage, extents);
    return softmax(output.logits);
  });
  const mean = mul(probabilities.reduce((total, one) => add(total, one)), 1 / probabilities.length);
  const scores = slice(reshape(mean, [batch, count, shape.classes + 1]), [0, 0, 0], [batch, count, shape.classes]);
  return { boxes: regions, scores: mul(scores, expandDims(present, 2)) };
}

/** Masks of boxes: [B, N, side, side], in [0, 1]. boxes: [B, N, 4]. */
export function detectorMasks(shape: DetectorShape, params: Params, maps: readonly Tensor[], boxes: Tensor): Tensor {
  const { side, convolutions } = shape.mask!;
  const [batch, count] = boxes.shape as [number, number, number];
  return reshape(sigmoid(maskHead(params, { convolutions }, roiAlign(maps, levelsOf(shape), boxes, side / 2))), [batch, count, side, side]);
}
