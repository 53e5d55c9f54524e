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
