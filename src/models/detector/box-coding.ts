import { add, div, exp, log, minimum, mul, stack, sub, unstack, type Tensor } from '@tensorflow/tfjs-core';
import { sidesOf, sizesOf } from './boxes.js';

/** Factors on the four numbers that a box is told by: of its centre and of its size. */
export interface BoxWeights { readonly centre: number; readonly size: number }

/** Largest logarithm of a growth, so that no box becomes infinite: 1000 / 16 as in Detectron2 and torchvision. */
const mostGrowth = Math.log(1000 / 16);

const centred = (boxes: Tensor): { readonly x: Tensor; readonly y: Tensor; readonly width: Tensor; readonly height: Tensor } => {
  const sides = sidesOf(boxes);
  const { width, height } = sizesOf(sides);
  return { x: add(sides.left, mul(width, 0.5)), y: add(sides.top, mul(height, 0.5)), width, height };
};

/**
 * What leads from a reference to a box (Fast R-CNN): shift of the centre in sizes of the reference, logarithm of the growth.
 *
 * @param boxes [..., 4]
 * @param references [..., 4], of the same shape or broadcast to it
 * @returns [..., 4], x, y, width, height
 */
export function encodeBoxes(boxes: Tensor, references: Tensor, weights: BoxWeights): Tensor {
  const [box, reference] = [centred(boxes), centred(references)];
  const shift = (a: Tensor, b: Tensor, size: Tensor): Tensor => mul(div(sub(a, b), size), weights.centre);
  const growth = (a: Tensor, b: Tensor): Tensor => mul(log(div(a, b)), weights.size);
  return stack([
    shift(box.x, reference.x, reference.width), shift(box.y, reference.y, reference.height),
    growth(box.width, reference.width), growth(box.height, reference.height),
  ], boxes.rank - 1);
}

/** The inverse of `encodeBoxes`. */
export function decodeBoxes(deltas: Tensor, references: Tensor, weights: BoxWeights): Tensor {
  const [right, down, wider, higher] = unstack(deltas, deltas.rank - 1) as [Tensor, Tensor, Tensor, Tensor];
  const reference = centred(references);
  const moved = (centre: Tensor, delta: Tensor, size: Tensor): Tensor => add(centre, mul(mul(delta, 1 / weights.centre), size));
  const grown = (delta: Tensor, size: Tensor): Tensor => mul(exp(minimum(mul(delta, 1 / weights.size), mostGrowth)), mul(size, 0.5));
  const [x, y] = [moved(reference.x, right, reference.width), moved(reference.y, down, reference.height)];
  const [halfWidth, halfHeight] = [grown(wider, reference.width), grown(higher, reference.height)];
  return stack([sub(x, halfWidth), sub(y, halfHeight), add(x, halfWidth), add(y, halfHeight)], deltas.rank - 1);
}
