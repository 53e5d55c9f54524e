import type { Group } from './group.js';
import { type AreaRange, iouThresholds } from './thresholds.js';
import type { CategoryMatches, Compat } from './types.js';

const none: readonly number[] = [];

/**
 * Gives each detection in turn, the surest first, the free object that it overlaps most, at each of the ten thresholds. Objects
 * that do not count (crowds, difficult ones, those outside the area range) are taken only where no other will do, and then the
 * detection does not count either; nor does one without an object whose own area is outside the range.
 */
export function matchGroup(group: Group, [least, most]: AreaRange, compat: Compat): CategoryMatches {
  const outside = (area: number): boolean => area < least || area > most;
  const { category, scores, truths: objects } = group;
  const skipped = objects.map(({ crowd, difficult, area }) => crowd || difficult || outside(area));
  const truths = skipped.reduce((sum, skip) => sum + (skip ? 0 : 1), 0);
  if (scores.length === 0) return { category, truths, scores: none, matched: none, ignored: none };

  const matched = new Array<number>(scores.length).fill(0);
  const ignored = new Array<number>(scores.length).fill(0);
  if (objects.length > 0) {
    // Those that count come first, each part in the order given.
    const order = objects.map((_, i) => i).sort((a, b) => Number(skipped[a]) - Number(skipped[b]));
    iouThresholds.forEach((threshold, t) => {
      const taken = new Uint8Array(objects.length);
      for (let detection = 0; detection < scores.length; detection++) {
        const best = bestObject(group, detection, threshold, order, skipped, taken);
        if (best < 0) continue;
        taken[best] = 1;
        // pycocotools keeps a match as the object's id, so that an object whose id is 0 counts as not found.
        if (compat === null || objects[best]!.id !== 0) matched[detection]! |= 1 << t;
        if (skipped[best] === true) ignored[detection]! |= 1 << t;
      }
    });
  }
  const everywhere = (1 << iouThresholds.length) - 1;
  group.areas.forEach((area, detection) => {
    if (outside(area)) ignored[detection]! |= everywhere & ~matched[detection]!;
  });
  return { category, truths, scores, matched, ignored };
}

/** Index of the object for a detection, -1 for none. Of equal overlaps the later object is taken, as in pycocotools. */
function bestObject({ overlaps, truths }: Group, detection: number, threshold: number, order: readonly number[], skipped: readonly boolean[], taken: Uint8Array): number {
  let best = -1;
  let least = Math.min(threshold, 1 - 1e-10);
  for (const object of order) {
    if (taken[object] === 1 && !truths[object]!.crowd) continue;
    if (best >= 0 && skipped[best] === false && skipped[object] === true) break;
    const overlap = overlaps[detection * truths.length + object]!;
    if (overlap < least) continue;
    least = overlap;
    best = object;
  }
  return best;
}
