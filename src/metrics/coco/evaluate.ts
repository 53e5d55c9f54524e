import type { Detection } from '../detection.js';
import type { GroundTruth } from '../ground-truth.js';
import { averagePrecision } from './average-precision.js';
import { averageRecall } from './average-recall.js';
import { checkInput } from './check.js';
import { groupsOf } from './group.js';
import { matchGroup } from './match.js';
import { type AreaRange, areaRanges } from './thresholds.js';
import type { CocoEvaluation, CocoOptions, ImageMatches, OverlapType } from './types.js';

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
  const [first, second, limit] = maxDets;
  const images = truths.map((own, image) => groupsOf(own, found[image]!, { type, compat, detectionArea, limit }));
  const ranges = [areaRanges.all, areaRanges.small, areaRanges.medium, areaRanges.large];
  const byRange = images.map((groups) => groups.map((group) => matchGroup(group, ranges, compat)));
  const matchesIn = (range: AreaRange): readonly ImageMatches[] => byRange.map((groups) => groups.map((own) => own[ranges.indexOf(range)]!));
  const [matches, small, medium, large] = [matchesIn(areaRanges.all), matchesIn(areaRanges.small), matchesIn(areaRanges.medium), matchesIn(areaRanges.large)];
  const { AP, AP50, AP75, categories } = averagePrecision(matches, compat);
  const sized = (part: readonly ImageMatches[]): number => averagePrecision(part, compat).AP;
  return {
    type,
    maxDets,
    summary: {
      AP, AP50, AP75, APs: sized(small), APm: sized(medium), APl: sized(large),
      AR1: averageRecall(matches, first), AR10: averageRecall(matches, second), AR100: averageRecall(matches, limit),
      ARs: averageRecall(small, limit), ARm: averageRecall(medium, limit), ARl: averageRecall(large, limit),
    },
    categories,
    matches,
  };
}
