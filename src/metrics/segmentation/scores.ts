import { mean, sum } from '../stats/moments.js';
import type { SegmentationCounts } from './counts.js';

/** All in [0, 1]; NaN where no pixel counts. */
export interface SegmentationScores {
  /** Mean over the classes that are in the truth of tp / (tp + fp + fn). */
  readonly mIoU: number;
  /** Right pixels of all. */
  readonly pixelAccuracy: number;
  /** Mean over the classes that are in the truth of tp / (tp + fn). */
  readonly meanAccuracy: number;
  /** IoU of each class; null for one that is not in the truth. */
  readonly perClass: readonly (number | null)[];
  /** Classes that are not in the truth, predicted or not: they are left out of the means. */
  readonly absent: readonly number[];
}

/** Scores of pixels counted together: of one image, or pooled over a set (`poolCounts`), as mIoU is reported. */
export function segmentationScores({ tp, fp, fn }: SegmentationCounts): SegmentationScores {
  const perClass = tp.map((right, i) => (right + fn[i]! === 0 ? null : right / (right + fp[i]! + fn[i]!)));
  const accuracies = tp.flatMap((right, i) => (right + fn[i]! === 0 ? [] : [right / (right + fn[i]!)]));
  return {
    mIoU: mean(perClass.filter((value) => value !== null)),
    pixelAccuracy: sum(tp) / (sum(tp) + sum(fn)),
    meanAccuracy: mean(accuracies),
    perClass,
    absent: perClass.flatMap((value, i) => (value === null ? [i] : [])),
  };
}
