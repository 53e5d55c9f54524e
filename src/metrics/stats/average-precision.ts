import { iouThresholds, recallPoints } from '../coco/thresholds.js';
import type { ImageMatches } from '../coco/types.js';
import type { Statistic } from './resample.js';

/** The detections of one class in all images that can change its AP, the surest first, sorted once for all draws. */
interface Sorted {
  /** Objects that count, by the image they are in. */
  readonly truthImages: Uint32Array;
  readonly truths: Float64Array;
  /** By detection: its image, the thresholds at which it is right and at which it does not count (bits), and whether the next has another score. */
  readonly images: Uint32Array;
  readonly right: Uint16Array;
  readonly ignored: Uint16Array;
  readonly closes: Uint8Array;
}

const thresholds = iouThresholds.length;

function sortedOf(images: readonly ImageMatches[], category: number): Sorted {
  const own = images.flatMap((matches, image) => matches.filter((one) => one.category === category).map((one) => ({ image, ...one })));
  const detections = own.flatMap(({ image, scores, matched, ignored }) => scores.map((score, i) => ({ image, score, matched: matched[i]!, ignored: ignored[i]! })))
    .sort((a, b) => b.score - a.score);
  const right = detections.map(({ matched, ignored }) => matched & ~ignored);
  const closes = detections.map(({ score }, i) => score !== detections[i + 1]?.score);
  // Recall grows no more behind the last that is right at any threshold, and those of its score.
  const last = right.findLastIndex((bits) => bits !== 0);
  const length = last < 0 ? 0 : closes.indexOf(true, last) + 1;
  const counted = detections.slice(0, length);
  const withTruths = own.filter(({ truths }) => truths > 0);
  return {
    truthImages: Uint32Array.from(withTruths, ({ image }) => image),
    truths: Float64Array.from(withTruths, ({ truths }) => truths),
    images: Uint32Array.from(counted, ({ image }) => image),
    right: Uint16Array.from(right.slice(0, length)),
    ignored: Uint16Array.from(counted, ({ ignored }) => ignored),
    closes: Uint8Array.from(closes.slice(0, length), Number),
  };
}

/** COCO's AP (mean over IoU 0.5 to 0.95, 101 recall points and classes) from `matches` of evaluateCoco: with whole weights that of the images repeated as often. */
export function averagePrecisionOf(images: readonly ImageMatches[]): Statistic {
  const categories = [...new Set(images.flatMap((matches) => matches.map(({ category }) => category)))];
  const sorted = categories.map((category) => sortedOf(images, category)).filter(({ truths }) => truths.length > 0);
  const most = sorted.reduce((longest, { images: { length } }) => Math.max(longest, length), 0);
  const corners = cornersFor(most);
  return (weights) => {
    let [sum, present] = [0, 0];
    for (const one of sorted) {
      let truths = 0;
      for (let i = 0; i < one.truths.length; i++) truths += weights[one.truthImages[i]!]! * one.truths[i]!;
      if (truths === 0) continue;
      collect(one, weights, truths, corners);
      for (let t = 0; t < thresholds; t++) sum += areaOf(corners, t) / recallPoints.length;
      present++;
    }
    return sum / (present * thresholds);
  };
}

/** Where recall has grown, by threshold: `counts` of them, recalls and precisions in rows of `stride`. */
interface Corners { readonly stride: number; readonly counts: Uint32Array; readonly recalls: Float64Array; readonly precisions: Float64Array }

const cornersFor = (stride: number): Corners =>
  ({ stride, counts: new Uint32Array(thresholds), recalls: new Float64Array(stride * thresholds), precisions: new Float64Array(stride * thresholds) });

const hits = new Float64Array(thresholds);
/** Beside those that are wrong at every threshold, which are most. */
const misses = new Float64Array(thresholds);

function collect({ images, right, ignored, closes }: Sorted, weights: Float64Array, truths: number, { stride, counts, recalls, precisions }: Corners): void {
  hits.fill(0);
  misses.fill(0);
  counts.fill(0);
  let everywhere = 0;
  /** Thresholds at which something right has come since the last corner. */
  let grown = 0;
  for (let i = 0; i < images.length; i++) {
    const weight = weights[images[i]!]!;
    if (weight !== 0) {
      const found = right[i]!;
      const skipped = ignored[i]!;
      if ((found | skipped) === 0) everywhere += weight;
      else {
        grown |= found;
        for (let t = 0, bit = 1; t < thresholds; t++, bit <<= 1) {
          if ((found & bit) !== 0) hits[t]! += weight;
          else if ((skipped & bit) === 0) misses[t]! += weight;
        }
      }
    }
    if (grown === 0 || closes[i] === 0) continue;
    for (let t = 0, bit = 1; t < thresholds; t++, bit <<= 1) {
      if ((grown & bit) === 0) continue;
      const at = t * stride + counts[t]!++;
      recalls[at] = hits[t]! / truths;
      precisions[at] = hits[t]! / (everywhere + misses[t]! + hits[t]!);
    }
    grown = 0;
  }
}

/** Sum over the recall points of the best precision at that recall or a larger one. */
function areaOf({ stride, counts, recalls, precisions }: Corners, t: number): number {
  let [sum, best] = [0, 0];
  let end = -1;
  for (let at = t * stride + counts[t]! - 1; at >= t * stride; at--) {
    const reached = pointsUpTo(recalls[at]!);
    if (end >= 0) sum += best * (end - reached);
    best = Math.max(best, precisions[at]!);
    end = reached;
  }
  return end < 0 ? 0 : sum + best * end;
}

/** How many recall points are at or under this recall. */
function pointsUpTo(recall: number): number {
  let points = Math.min(recallPoints.length, Math.floor(recall * (recallPoints.length - 1)) + 1);
  while (points < recallPoints.length && recallPoints[points]! <= recall) points++;
  while (points > 0 && recallPoints[points - 1]! > recall) points--;
  return points;
}
