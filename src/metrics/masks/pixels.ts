import { checkRle } from './check.js';
import type { Rle } from './rle.js';

/** Run lengths of a mask given by pixel: [height, width], row-major, 0 is outside. Throws RangeError for another length. */
export function encodeMask(pixels: ArrayLike<number>, height: number, width: number): Rle {
  if (pixels.length !== height * width) throw new RangeError(`${pixels.length} pixels for a mask of ${height} x ${width}`);
  const counts: number[] = [];
  let inside = false;
  let run = 0;
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) {
      if ((pixels[y * width + x] !== 0) !== inside) {
        counts.push(run);
        run = 0;
        inside = !inside;
      }
      run++;
    }
  }
  counts.push(run);
  return { size: [height, width], counts };
}

/** Pixels of a mask, 0 or 1: uint8 [height, width], row-major. Throws RangeError as `checkRle` does. */
export function decodeMask(mask: Rle): Uint8Array {
  checkRle(mask);
  const [height, width] = mask.size;
  const pixels = new Uint8Array(height * width);
  let at = 0;
  mask.counts.forEach((count, run) => {
    if (run % 2 === 1) for (let i = at; i < at + count; i++) pixels[(i % height) * width + Math.floor(i / height)] = 1;
    at += count;
  });
  return pixels;
}
