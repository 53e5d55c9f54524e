import { add, mul, rsqrt, square, sub, sum, type Tensor } from '@tensorflow/tfjs-core';
import { withGradient } from '../../models/with-gradient.js';

/** Beside the squared length of a row, which may be 0. */
const EPSILON = 1e-12;

/**
 * Rows of length 1: [..., d]. For a weight it is weight normalisation with the length fixed at 1.
 *
 * @param gate rank 0; multiplies the gradient and nothing else (0: frozen)
 */
export function unitRows(x: Tensor, gate?: Tensor): Tensor {
  return withGradient(
    [x],
    (save) => {
      const scale = rsqrt(add(sum(square(x), -1, true), EPSILON));
      const unit = mul(x, scale);
      save([unit, scale, ...(gate === undefined ? [] : [gate])]);
      return unit;
    },
    (dy, [unit, scale, open]) => {
      const dx = mul(sub(dy, mul(unit!, sum(mul(dy, unit!), -1, true))), scale!);
      return [open === undefined ? dx : mul(dx, open)];
    },
  );
}
