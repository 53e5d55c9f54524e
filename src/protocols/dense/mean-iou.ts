import { ignoredLabel } from '../../data/dense.js';
import { poolCounts, segmentationCounts, segmentationScores } from '../../metrics/index.js';

/** mIoU in [0, 1] of label maps, pooled over pictures: trials are compared by what is reported. NaN where no pixel counts. */
export function meanIou(truths: readonly Uint8Array[], maps: readonly Uint8Array[], classes: number): number {
  return segmentationScores(poolCounts(truths.map((truth, i) => segmentationCounts(truth, maps[i]!, classes, ignoredLabel)))).mIoU;
}
