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
  for (let run = 0; run < counts.length; run++) {
    const start = at;
    at += counts[run]!;
    if (run % 2 === 0 || at === start) continue;
    const first = Math.floor(start / height);
    const last = Math.floor((at - 1) / height);
    left = Math.min(left, first);
    right = Math.max(right, last);
    // A run that goes on in the next column has a pixel at the bottom of one and at the top of the other.
    top = first < last ? 0 : Math.min(top, start - first * height);
    bottom = first < last ? height - 1 : Math.max(bottom, at - 1 - last * height);
  }
  return right < 0 ? [0, 0, 0, 0] : [left, top, right - left + 1, bottom - top + 1];
}
