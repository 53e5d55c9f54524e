import type { ClassificationTask } from '../data/image-set.js';
import { classify } from '../metrics/index.js';

/** The task's own first metric on some of its images: trials are compared by what is reported. */
export const primaryAccuracy = (task: Pick<ClassificationTask, 'classes' | 'primary'>, labels: ArrayLike<number>, predictions: ArrayLike<number>): number =>
  classify(labels, predictions, task.classes.length)[task.primary];

/** Share of right predictions, in [0, 1]. */
export const trainAccuracy = (task: Pick<ClassificationTask, 'classes'>, labels: ArrayLike<number>, predictions: ArrayLike<number>): number =>
  classify(labels, predictions, task.classes.length).top1;
