import { byCategory, meanOrAbsent } from './by-category.js';
import { iouThresholds } from './thresholds.js';
import type { CategoryMatches, ImageMatches } from './types.js';

/** AR with at most `limit` detections of a class and image: mean over the ten thresholds and the classes that have objects; -1 where none has. */
export const averageRecall = (images: readonly ImageMatches[], limit: number): number =>
  meanOrAbsent(byCategory(images).flatMap(([, own]) => recalls(own, limit)));

function recalls(own: readonly CategoryMatches[], limit: number): readonly number[] {
  const found = new Array<number>(iouThresholds.length).fill(0);
  let truths = 0;
  for (const image of own) {
    truths += image.truths;
    for (let i = 0; i < Math.min(limit, image.matched.length); i++) {
      const right = image.matched[i]! & ~image.ignored[i]!;
      if (right === 0) continue;
      for (let t = 0; t < found.length; t++) found[t]! += (right >> t) & 1;
    }
  }
  return found.map((count) => count / truths);
}
