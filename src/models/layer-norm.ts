import { add, mean, mul, rsqrt, square, sub, sum, type Tensor } from '@tensorflow/tfjs-core';
import type { Params } from '../engine/contract.js';
import { param } from './param.js';
import { withGradient } from './with-gradient.js';

/** timm's and MAE's epsilon (PyTorch's own default is 1e-5). */
const LAYER_NORM_EPSILON = 1e-6;

/**
 * Layer normalisation over the last axis, biased variance.
 *
 * @param x [..., d]
 * @param gain [d]
 * @param bias [d]
 */
export function layerNorm(x: Tensor, gain: Tensor, bias: Tensor, epsilon = LAYER_NORM_EPSILON): Tensor {
  return withGradient(
    [x, gain, bias],
    (save) => {
      const centred = sub(x, mean(x, -1, true));
      const scale = rsqrt(add(mean(square(centred), -1, true), epsilon));
      const normal = mul(centred, scale);
      save([normal, scale, gain]);
      return add(mul(normal, gain), bias);
    },
    (dy, [normal, scale, savedGain]) => {
      const leading = Array.from({ length: dy.rank - 1 }, (_, axis) => axis);
      const scaled = mul(dy, savedGain!);
      const spread = mul(normal!, mean(mul(scaled, normal!), -1, true));
      const dx = mul(sub(sub(scaled, mean(scaled, -1, true)), spread), scale!);
      return [dx, sum(mul(dy, normal!), leading), sum(dy, leading)];
    },
  );
}

/** `layerNorm` with the parameters `<name>.weight` and `<name>.bias`. */
export const layerNormLayer = (params: Params, name: string, x: Tensor): Tensor =>
  layerNorm(x, param(params, `${name}.weight`), param(params, `${name}.bias`));
