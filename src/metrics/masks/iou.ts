import { boxIou } from '../box-iou.js';
import { checkSameSize } from './check.js';
import { maskArea, maskBox } from './measure.js';
import type { Rle } from './rle.js';

/**
 * Overlap of each found mask with each true one: float64 [found, truths] of values in [0, 1]. Intersection over union; for a
 * crowd over the found mask's own area, as any part of a crowd is enough (COCO). Two empty masks overlap by 0. Throws RangeError
 * for masks of different sizes.
 */
export function maskIou(found: readonly Rle[], truths: readonly Rle[], crowd: readonly boolean[]): Float64Array {
  const overlaps = new Float64Array(found.length * truths.length);
  if (overlaps.length === 0) return overlaps;
  // Masks whose boxes are apart are apart: most pairs end here.
  const near = boxIou(found.map(maskBox), truths.map(maskBox), crowd);
  found.forEach((a, row) => truths.forEach((b, column) => {
    checkSameSize(a, b);
    const at = row * truths.length + column;
    if (near[at]! > 0) overlaps[at] = pairIou(a, b, crowd[column] === true);
  }));
  return overlaps;
}

function pairIou(a: Rle, b: Rle, crowd: boolean): number {
  const shared = intersection(a.counts, b.counts);
  if (shared === 0) return 0;
  const area = maskArea(a);
  return shared / (crowd ? area : area + maskArea(b) - shared);
}

/** Pixels in both: of two masks' runs of ones, as intervals, the overlaps. */
function intersection(a: readonly number[], b: readonly number[]): number {
  let shared = 0;
  let [runA, runB] = [1, 1];
  let startA = a[0] ?? 0;
  let startB = b[0] ?? 0;
  while (runA < a.length && runB < b.length) {
    const endA = startA + a[runA]!;
    const endB = startB + b[runB]!;
    const pixels = Math.min(endA, endB) - Math.max(startA, startB);
    if (pixels > 0) shared += pixels;
    if (endA <= endB) {
      startA = endA + (a[runA + 1] ?? 0);
      runA += 2;
    } else {
      startB = endB + (b[runB + 1] ?? 0);
      runB += 2;
    }
  }
  return shared;
}
