import type { Rle } from './rle.js';

/** Throws RangeError where the run lengths are not whole numbers from 0 on that come to height x width pixels. */
export function checkRle({ size: [height, width], counts }: Rle): void {
  if (!isSize(height) || !isSize(width)) throw new RangeError(`a mask's size is [height, width] in whole pixels, got [${height}, ${width}]`);
  let sum = 0;
  for (const count of counts) {
    if (!Number.isInteger(count) || count < 0) throw new RangeError(`a run length is ${count}, expected a whole number from 0 on`);
    sum += count;
  }
  if (sum !== height * width) throw new RangeError(`the run lengths come to ${sum} pixels, a mask of ${height} x ${width} has ${height * width}`);
}

const isSize = (value: number): boolean => Number.isInteger(value) && value >= 0;

/** Throws RangeError where two masks are not of one size. */
export function checkSameSize(a: Rle, b: Rle): void {
  if (a.size[0] !== b.size[0] || a.size[1] !== b.size[1]) {
    throw new RangeError(`masks of different sizes, ${a.size.join(' x ')} and ${b.size.join(' x ')}`);
  }
}
