import { add, concat, conv2d, matMul, relu, reshape, transpose, type Tensor, type Tensor4D } from '@tensorflow/tfjs-core';
import type { Params, ParamSpec } from '../engine/contract.js';
import { type BatchNorm, batchNormParams } from './batch-norm.js';
import { normal, normParams, trained } from './init.js';
import { layerNormLayer } from './layer-norm.js';
import { linear } from './linear.js';
import { param } from './param.js';

/**
 * Convolutions on maps [B, H, W, C], with parameters in PyTorch's layout. Zeros beyond the edge, stride 1: a map keeps its size.
 *
 * @param x [B, H, W, in]
 * @param weight [out, in, k, k], k odd
 * @returns [B, H, W, out]
 */
function convolve(x: Tensor, weight: Tensor): Tensor {
  const [out, into, size] = weight.shape as [number, number, number, number];
  if (size === 1) {
    const [batch, height, width] = x.shape as [number, number, number, number];
    return reshape(matMul(reshape(x, [batch * height * width, into]), reshape(weight, [out, into]), false, true), [batch, height, width, out]);
  }
  return conv2d(x as Tensor4D, transpose(weight, [2, 3, 1, 0]) as Tensor4D, 1, 'same');
}

/** `convolve` by `<name>.weight` [out, in, k, k] and `<name>.bias` [out]. */
export function convLayer(params: Params, name: string, x: Tensor): Tensor {
  const weight = param(params, `${name}.weight`);
  const bias = param(params, `${name}.bias`);
  return weight.shape[2] === 1 ? linear(x, reshape(weight, [weight.shape[0], weight.shape[1]!]), bias) : add(convolve(x, weight), bias);
}

/** A convolution without bias, `<name>.conv`, and LayerNorm over the channels of each place, `<name>.norm`. */
export const convNormLayer = (params: Params, name: string, x: Tensor): Tensor =>
  layerNormLayer(params, `${name}.norm`, convolve(x, param(params, `${name}.conv.weight`)));

/** A convolution without bias, `<name>.conv`, and batch normalisation, `<name>.bn`. */
export const convBatchNormLayer = (params: Params, name: string, x: Tensor, norm: BatchNorm): Tensor => norm(params, `${name}.bn`, convolve(x, param(params, `${name}.conv.weight`)));

/**
 * Transposed convolution of kernel 2 and stride 2: every place becomes two by two, none of which overlap, so that it is a
 * product and an arrangement of its rows.
 *
 * @param x [B, H, W, in]
 * @param weight [in, out, 2, 2]
 * @returns [B, 2 H, 2 W, out]
 */
export function upConvolve(x: Tensor, weight: Tensor): Tensor {
  const [into, out] = weight.shape as [number, number, number, number];
  const kernel = reshape(transpose(weight, [0, 2, 3, 1]), [into, 4 * out]);
  return doubled(matMul(reshape(x, [x.size / into, into]), kernel), x.shape, out);
}

/** Puts the four places of each place of a map [B, H, W, ...] where they belong. fours: [B * H * W, 4 * channels], a row (down, across, channel); gives [B, 2 H, 2 W, channels]. */
function doubled(fours: Tensor, [batch, height, width]: readonly number[], channels: number): Tensor {
  // Rows of places and `down` change places.
  const arranged = transpose(reshape(fours, [batch! * height!, width!, 2, 2 * channels]), [0, 2, 1, 3]);
  return reshape(arranged, [batch!, 2 * height!, 2 * width!, channels]);
}

/**
 * A transposed convolution, ReLU, and a 1 x 1 convolution of each place of its result, which needs no arrangement before: only the few
 * channels at the end are brought to their places.
 *
 * @param x [B, H, W, in]
 * @returns [B, 2 H, 2 W, last]
 */
export function upConvReluProject(params: Params, up: string, last: string, x: Tensor): Tensor {
  const [weight, bias] = [param(params, `${up}.weight`), param(params, `${up}.bias`)];
  const [into, out] = weight.shape as [number, number, number, number];
  const kernel = reshape(transpose(weight, [2, 3, 1, 0]), [4 * out, into]);
  const fours = relu(linear(reshape(x, [x.size / into, into]), kernel, concat([bias, bias, bias, bias])));
  const ends = convLayer(params, last, reshape(fours, [1, fours.size / out, 1, out]));
  return doubled(ends, x.shape, ends.shape[3]!);
}

/** `upConvolve` by `<name>.weight` [in, out, 2, 2] and `<name>.bias` [out]. */
export const upConvLayer = (params: Params, name: string, x: Tensor): Tensor => add(upConvolve(x, param(params, `${name}.weight`)), param(params, `${name}.bias`));

/** Initial weights of a convolution: normal, Kaiming's by fan-out for ReLU (std = sqrt(2 / (out * k * k))). */
const kaiming = (name: string, out: number, into: number, size: number, seed: number): ParamSpec =>
  trained(name, [out, into, size, size], normal(name, [out, into, size, size], Math.sqrt(2 / (out * size * size)), seed));

/** For `convLayer`: `weight` by Kaiming, or normal of the given standard deviation; zero `bias`. */
export const convParams = (name: string, out: number, into: number, size: number, seed: number, std?: number): readonly ParamSpec[] => [
  std === undefined ? kaiming(`${name}.weight`, out, into, size, seed) : trained(`${name}.weight`, [out, into, size, size], normal(`${name}.weight`, [out, into, size, size], std, seed)),
  trained(`${name}.bias`, [out], new Float32Array(out)),
];

/** For `convNormLayer`. */
export const convNormParams = (name: string, out: number, into: number, size: number, seed: number): readonly ParamSpec[] =>
  [kaiming(`${name}.conv.weight`, out, into, size, seed), ...normParams(`${name}.norm`, out)];

/** For `convBatchNormLayer`. */
export const convBatchNormParams = (name: string, out: number, into: number, size: number, seed: number): readonly ParamSpec[] =>
  [kaiming(`${name}.conv.weight`, out, into, size, seed), ...batchNormParams(`${name}.bn`, out)];

/** The weight for `upConvolve`: an output has one tap of each input channel, so that std = sqrt(1 / in) keeps the variance. */
export const upConvWeight = (name: string, into: number, out: number, seed: number): ParamSpec =>
  trained(`${name}.weight`, [into, out, 2, 2], normal(`${name}.weight`, [into, out, 2, 2], Math.sqrt(1 / into), seed));

/** For `upConvLayer`. */
export const upConvParams = (name: string, into: number, out: number, seed: number): readonly ParamSpec[] => [
  upConvWeight(name, into, out, seed),
  trained(`${name}.bias`, [out], new Float32Array(out)),
];
