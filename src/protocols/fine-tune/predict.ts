import type { Compiled } from '../../engine/contract.js';

/** Predicted classes, or `diverged` where a logit is not finite. */
export type Predicted = Int32Array | 'diverged';

/**
 * Class with the largest logit of each image; of equal ones the smaller index. The last batch is filled up with black
 * images whose logits are not looked at: an image's logits do not depend on its batch.
 *
 * @param images makes the images start..start+n-1: uint8 [n, size, size, 3]; asked for a batch at a time
 * @param batch images that `evaluate` takes
 */
export function predict(compiled: Compiled, images: (start: number, n: number) => Uint8Array, count: number, batch: number, classes: number): Predicted {
  const predictions = new Int32Array(count);
  for (let start = 0; start < count; start += batch) {
    const filled = Math.min(batch, count - start);
    let given = images(start, filled);
    if (filled < batch) {
      const padded = new Uint8Array((batch * given.length) / filled);
      padded.set(given);
      given = padded;
    }
    const logits = compiled.run('evaluate', { images: given })['logits']!.data;
    for (let i = 0; i < filled; i++) {
      let best = 0;
      for (let label = 0; label < classes; label++) {
        const logit = logits[i * classes + label]!;
        if (!Number.isFinite(logit)) return 'diverged';
        if (logit > logits[i * classes + best]!) best = label;
      }
      predictions[start + i] = best;
    }
  }
  return predictions;
}
