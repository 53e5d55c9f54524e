import { abs, add, div, exp, log1p, logSoftmax, maximum, mul, neg, relu, sigmoid, sign, sub, sum, type Tensor } from '@tensorflow/tfjs-core';
import { withGradient } from '../with-gradient.js';

/** Sums of weighted losses. No gradient flows to targets and weights, which are of the first argument's shape or broadcast to it. */

/** Binary cross entropy of logits with targets in 0..1. */
export const binaryCrossEntropy = (logits: Tensor, targets: Tensor, weights: Tensor): Tensor => withGradient(
  [logits],
  (save) => {
    save([logits, targets, weights]);
    // max(x, 0) - x t + log(1 + exp(-|x|)): no exponential of a large number.
    return sum(mul(weights, add(sub(relu(logits), mul(logits, targets)), log1p(exp(neg(abs(logits)))))));
  },
  (dy, [x, t, w]) => [mul(mul(sub(sigmoid(x!), t!), w!), dy)],
);

/** Absolute difference. */
export const absoluteError = (values: Tensor, targets: Tensor, weights: Tensor): Tensor => withGradient(
  [values],
  (save) => {
    const difference = sub(values, targets);
    save([difference, weights]);
    return sum(mul(weights, abs(difference)));
  },
  (dy, [difference, w]) => [mul(mul(sign(difference!), w!), dy)],
);

/** Cross entropy of logits [N, C] with targets [N, C], rows of sum 1; weights [N, 1]. */
export const weightedCrossEntropy = (logits: Tensor, targets: Tensor, weights: Tensor): Tensor => withGradient(
  [logits],
  (save) => {
    const logProbabilities = logSoftmax(logits);
    save([logProbabilities, targets, weights]);
    return neg(sum(mul(weights, mul(targets, logProbabilities))));
  },
  (dy, [logProbabilities, t, w]) => [mul(mul(sub(exp(logProbabilities!), t!), w!), dy)],
);

/** A sum by a count, which is at least 1: nothing to learn from is a loss of 0. count: rank 0. */
export const perCount = (total: Tensor, count: Tensor): Tensor => div(total, maximum(count, 1));
