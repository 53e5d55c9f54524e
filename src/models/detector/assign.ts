import { add, argMax, cast, concat, equal, expandDims, greater, greaterEqual, less, matMul, max, mul, range, reshape, stack, sub, sum, unstack, type Tensor } from '@tensorflow/tfjs-core';
import { withoutGradient } from '../with-gradient.js';
import { pairwiseIou } from './iou.js';

/** Objects of the pictures of a batch, up to G a picture. No gradient goes through what is here: boxes come in cut off from the tape. */
export interface Objects {
  /** [B, G, 4] */
  readonly boxes: Tensor;
  /** [B, G]: 1, or 0 where a picture has fewer. */
  readonly present: Tensor;
}

interface Match {
  /** [B, N]: largest overlap with an object; -1 where the picture has none. */
  readonly overlap: Tensor;
  /** [B, N, G]: 1 for that object, the first of equals. */
  readonly object: Tensor;
}

/** Which object each box overlaps most. boxes: [B, N, 4]. */
export function matchBoxes(boxes: Tensor, { boxes: objects, present }: Objects): Match {
  const here = expandDims(present, 1);
  const overlaps = sub(mul(add(pairwiseIou(boxes, objects), 1), here), 1);
  const count = objects.shape[1]!;
  return { overlap: max(overlaps, 2), object: withoutGradient(() => cast(equal(expandDims(argMax(overlaps, 2), 2), range(0, count, 1, 'int32')), 'float32')) };
}

/** 1 where an overlap is enough, else 0. */
export const isObject = (overlap: Tensor, iou: number): Tensor => withoutGradient(() => cast(greaterEqual(overlap, iou), 'float32'));

/**
 * The box that each row of a selection names. Not a matrix product: its factors may be rounded (bfloat16, TF32), and coordinates must not be.
 *
 * @param selection [B, P, N]: a single 1 in each row, or none
 * @param boxes [B, N, 4]
 * @returns [B, P, 4]; zeros where a row has no 1
 */
export function selectBoxes(selection: Tensor, boxes: Tensor): Tensor {
  return stack(unstack(boxes, 2).map((side) => sum(mul(selection, expandDims(side, 1)), 2)), 2);
}

/** Regions that a step learns from. */
export interface Regions {
  /** [B, P, 4] */
  readonly boxes: Tensor;
  /** [B, P]: 1, or 0 where a picture has fewer. */
  readonly present: Tensor;
  /** [B, P]: 1 for regions of an object; they come first. */
  readonly foreground: Tensor;
  /** [B, P, G], see `Match`. */
  readonly object: Tensor;
}

export interface RegionRule {
  /** Regions a picture. */
  readonly count: number;
  /** Regions of objects among them, at most. */
  readonly foreground: number;
  /** Overlap with an object from which on a box is one of it. */
  readonly iou: number;
}

/**
 * Draws regions from proposals and the objects themselves, which are proposals too, as Fast R-CNN: some of those that overlap an object
 * enough, the rest of the others. Each box has a number by chance; the largest numbers are drawn.
 *
 * @param boxes [B, N, 4]; present: [B, N]
 * @param draws [B, N + G], in [0, 1)
 */
export function drawRegions({ boxes, present }: { readonly boxes: Tensor; readonly present: Tensor }, objects: Objects, draws: Tensor, rule: RegionRule): Regions {
  const candidates = concat([boxes, objects.boxes], 1);
  const there = concat([present, objects.present], 1);
  const [batch, count] = candidates.shape as [number, number, number];
  const { overlap, object } = matchBoxes(candidates, objects);
  const near = isObject(overlap, rule.iou);
  const positive = mul(near, there);
  const negative = mul(sub(1, near), there);
  /** Place of each box among those of its kind: how many have a larger number, or the same and stand before it. */
  const [others, own] = [expandDims(draws, 1), expandDims(draws, 2)];
  const at = range(0, count, 1, 'float32');
  const earlier = cast(less(reshape(at, [1, 1, count]), reshape(at, [1, count, 1])), 'float32');
  const higher = add(cast(greater(others, own), 'float32'), mul(cast(equal(others, own), 'float32'), earlier));
  // A sum and not a matrix product, which may round counts (see `selectBoxes`): boxes would share a place.
  const place = (kind: Tensor): Tensor => sum(mul(higher, expandDims(kind, 1)), 2);
  const taken = mul(positive, cast(less(place(positive), rule.foreground), 'float32'));
  const before = sum(taken, 1, true);
  const slot = add(mul(taken, place(positive)), mul(negative, add(before, place(negative))));
  const drawn = add(taken, negative);
  // [B, P, N]: which box comes to a place. Places beyond the last are not there.
  const selection = mul(cast(equal(expandDims(slot, 1), reshape(range(0, rule.count, 1, 'float32'), [1, rule.count, 1])), 'float32'), expandDims(drawn, 1));
  return {
    boxes: selectBoxes(selection, candidates),
    present: sum(selection, 2),
    // Of ones and zeros, a row's single 1 comes out of a rounded product as it is.
    foreground: reshape(matMul(selection, expandDims(taken, 2)), [batch, rule.count]),
    object: matMul(selection, object),
  };
}
