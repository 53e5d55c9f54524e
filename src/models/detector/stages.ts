import type { BoxWeights } from './box-coding.js';

/** One box head: which regions are objects to it, how it tells boxes, and what its losses count. */
export interface BoxStage {
  readonly iou: number;
  readonly weights: BoxWeights;
  readonly loss: number;
}

/** Faster R-CNN's one head. */
export const singleStage: readonly BoxStage[] = [{ iou: 0.5, weights: { centre: 10, size: 5 }, loss: 1 }];

/** Cascade R-CNN's three, each on the boxes of the one before; their losses are weighted as in MMDetection, which iBOT uses. */
export const cascadeStages: readonly BoxStage[] = [
  { iou: 0.5, weights: { centre: 10, size: 5 }, loss: 1 },
  { iou: 0.6, weights: { centre: 20, size: 10 }, loss: 0.5 },
  { iou: 0.7, weights: { centre: 30, size: 15 }, loss: 0.25 },
];
