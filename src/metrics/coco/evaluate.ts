import type { Detection } from '../detection.js';
import type { GroundTruth } from '../ground-truth.js';
import { ordersOf, precisionOf } from './average-precision.js';
import { averageRecalls } from './average-recall.js';
import { type ByCategory, byCategoryIn } from './by-category.js';
import { checkInput } from './check.js';
import { groupsOf } from './group.js';
import { matchGroup } from './match.js';
import { areaRanges } from './thresholds.js';
import type { CocoEvaluation, CocoOptions, OverlapType } from './types.js';

/**
 * COCO's detection metrics (Lin et al. 2014, and the evaluation on cocodataset.org) of boxes or instance masks. `truths` and `found`
 * hold one list an image, in the same order. The numbers are pycocotools' (2.0); where scores are equal, see `Compat`. Throws
 * RangeError for lists of different lengths, unknown categories, numbers that are not finite, and masks that are missing or of
 * different sizes.
 */
export function evaluateCoco(
  truths: readonly (readonly GroundTruth[])[], found: readonly (readonly Detection[])[], type: OverlapType, options: CocoOptions,
): CocoEvaluation {
  checkInput(truths, found, options);
  const { compat = null, maxDets = [1, 10, 100], detectionArea = type === 'bbox' ? 'box' : 'mask' } = options;
  const limit = maxDets[2];
  const ranges = [areaRanges.all, areaRanges.small, areaRanges.medium, areaRanges.large];
  const matched = truths.map((own, image) => groupsOf(own, found[image]!, { type, compat, detectionArea, limit }).map((group) => matchGroup(group, ranges, compat)));
  const [all, small, medium, large] = ranges.map((_, range) => byCategoryIn(range, matched)) as [ByCategory, ByCategory, ByCategory, ByCategory];
  const orders = ordersOf(all, compat);
  const { AP, AP50, AP75, categories } = precisionOf(all, orders);
  const sized = (part: ByCategory): number => precisionOf(part, orders).AP;
  const [AR1, AR10, AR100] = averageRecalls(all, maxDets) as [number, number, number];
  const reached = (part: ByCategory): number => averageRecalls(part, [limit])[0]!;
  return {
    type,
    maxDets,
    summary: {
      AP, AP50, AP75, APs: sized(small), APm: sized(medium), APl: sized(large),
      AR1, AR10, AR100, ARs: reached(small), ARm: reached(medium), ARl: reached(large),
    },
    categories,
    matches: matched.map((groups) => groups.map((own) => own[0]!)),
  };
}
