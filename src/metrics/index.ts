import { type Confusion, confusion } from './confusion.js';
import { meanPerClass } from './mean-per-class.js';
import { top1 } from './top1.js';

export { confusion, type Confusion } from './confusion.js';
export { meanPerClass, type MeanPerClass } from './mean-per-class.js';
export { failsToLearn, largestShare } from './failed-to-learn.js';
export { confusedObjects } from './confused-objects.js';
export { countedFinds, takenObjects, toBeFound } from './matched-boxes.js';
export { othersBoxes } from './others-boxes.js';
export { top1 } from './top1.js';
export { boxIou, type Box } from './box-iou.js';
export type { Detection } from './detection.js';
export type { GroundTruth } from './ground-truth.js';
export * from './masks/index.js';
export * from './coco/index.js';
export * from './voc/index.js';
export * from './segmentation/index.js';
export * from './attention/index.js';

/** Raised when a metric would give another value for the same predictions. Stored with every result. */
export const metricVersion = 1;

/** Metrics of a classification task, each a fraction in [0, 1]: one line to add one. Every one is computed always; the task says which it reports first. */
export const classificationMetrics = {
  top1,
  mean_per_class: (counted: Confusion) => meanPerClass(counted).value,
} satisfies Readonly<Record<string, (counted: Confusion) => number>>;
export type ClassificationMetric = keyof typeof classificationMetrics;

/** All classification metrics of one set of predictions, each a fraction in [0, 1]. Throws RangeError as `confusion` does. */
export function classify(labels: ArrayLike<number>, predictions: ArrayLike<number>, classes: number): Readonly<Record<ClassificationMetric, number>> {
  const counted = confusion(labels, predictions, classes);
  return Object.fromEntries(Object.entries(classificationMetrics).map(([name, metric]) => [name, metric(counted)])) as Record<ClassificationMetric, number>;
}
