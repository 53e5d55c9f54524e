import type { Rle } from './rle.js';

/** Pixels inside a mask. */
export function maskArea({ counts }: Rle): number {
  let area = 0;
  for (let run = 1; run < counts.length; run += 2) area += counts[run]!;
  return area;
}

/** The smallest box of whole pixels around a mask, [left, top, width, height]; zeros for an empty mask. */
export function maskBox({ size: [height, width], counts }: Rle): readonly [number, number, number, number] {
  let [left, top, right, bottom] = [width, height, -1, -1];
  let at = 0;
  for (let run = 1; run < counts.length; run += 2) {
    const start = at + counts[run - 1]!;
    at = start + counts[run]!;
    if (at === start) continue;
    const first = Math.floor(start / height);
    const inColumn = start - first * height;
    const below = inColumn + at - start;
    if (first < left) left = first;
    if (below <= height) {
      if (first > right) right = first;
      if (inColumn < top) top = inColumn;
      if (below - 1 > bottom) bottom = below - 1;
    } else {
      // It goes on in the next column: it has a pixel at the bottom of one and at the top of the other.
      right = Math.max(right, Math.floor((at - 1) / height));
      top = 0;
      bottom = height - 1;
    }
  }
  return right < 0 ? [0, 0, 0, 0] : [left, top, right - left + 1, bottom - top + 1];
}
