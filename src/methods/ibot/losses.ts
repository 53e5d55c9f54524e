import { add, div, exp, log, logSoftmax, maximum, mean, mul, sub, sum, type Tensor } from '@tensorflow/tfjs-core';

interface Teacher {
  /** softmax((outputs - centre) / temperature), [..., K] */
  readonly probabilities: Tensor;
  readonly logarithms: Tensor;
}

/** outputs: [..., K]; centre: [K]; temperature: rank 0. */
export function sharpened(outputs: Tensor, centre: Tensor, temperature: Tensor): Teacher {
  const logarithms = logSoftmax(div(sub(outputs, centre), temperature));
  return { probabilities: exp(logarithms), logarithms };
}

/** Mean entropy in nats, rank 0. */
export const entropy = ({ probabilities, logarithms }: Teacher): Tensor => mul(mean(sum(mul(probabilities, logarithms), -1)), -1);

/** Beside a probability that may be 0. */
const EPSILON = 1e-30;

/** Entropy of the mean over all rows, in nats, rank 0: small where the teacher says the same of all, however sure it is of each. probabilities: [V, K]. */
export function entropyOfMean({ probabilities }: Pick<Teacher, 'probabilities'>): Tensor {
  const average = mean(probabilities, 0);
  return mul(sum(mul(average, log(add(average, EPSILON)))), -1);
}

/**
 * Cross-entropy of each of the teacher's two views with every other view of the student, mean over these pairs and images.
 *
 * @param teacher probabilities [2, B, K]
 * @param global log-probabilities of the student's large views [2, B, K]
 * @param local of its small ones [n, B, K]; undefined: none
 */
export function classLoss(teacher: Tensor, global: Tensor, local?: Tensor): Tensor {
  const pairs = 2 * (1 + (local?.shape[0] ?? 0));
  const large = sum(global, 0, true);
  const others = sub(local === undefined ? large : add(large, sum(local, 0, true)), global);
  return mul(sum(mul(teacher, others)), -1 / (pairs * teacher.shape[1]!));
}

/**
 * Cross-entropy of the masked patches with the same patches of the teacher's view: a view's mean over its masked ones (0
 * where there are none), mean over views.
 *
 * @param teacher probabilities [V, L, K]
 * @param student log-probabilities [V, L, K]
 * @param mask [V, L], 1 where masked
 */
export function patchLoss(teacher: Tensor, student: Tensor, mask: Tensor): Tensor {
  const weights = div(mask, maximum(sum(mask, -1, true), 1));
  return mul(sum(mul(sum(mul(teacher, student), -1), weights)), -1 / mask.shape[0]);
}

/** The centre of the next step: [K] from outputs [..., K] of all views and tokens. */
export function movedCentre(centre: Tensor, outputs: Tensor, momentum: number): Tensor {
  const leading = Array.from({ length: outputs.rank - 1 }, (_, axis) => axis);
  return add(mul(centre, momentum), mul(mean(outputs, leading), 1 - momentum));
}
