import type { Ranked } from './ranked.js';
import { recallPoints } from './thresholds.js';

/**
 * Precision at the 101 recall points at IoU threshold `t`: the best precision at this recall or any larger one, 0 beyond the
 * largest. float64 [101]. Needs an object that counts.
 */
export function precisionCurve({ truths, matched, ignored, closes }: Ranked, t: number): Float64Array {
  const recalls: number[] = [];
  const precisions: number[] = [];
  const bit = 1 << t;
  let [right, wrong, seen] = [0, 0, 0];
  for (let i = 0; i < matched.length; i++) {
    if ((ignored[i]! & bit) === 0) {
      if ((matched[i]! & bit) === 0) wrong++;
      else right++;
    }
    // Only where recall has grown can there be a corner.
    if (closes[i] === 0 || right === seen) continue;
    seen = right;
    recalls.push(right / truths);
    precisions.push(right / (wrong + right + Number.EPSILON));
  }
  for (let i = precisions.length - 1; i > 0; i--) precisions[i - 1] = Math.max(precisions[i - 1]!, precisions[i]!);
  const curve = new Float64Array(recallPoints.length);
  for (let point = 0, i = 0; point < curve.length; point++) {
    while (i < recalls.length && recalls[i]! < recallPoints[point]!) i++;
    if (i === recalls.length) break;
    curve[point] = precisions[i]!;
  }
  return curve;
}
