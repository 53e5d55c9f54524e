import type { GroundTruth } from '../ground-truth.js';
import type { Group } from './group.js';
import { type AreaRange, iouThresholds } from './thresholds.js';
import type { CategoryMatches, Compat } from './types.js';

const none: readonly number[] = [];
const nothing = new Int32Array(0);
const thresholds = iouThresholds.length;
const everywhere = (1 << thresholds) - 1;

/**
 * Gives each detection in turn, the surest first, the free object that it overlaps most, at each of the ten thresholds; one result for
 * each area range. Objects that do not count (crowds, difficult ones, those outside the area range) are taken only where no other will do, and
 * then the detection does not count either; nor does one without an object whose own area is outside the range. A crowd or a difficult object is
 * never used up.
 */
export function matchGroup(group: Group, ranges: readonly AreaRange[], compat: Compat): readonly CategoryMatches[] {
  const { category, scores, truths: objects } = group;
  // Most ranges have the objects and detections of one before, or give the objects away alike: nothing is made twice.
  let known: { readonly skipped: readonly boolean[]; readonly given: Int32Array; readonly matched: readonly number[] } | null = null;
  const results: CategoryMatches[] = [];
  for (const range of ranges) {
    let truths = 0;
    for (const object of objects) if (!skips(object, range)) truths++;
    if (scores.length === 0) {
      results.push(results.find((one) => one.truths === truths) ?? { category, truths, scores: none, matched: none, ignored: none });
      continue;
    }
    const skipped = objects.map((object) => skips(object, range));
    if (known === null || !sameOrder(known.skipped, skipped)) {
      const given = give(group, skipped);
      known = { skipped, given, matched: matchedBits(group, given, compat) };
    }
    results.push({ category, truths, scores, matched: known.matched, ignored: ignoredBits(group, range, skipped, known.given, known.matched) });
  }
  return results;
}

const skips = ({ crowd, difficult, area }: GroundTruth, range: AreaRange): boolean => crowd || difficult || area < range[0] || area > range[1];

const uniform = (skipped: readonly boolean[]): boolean => skipped.every((one) => one === skipped[0]);
const sameOrder = (a: readonly boolean[], b: readonly boolean[]): boolean => a.every((one, i) => one === b[i]) || (uniform(a) && uniform(b));

/** Index of the object that a detection is given at a threshold, -1 for none: int32 [detections, thresholds]. */
function give(group: Group, skipped: readonly boolean[]): Int32Array {
  const { scores, truths: objects } = group;
  if (objects.length === 0) return nothing;
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

/** Of each detection, a bit for each threshold at which it has an object. */
function matchedBits({ scores, truths: objects }: Group, given: Int32Array, compat: Compat): readonly number[] {
  return scores.map((_, detection) => {
    let bits = 0;
    for (let t = 0; t < thresholds && objects.length > 0; t++) {
      const best = given[detection * thresholds + t]!;
      // pycocotools keeps a match as the object's id, so that an object whose id is 0 counts as not found.
      if (best >= 0 && (compat === null || objects[best]!.id !== 0)) bits |= 1 << t;
    }
    return bits;
  });
}

/** Of each detection, a bit for each threshold at which it does not count. */
function ignoredBits({ scores, areas, truths: objects }: Group, range: AreaRange, skipped: readonly boolean[], given: Int32Array, matched: readonly number[]): readonly number[] {
  const anySkipped = objects.length > 0 && skipped.includes(true);
  return scores.map((_, detection) => {
    let bits = 0;
    for (let t = 0; t < thresholds && anySkipped; t++) {
      const best = given[detection * thresholds + t]!;
      if (best >= 0 && skipped[best] === true) bits |= 1 << t;
    }
    return areas[detection]! < range[0] || areas[detection]! > range[1] ? bits | (everywhere & ~matched[detection]!) : bits;
  });
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
    const { crowd, difficult } = truths[object]!;
    if ((taken[object]! & (1 << t)) !== 0 && !crowd && !difficult) continue;
    if (best >= 0 && skipped[best] === false && skipped[object] === true) break;
    const overlap = overlaps[detection * truths.length + object]!;
    if (overlap < least) continue;
    least = overlap;
    best = object;
  }
  return best;
}
