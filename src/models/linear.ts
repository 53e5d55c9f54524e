import { add, matMul, reshape, sum, type Tensor } from '@tensorflow/tfjs-core';
import type { Params } from '../engine/contract.js';
import { param } from './param.js';
import { withGradient } from './with-gradient.js';

/**
 * `x W^T + b` on the last axis, with the weight as PyTorch stores it: [out, in].
 *
 * @param x [..., in]
 * @param weight [out, in]
 * @param bias [out]
 * @returns [..., out]
 */
export function linear(x: Tensor, weight: Tensor, bias: Tensor): Tensor {
  const [out, width] = weight.shape as [number, number];
  const rows = x.size / width;
  const flat = reshape(x, [rows, width]);
  const result = withGradient(
    [flat, weight, bias],
    (save) => {
      save([flat, weight]);
      return add(matMul(flat, weight, false, true), bias);
    },
    (dy, [savedX, savedWeight]) => [matMul(dy, savedWeight!), matMul(dy, savedX!, true, false), sum(dy, 0)],
  );
  return x.rank === 2 ? result : reshape(result, [...x.shape.slice(0, -1), out]);
}

/** As `linear`, for an `x` that no gradient is needed for (pixels, frozen features): saves one large product. */
export function linearOfConstant(x: Tensor, weight: Tensor, bias: Tensor): Tensor {
  const [out, width] = weight.shape as [number, number];
  const flat = reshape(x, [x.size / width, width]);
  const result = withGradient(
    [weight, bias],
    (save) => {
      save([flat]);
      return add(matMul(flat, weight, false, true), bias);
    },
    (dy, [savedX]) => [matMul(dy, savedX!, true, false), sum(dy, 0)],
  );
  return reshape(result, [...x.shape.slice(0, -1), out]);
}

/** `linear` with the parameters `<name>.weight` and `<name>.bias`. */
export const linearLayer = (params: Params, name: string, x: Tensor): Tensor =>
  linear(x, param(params, `${name}.weight`), param(params, `${name}.bias`));
