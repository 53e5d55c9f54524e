export { averagePrecision } from './average-precision.js';
export { evaluateCoco } from './evaluate.js';
export { areaRanges, iouThresholds, recallPoints } from './thresholds.js';
export type { CategoryMatches, CategoryPrecision, CocoEvaluation, CocoOptions, CocoSummary, Compat, ImageMatches, OverlapType, Precision } from './types.js';
