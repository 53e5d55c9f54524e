import { blockPyramidSides } from '../../models/pyramid-sides.js';
import { blockPyramidMacs, fcnHeadMacs, uperNetMacs } from '../../models/segmentation-macs.js';

interface UperNetShape {
  /** Channels of the encoder and of the head. */
  readonly width: number;
  readonly channels: number;
  readonly classes: number;
  /** Patches a side. */
  readonly side: number;
  readonly patchSize: number;
}

/** Multiply-adds of one picture behind the encoder; the auxiliary head is there in training alone. */
export function headMacs({ width, channels, classes, side, patchSize }: UperNetShape): { readonly trained: number; readonly predicted: number } {
  const sides = blockPyramidSides(side, patchSize);
  const predicted = blockPyramidMacs(width, side, sides[0]) + uperNetMacs(width, channels, classes, sides);
  return { trained: predicted + fcnHeadMacs(width, channels, classes, sides[2]), predicted };
}
