import type { Rle } from './rle.js';

/** Walks down two masks of one size at once: `visit(pixels, insideA, insideB)` for each stretch in which neither changes. */
export function walkRuns({ counts: a }: Rle, { counts: b }: Rle, visit: (pixels: number, inA: boolean, inB: boolean) => void): void {
  let [nextA, nextB] = [0, 0];
  let [leftA, leftB] = [0, 0];
  // Before the first run comes the other side.
  let [inA, inB] = [true, true];
  for (;;) {
    while (leftA === 0 && nextA < a.length) {
      leftA = a[nextA++]!;
      inA = !inA;
    }
    while (leftB === 0 && nextB < b.length) {
      leftB = b[nextB++]!;
      inB = !inB;
    }
    const pixels = Math.min(leftA, leftB);
    if (pixels === 0) return;
    visit(pixels, inA, inB);
    leftA -= pixels;
    leftB -= pixels;
  }
}
