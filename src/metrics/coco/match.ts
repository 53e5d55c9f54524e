import type { GroundTruth } from '../ground-truth.js';
import type { Group } from './group.js';
import { type AreaRange, iouThresholds } from './thresholds.js';
import type { CategoryMatches, Compat } from './types.js';

const none: readonly number[] = [];
const everywhere = (1 << iouThresholds.length) - 1;

/**
 * Gives each detection in turn, the surest first, the free object that it overlaps most, at each of the ten thresholds. Objects
 * that do not count (crowds, difficult ones, those outside the area range) are taken only where no other will do, and then the
 * detection does not count either; nor does one without an object whose own area is outside the range.
 */
export function matchGroup(group: Group, [least, most]: AreaRange, compat: Compat): CategoryMatches {
  const { category, scores, areas, truths: objects } = group;
  const skips = ({ crowd, difficult, area }: GroundTruth): boolean => crowd || difficult || area < least || area > most;
  let truths = 0;
  for (const object of objects) if (!skips(object)) truths++;
  if (scores.length === 0) return { category, truths, scores: none, matched: none, ignored: none };

  const matched = new Array<number>(scores.length).fill(0);
  const ignored = new Array<number>(scores.length).fill(0);
  if (objects.length > 0) {
    const skipped = objects.map(skips);
    // Those that count come first, each part in the order given.
    const order = objects.map((_, i) => i);
    if (truths < objects.length) order.sort((a, b) => Number(skipped[a]) - Number(skipped[b]));
    // Of each object, a bit for each threshold at which a detection has it.
    const taken = new Array<number>(objects.length).fill(0);
    for (let detection = 0; detection < scores.length; detection++) {
      const largest = largestOverlap(group, detection);
      for (let t = 0; t < iouThresholds.length && iouThresholds[t]! <= largest; t++) {
        const best = bestObject(group, detection, t, order, skipped, taken);
        if (best < 0) continue;
        taken[best]! |= 1 << t;
        // pycocotools keeps a match as the object's id, so that an object whose id is 0 counts as not found.
        if (compat === null || objects[best]!.id !== 0) matched[detection]! |= 1 << t;
        if (skipped[best] === true) ignored[detection]! |= 1 << t;
      }
    }
  }
  for (let i = 0; i < scores.length; i++) {
    if (areas[i]! < least || areas[i]! > most) ignored[i]! |= everywhere & ~matched[i]!;
  }
  return { category, truths, scores, matched, ignored };
}

function largestOverlap({ overlaps, truths }: Group, detection: number): number {
  let largest = -1;
  for (let i = detection * truths.length; i < (detection + 1) * truths.length; i++) largest = Math.max(largest, overlaps[i]!);
  return largest;
}

/** Index of the object for a detection, -1 for none. Of equal overlaps the later object is taken, as in pycocotools. */
function bestObject({ overlaps, truths }: Group, detection: number, t: number, order: readonly number[], skipped: readonly boolean[], taken: readonly number[]): number {
  let best = -1;
  let least = iouThresholds[t]!;
  for (const object of order) {
    if ((taken[object]! & (1 << t)) !== 0 && !truths[object]!.crowd) continue;
    if (best >= 0 && skipped[best] === false && skipped[object] === true) break;
    const overlap = overlaps[detection * truths.length + object]!;
    if (overlap < least) continue;
    least = overlap;
    best = object;
  }
  return best;
}
