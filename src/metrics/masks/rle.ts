/**
 * A binary mask as run lengths, COCO's uncompressed form: runs of zeros and ones in turn, zeros first, down the columns
 * (column-major), their sum height x width.
 */
export interface Rle {
  /** [height, width] in pixels. */
  readonly size: readonly [number, number];
  readonly counts: readonly number[];
}
