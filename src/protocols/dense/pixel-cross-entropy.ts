import { cast, div, exp, logSoftmax, maximum, mul, neg, oneHot, sub, sum, type Tensor } from '@tensorflow/tfjs-core';
import { withGradient } from '../../models/with-gradient.js';

/**
 * Mean cross entropy over the pixels with a class: torch.nn.CrossEntropyLoss with ignore_index. 0 where no pixel has one.
 *
 * @param logits [B, H, W, C]
 * @param labels float32 [B, H, W], whole numbers; those outside 0..C - 1 (`ignoredLabel`) are left out. No gradient flows to it.
 * @returns rank 0
 */
export function pixelCrossEntropy(logits: Tensor, labels: Tensor): Tensor {
  return withGradient(
    [logits],
    (save) => {
      const logProbabilities = logSoftmax(logits);
      const wanted = cast(oneHot(cast(labels, 'int32'), logits.shape.at(-1)!), 'float32');
      const counted = maximum(sum(wanted), 1);
      save([logProbabilities, wanted, counted]);
      return div(neg(sum(mul(wanted, logProbabilities))), counted);
    },
    (dy, [logProbabilities, wanted, counted]) => [mul(sub(mul(exp(logProbabilities!), sum(wanted!, -1, true)), wanted!), div(dy, counted!))],
  );
}
