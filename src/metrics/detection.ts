import type { Rle } from './masks/rle.js';

/** One found object, in pixels of the original picture. */
export interface Detection {
  /** Index of the class. */
  readonly category: number;
  /** Higher is surer; ranked over the whole set. */
  readonly score: number;
  /** [left, top, width, height]. */
  readonly box: readonly [number, number, number, number];
  readonly mask: Rle | null;
}
