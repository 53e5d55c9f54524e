import { boxIou } from '../box-iou.js';
import type { Detection } from '../detection.js';
import type { GroundTruth } from '../ground-truth.js';
import { maskArea, maskIou, type Rle } from '../masks/index.js';
import type { Compat, OverlapType } from './types.js';

/** The objects and the detections of one class in one image, the surest detection first, and how far they overlap. */
export interface Group {
  readonly category: number;
  readonly truths: readonly GroundTruth[];
  readonly scores: readonly number[];
  /** Areas of the detections, in square pixels. */
  readonly areas: readonly number[];
  /** float64 [detections, truths]. */
  readonly overlaps: Float64Array;
}

interface Grouping {
  readonly type: OverlapType;
  readonly compat: Compat;
  readonly detectionArea: 'box' | 'mask';
  /** Detections of a class and image that count. */
  readonly limit: number;
}

/** The groups of one image, by ascending category. */
export function groupsOf(truths: readonly GroundTruth[], found: readonly Detection[], grouping: Grouping): readonly Group[] {
  const byCategory = new Map<number, { readonly truths: GroundTruth[]; readonly found: Detection[] }>();
  const at = (category: number) => {
    let both = byCategory.get(category);
    if (both === undefined) byCategory.set(category, both = { truths: [], found: [] });
    return both;
  };
  for (const truth of truths) at(truth.category).truths.push(truth);
  for (const detection of found) at(detection.category).found.push(detection);
  return [...byCategory].sort(([a], [b]) => a - b).map(([category, both]) => group(category, both.truths, both.found, grouping));
}

const none: readonly number[] = [];
const noOverlaps = new Float64Array(0);

function group(category: number, truths: readonly GroundTruth[], found: readonly Detection[], { type, compat, detectionArea, limit }: Grouping): Group {
  // Most classes of an image have no detection: nothing is made for them.
  if (found.length === 0) return { category, truths, scores: none, areas: none, overlaps: noOverlaps };
  const ranked = found.length > 1 ? [...found].sort(compat === null ? byScoreThenPlace : byScore).slice(0, limit) : found;
  return {
    category,
    truths,
    scores: ranked.map(({ score }) => score),
    areas: ranked.map((detection) => (detectionArea === 'box' ? detection.box[2] * detection.box[3] : maskArea(maskOf(detection)))),
    overlaps: truths.length === 0 ? noOverlaps : overlapsOf(type, ranked, truths),
  };
}

function overlapsOf(type: OverlapType, ranked: readonly Detection[], truths: readonly GroundTruth[]): Float64Array {
  const crowd = truths.map((truth) => truth.crowd);
  return type === 'bbox'
    ? boxIou(ranked.map(({ box }) => box), truths.map(({ box }) => box), crowd)
    : maskIou(ranked.map(maskOf), truths.map(maskOf), crowd);
}

const byScore = (a: Detection, b: Detection): number => b.score - a.score;

const byScoreThenPlace = (a: Detection, b: Detection): number =>
  b.score - a.score || a.box[0] - b.box[0] || a.box[1] - b.box[1] || a.box[2] - b.box[2] || a.box[3] - b.box[3] || byMask(a.mask, b.mask);

/** The larger mask first, then the one whose run lengths are smaller where they first differ. */
function byMask(a: Rle | null, b: Rle | null): number {
  if (a === null || b === null) return 0;
  const area = maskArea(b) - maskArea(a);
  if (area !== 0) return area;
  const at = a.counts.findIndex((count, i) => count !== b.counts[i]);
  return at < 0 ? 0 : a.counts[at]! - (b.counts[at] ?? 0);
}

function maskOf({ mask }: { readonly mask: Rle | null }): Rle {
  if (mask === null) throw new RangeError('masks are to be compared, and an object or a detection has none');
  return mask;
}
