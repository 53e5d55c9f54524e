import { type ByCategory, meanOrAbsent } from './by-category.js';
import { iouThresholds } from './thresholds.js';
import type { CategoryMatches } from './types.js';

/** AR with at most so many detections of a class and image, for each of `limits` (ascending): mean over the ten thresholds and the classes that have objects; -1 where none has. */
export function averageRecalls(classes: ByCategory, limits: readonly number[]): readonly number[] {
  const each = classes.map(([, own]) => recalls(own, limits));
  return limits.map((_, i) => meanOrAbsent(each.flatMap((own) => own[i]!)));
}

/** By limit and threshold. */
function recalls(own: readonly CategoryMatches[], limits: readonly number[]): readonly (readonly number[])[] {
  const found = limits.map(() => new Array<number>(iouThresholds.length).fill(0));
  let truths = 0;
  for (const { truths: objects, matched, ignored } of own) {
    truths += objects;
    let first = 0;
    for (let l = 0; l < limits.length && first < matched.length; l++) {
      const counts = found[l]!;
      for (; first < Math.min(limits[l]!, matched.length); first++) {
        for (let t = 0, right = matched[first]! & ~ignored[first]!; right !== 0; t++, right >>= 1) counts[t]! += right & 1;
      }
    }
  }
  // Those of a smaller limit are among those of a larger one.
  return found.map((_, l) => iouThresholds.map((__, t) => found.slice(0, l + 1).reduce((sum, counts) => sum + counts[t]!, 0) / truths));
}
