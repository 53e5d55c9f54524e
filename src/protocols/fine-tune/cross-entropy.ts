import { div, exp, logSoftmax, mul, neg, sub, sum, type Tensor } from '@tensorflow/tfjs-core';
import { withGradient } from '../../models/with-gradient.js';

/**
 * Mean cross entropy of logits with soft targets: torch.nn.CrossEntropyLoss with class probabilities.
 *
 * @param logits [B, C]
 * @param targets [B, C], each row sums to 1; no gradient flows to it
 * @returns rank 0
 */
export function crossEntropy(logits: Tensor, targets: Tensor): Tensor {
  const batch = logits.shape[0];
  return withGradient(
    [logits],
    (save) => {
      const logProbabilities = logSoftmax(logits);
      save([logProbabilities, targets]);
      return div(neg(sum(mul(targets, logProbabilities))), batch);
    },
    (dy, [logProbabilities, saved]) => [mul(sub(exp(logProbabilities!), saved!), div(dy, batch))],
  );
}

/** One-hot rows, smoothed as torch's `label_smoothing` does: 1 - s + s / C on the class, s / C elsewhere. float32 [n, C]. */
export function smoothTargets(labels: ArrayLike<number>, classes: number, smoothing: number): Float32Array {
  const targets = new Float32Array(labels.length * classes).fill(smoothing / classes);
  for (let row = 0; row < labels.length; row++) targets[row * classes + labels[row]!] = 1 - smoothing + smoothing / classes;
  return targets;
}

/** Targets of a mixed batch, in place: `share` of a row and the rest of the row of the batch in reverse order. timm: mixup_target. */
export function mixTargets(targets: Float32Array, classes: number, share: number): void {
  const rows = targets.length / classes;
  for (let row = 0; row < Math.floor(rows / 2); row++) {
    for (let label = 0; label < classes; label++) {
      const a = row * classes + label;
      const b = (rows - 1 - row) * classes + label;
      const first = targets[a]!;
      const second = targets[b]!;
      targets[a] = first * share + second * (1 - share);
      targets[b] = second * share + first * (1 - share);
    }
  }
}
