import type { AdamW } from './contract.js';

/** Scalars of one update that TensorFlow's kernel is given. `rate` is lr times the parameter's lrScale. */
export interface AdamwScalars {
  readonly epsilon: number;
  alpha(rate: number): number;
}

/**
 * One AdamW step (Loshchilov & Hutter 2019, as torch.optim.AdamW computes it):
 *   p <- p * (1 - lr * wd);  m <- m + (1 - b1)(g - m);  v <- v + (1 - b2)(g^2 - v)
 *   p <- p - lr / (1 - b1^t) * m / (sqrt(v) / sqrt(1 - b2^t) + eps)
 *
 * TensorFlow's kernel (`ResourceApplyAdam`) computes `p - alpha * m / (sqrt(v) + eps')` with alpha from its own powers of
 * beta in float32. Both are given from float64 instead: powers 0, alpha = lr * sqrt(1 - b2^t) / (1 - b1^t),
 * eps' = eps * sqrt(1 - b2^t). The kernel also forms 1 - beta in float32, which for beta 0.999 is off by 5e-5; m and v are
 * then too large by a constant factor, which alpha and eps' take out again. `step` counts from 1.
 */
export function adamwScalars({ beta1, beta2, epsilon }: AdamW, step: number): AdamwScalars {
  const excess = (beta: number): number => Math.fround(1 - Math.fround(beta)) / (1 - beta);
  const excessV = Math.sqrt(excess(beta2));
  const correction1 = 1 - beta1 ** step;
  const correction2 = Math.sqrt(1 - beta2 ** step);
  return { epsilon: epsilon * correction2 * excessV, alpha: (rate) => ((rate * correction2) / correction1) * (excessV / excess(beta1)) };
}
