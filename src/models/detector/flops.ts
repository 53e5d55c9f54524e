import { anchorRatios } from './anchors.js';
import { type DetectorShape, levelsOf } from './shape.js';

/** Regions of a picture that the box heads and the mask head see. */
interface RegionCounts { readonly boxes: number; readonly masks: number }

/**
 * Multiply-adds of one picture behind the encoder, forward: products with weights, and those by which regions are read from the maps.
 * Without those that make a step's targets.
 */
export function detectorMacs(shape: DetectorShape, { boxes, masks }: RegionCounts): number {
  const { model: { width, imageSize, patchSize }, channels, boxCells, hidden, classes, levels, stages, mask } = shape;
  const places = (imageSize / patchSize) ** 2;
  const [half, quarter] = [Math.trunc(width / 2), Math.trunc(width / 4)];
  const sides = levelsOf(shape).map(({ side }) => side);
  const lifted = { 0: 4 * places * width * half + 16 * places * half * quarter, 1: 4 * places * width * half, 2: 0, 3: 0 };
  const into = { 0: quarter, 1: half, 2: width, 3: width };
  const maps = levels.reduce<number>((sum, level, i) => sum + lifted[level] + sides[i]! ** 2 * channels * (into[level] + 9 * channels), 0);
  const proposals = sides.reduce((sum, side) => sum + side ** 2 * channels * (9 * channels + 5 * anchorRatios.length), 0);
  const reading = (cells: number): number => sides.reduce((sum, side) => sum + cells * side * channels * (side + cells), 0);
  const head = reading(boxCells) + hidden * (boxCells ** 2 * channels + hidden + classes + 5);
  const cells = mask === null ? 0 : mask.side / 2;
  const drawn = mask === null ? 0 : reading(cells) + cells ** 2 * channels * (9 * mask.convolutions * channels + 4 * channels + 4);
  return maps + proposals + stages.length * boxes * head + masks * drawn;
}
