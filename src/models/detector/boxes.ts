import { clipByValue, maximum, minimum, slice, stack, sub, unstack, type Tensor } from '@tensorflow/tfjs-core';

/** Boxes are [left, top, right, bottom] in pixels of the square, on the last axis. */
interface Sides { readonly left: Tensor; readonly top: Tensor; readonly right: Tensor; readonly bottom: Tensor }

/** boxes: [..., 4]. Each side is [...]. */
export function sidesOf(boxes: Tensor): Sides {
  const [left, top, right, bottom] = unstack(boxes, boxes.rank - 1) as [Tensor, Tensor, Tensor, Tensor];
  return { left, top, right, bottom };
}

/** Narrower and lower boxes than this are counted as that large where a size is divided by or its logarithm is taken. */
const leastSide = 1e-3;

/** Width and height of boxes, each [...], at least a thousandth of a pixel. */
export function sizesOf({ left, top, right, bottom }: Sides): { readonly width: Tensor; readonly height: Tensor } {
  return { width: maximum(sub(right, left), leastSide), height: maximum(sub(bottom, top), leastSide) };
}

/**
 * Boxes without what lies outside of their pictures.
 *
 * @param boxes [B, N, 4]
 * @param extents [B, 2], width and height of the picture in its square
 */
export function clipBoxes(boxes: Tensor, extents: Tensor): Tensor {
  const batch = boxes.shape[0];
  const { left, top, right, bottom } = sidesOf(boxes);
  const most = (axis: number): Tensor => slice(extents, [0, axis], [batch, 1]);
  const within = (side: Tensor, axis: number): Tensor => minimum(clipByValue(side, 0, Infinity), most(axis));
  return stack([within(left, 0), within(top, 1), within(right, 0), within(bottom, 1)], 2);
}
