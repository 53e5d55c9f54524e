import { checkRle } from './check.js';
import { expandCounts } from './compressed.js';
import { mergeMasks } from './merge.js';
import { polygonMask } from './polygon.js';
import type { Rle } from './rle.js';

/** The forms in which COCO's files hold a mask: polygons that it is the union of, run lengths, run lengths as a string. */
export type CocoSegmentation = readonly (readonly number[])[] | { readonly size: readonly [number, number]; readonly counts: readonly number[] | string };

/**
 * The mask of an annotation in a picture of `height` x `width`. Throws RangeError for no polygon, a wrong polygon, run lengths
 * that do not come to the mask's pixels, and a mask of another size than its picture.
 */
export function segmentationMask(segmentation: CocoSegmentation, height: number, width: number): Rle {
  if (!('counts' in segmentation)) {
    if (segmentation.length === 0) throw new RangeError('a segmentation without a polygon');
    return mergeMasks(segmentation.map((polygon) => polygonMask(polygon, height, width)), 'union');
  }
  const { size, counts } = segmentation;
  if (size[0] !== height || size[1] !== width) throw new RangeError(`a mask of ${size[0]} x ${size[1]} in a picture of ${height} x ${width} (height x width)`);
  const mask: Rle = { size: [height, width], counts: typeof counts === 'string' ? expandCounts(counts) : counts };
  checkRle(mask);
  return mask;
}
