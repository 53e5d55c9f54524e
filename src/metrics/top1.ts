import type { Confusion } from './confusion.js';

/** Share of images whose predicted class is the true one, in [0, 1]. */
export function top1({ classes, counts }: Confusion): number {
  let right = 0;
  let all = 0;
  for (let row = 0; row < classes; row++) {
    right += counts[row * classes + row]!;
    for (let column = 0; column < classes; column++) all += counts[row * classes + column]!;
  }
  return right / all;
}
