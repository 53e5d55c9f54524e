import type { Box } from './box-iou.js';
import type { Rle } from './masks/rle.js';

/** One object that is to be found, in pixels of the original picture. */
export interface GroundTruth {
  readonly id: number;
  /** Index of the class. */
  readonly category: number;
  readonly box: Box;
  /** In pixels, as the annotation says: decides the area range. */
  readonly area: number;
  readonly mask: Rle | null;
  /** A group of objects: any number may be found in it, and that is neither right nor wrong. */
  readonly crowd: boolean;
  /** Neither to be found nor wrong when it is. */
  readonly difficult: boolean;
}
