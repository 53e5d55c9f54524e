import { add, erf, exp, mul, square, type Tensor } from '@tensorflow/tfjs-core';
import { withGradient } from './with-gradient.js';

/** The exact GELU, x * Phi(x), as PyTorch's default (not the tanh form). */
export function gelu(x: Tensor): Tensor {
  return withGradient(
    [x],
    (save) => {
      // In this order of operations TensorFlow finds GELU behind a product and fuses the two, where no gradient is taken.
      const cumulative = mul(add(erf(mul(x, Math.SQRT1_2)), 1), 0.5);
      save([x, cumulative]);
      return mul(x, cumulative);
    },
    (dy, [savedX, cumulative]) => {
      const density = mul(exp(mul(square(savedX!), -0.5)), 1 / Math.sqrt(2 * Math.PI));
      return [mul(dy, add(cumulative!, mul(savedX!, density)))];
    },
  );
}
