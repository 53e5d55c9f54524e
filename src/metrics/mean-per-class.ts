import type { Confusion } from './confusion.js';

export interface MeanPerClass {
  /** Mean over the classes that have a sample of (right / samples of the class), in [0, 1]. */
  readonly value: number;
  /** Indices of classes without a sample: they are left out of the mean. */
  readonly absent: readonly number[];
}

/**
 * Mean of the per-class accuracies: every class counts alike, however many samples it has. A class without a sample would
 * be 0/0; it is left out and named.
 */
export function meanPerClass({ classes, counts }: Confusion): MeanPerClass {
  const absent: number[] = [];
  let sum = 0;
  for (let row = 0; row < classes; row++) {
    let samples = 0;
    for (let column = 0; column < classes; column++) samples += counts[row * classes + column]!;
    if (samples === 0) absent.push(row);
    else sum += counts[row * classes + row]! / samples;
  }
  return { value: sum / (classes - absent.length), absent };
}
