export { poolCounts, segmentationCounts, type SegmentationCounts } from './counts.js';
export { segmentationScores, type SegmentationScores } from './scores.js';
