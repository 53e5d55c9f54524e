import type { GroundTruth } from '../ground-truth.js';
import type { Group } from './group.js';
import { type AreaRange, iouThresholds } from './thresholds.js';
import type { CategoryMatches, Compat } from './types.js';

const none: readonly number[] = [];
const thresholds = iouThresholds.length;
const everywhere = (1 << thresholds) - 1;

/**
 * Gives each detection in turn, the surest first, the free object that it overlaps most, at each of the ten thresholds; one result for
 * each area range. Objects that do not count (crowds, difficult ones, those outside the area range) are taken only where no other will do, and
 * then the detection does not count either; nor does one without an object whose own area is outside the range.
 */
export function matchGroup(group: Group, ranges: readonly AreaRange[], compat: Compat): readonly CategoryMatches[] {
  const { category, scores, truths: objects } = group;
  // Ranges that put the same objects first give them away alike.
  let known: { readonly skipped: readonly boolean[]; readonly given: Int32Array } | null = null;
  return ranges.map((range) => {
    const skipped = objects.map((object) => skips(object, range));
    const truths = skipped.reduce((count, skip) => count + (skip ? 0 : 1), 0);
    if (scores.length === 0) return { category, truths, scores: none, matched: none, ignored: none };
    if (objects.length > 0 && (known === null || !sameOrder(known.skipped, skipped))) known = { skipped, given: give(group, skipped) };
    return { category, truths, scores, ...bits(group, range, compat, skipped, known?.given ?? null) };
  });
}

const skips = ({ crowd, difficult, area }: GroundTruth, [least, most]: AreaRange): boolean => crowd || difficult || area < least || area > most;

const uniform = (skipped: readonly boolean[]): boolean => skipped.every((one) => one === skipped[0]);
const sameOrder = (a: readonly boolean[], b: readonly boolean[]): boolean => a.every((one, i) => one === b[i]) || (uniform(a) && uniform(b));

/** Index of the object that a detection is given at a threshold, -1 for none: int32 [detections, thresholds]. */
function give(group: Group, skipped: readonly boolean[]): Int32Array {
  const { scores, truths: objects } = group;
  const given = new Int32Array(scores.length * thresholds).fill(-1);
  // Those that count come first, each part in the order given.
  const order = objects.map((_, i) => i);
  if (!uniform(skipped)) order.sort((a, b) => Number(skipped[a]) - Number(skipped[b]));
  // Of each object, a bit for each threshold at which a detection has it.
  const taken = new Array<number>(objects.length).fill(0);
  for (let detection = 0; detection < scores.length; detection++) {
    const largest = largestOverlap(group, detection);
    for (let t = 0; t < thresholds && iouThresholds[t]! <= largest; t++) {
      const best = bestObject(group, detection, t, order, skipped, taken);
      if (best < 0) continue;
      taken[best]! |= 1 << t;
      given[detection * thresholds + t] = best;
    }
  }
  return given;
}

function bits({ scores, areas, truths: objects }: Group, [least, most]: AreaRange, compat: Compat, skipped: readonly boolean[], given: Int32Array | null): Pick<CategoryMatches, 'matched' | 'ignored'> {
  const matched = new Array<number>(scores.length).fill(0);
  const ignored = new Array<number>(scores.length).fill(0);
  for (let detection = 0; detection < scores.length; detection++) {
    let [has, not] = [0, 0];
    for (let t = 0; given !== null && t < thresholds; t++) {
      const best = given[detection * thresholds + t]!;
      // What fits no object at a threshold can fit another at a higher one: the first may have taken its own.
      if (best < 0) continue;
      // pycocotools keeps a match as the object's id, so that an object whose id is 0 counts as not found.
      if (compat === null || objects[best]!.id !== 0) has |= 1 << t;
      if (skipped[best] === true) not |= 1 << t;
    }
    if (areas[detection]! < least || areas[detection]! > most) not |= everywhere & ~has;
    matched[detection] = has;
    ignored[detection] = not;
  }
  return { matched, ignored };
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
