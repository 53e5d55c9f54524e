import { checkSameSize } from './check.js';
import type { Rle } from './rle.js';
import { walkRuns } from './runs.js';

/** Pixels that are in any of the masks, or in all of them. Throws RangeError for no mask and for masks of different sizes. */
export function mergeMasks(masks: readonly Rle[], how: 'union' | 'intersection'): Rle {
  const [first, ...others] = masks;
  if (first === undefined) throw new RangeError('no mask to merge');
  return others.reduce((merged, mask) => mergeTwo(merged, mask, how), first);
}

function mergeTwo(a: Rle, b: Rle, how: 'union' | 'intersection'): Rle {
  checkSameSize(a, b);
  const counts: number[] = [];
  let inside = false;
  let run = 0;
  walkRuns(a, b, (pixels, inA, inB) => {
    const now = how === 'union' ? inA || inB : inA && inB;
    if (now !== inside) {
      counts.push(run);
      run = 0;
      inside = now;
    }
    run += pixels;
  });
  counts.push(run);
  return { size: a.size, counts };
}
