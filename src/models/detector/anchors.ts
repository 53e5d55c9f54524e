/** A level of the pyramid as anchors see it. */
export interface Level {
  /** Pixels of the picture a cell. */
  readonly stride: number;
  /** Cells a side. */
  readonly side: number;
  /** Pixels a side of its square anchor. */
  readonly anchor: number;
}

/** Height by width of the anchors of a cell, all of the same area. */
export const anchorRatios = [0.5, 1, 2] as const;

/** Anchors of each level. */
export const anchorCounts = (levels: readonly Level[]): readonly number[] => levels.map(({ side }) => side * side * anchorRatios.length);

/**
 * The boxes that a region proposal network starts from: one size a level and three shapes, around the centre of every cell. Level
 * by level, row by row, the shape fastest.
 *
 * Detectron2's and torchvision's lie around the cells' upper left corners; a patch of a ViT speaks for its middle.
 *
 * @returns [A, 4], [left, top, right, bottom] in pixels; anchors at the edge reach beyond the picture
 */
export function anchorBoxes(levels: readonly Level[]): Float32Array {
  const boxes: number[] = [];
  for (const { stride, side, anchor } of levels) {
    for (let row = 0; row < side; row++) {
      for (let column = 0; column < side; column++) {
        for (const ratio of anchorRatios) {
          const height = anchor * Math.sqrt(ratio);
          const width = anchor / Math.sqrt(ratio);
          const x = (column + 0.5) * stride;
          const y = (row + 0.5) * stride;
          boxes.push(x - width / 2, y - height / 2, x + width / 2, y + height / 2);
        }
      }
    }
  }
  return Float32Array.from(boxes);
}
