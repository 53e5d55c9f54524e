/** Counts of (true class, predicted class) over a set of images. */
export interface Confusion {
  readonly classes: number;
  /** [classes, classes], row-major: row = true class, column = predicted class. */
  readonly counts: Float64Array;
}

/**
 * Confusion matrix of predicted against true class indices, both in 0..classes-1.
 * Throws RangeError when lengths differ, nothing is given or an index is outside its range: a metric of such data has no meaning.
 */
export function confusion(labels: ArrayLike<number>, predictions: ArrayLike<number>, classes: number): Confusion {
  if (!Number.isInteger(classes) || classes < 1) throw new RangeError(`the number of classes must be a positive integer, got ${classes}`);
  if (labels.length !== predictions.length) throw new RangeError(`${labels.length} labels but ${predictions.length} predictions`);
  if (labels.length === 0) throw new RangeError('no image to measure');
  const counts = new Float64Array(classes * classes);
  const inRange = (value: number | undefined, what: string, i: number): number => {
    if (value === undefined || !Number.isInteger(value) || value < 0 || value >= classes) throw new RangeError(`${what} ${i} is ${value}, expected an integer in 0..${classes - 1}`);
    return value;
  };
  for (let i = 0; i < labels.length; i++) {
    const cell = inRange(labels[i], 'label', i) * classes + inRange(predictions[i], 'prediction', i);
    counts[cell] = counts[cell]! + 1;
  }
  return { classes, counts };
}
