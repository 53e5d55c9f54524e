import type { Compiled, HostArray } from '../../engine/contract.js';

/** Predicted classes, or `diverged` where a logit is not finite. */
type Predicted = Int32Array | 'diverged';

interface PredictArguments {
  readonly compiled: Compiled;
  /**
   * The inputs of `evaluate` for the images of batch 0, 1, ..., asked for one after the other. The last batch is filled up
   * with images whose logits are not looked at: an image's logits do not depend on its batch.
   */
  readonly inputs: (batch: number) => Promise<Readonly<Record<string, HostArray>>>;
  /** Images in all. */
  readonly count: number;
  /** Images that `evaluate` takes. */
  readonly batch: number;
  readonly classes: number;
}

/** Class with the largest logit of each image; of equal ones the smaller index. */
export async function predict({ compiled, inputs, count, batch, classes }: PredictArguments): Promise<Predicted> {
  const predictions = new Int32Array(count);
  for (let start = 0; start < count; start += batch) {
    const logits = compiled.run('evaluate', await inputs(start / batch))['logits']!.data;
    for (let i = 0; i < Math.min(batch, count - start); i++) {
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
