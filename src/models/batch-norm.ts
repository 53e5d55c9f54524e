import { add, mean, mul, rsqrt, square, sub, sum, type Tensor } from '@tensorflow/tfjs-core';
import type { Params, ParamSpec } from '../engine/contract.js';
import { fixed, normParams } from './init.js';
import { param } from './param.js';
import { withGradient } from './with-gradient.js';

/** PyTorch's default. */
const BATCH_NORM_EPSILON = 1e-5;

/** Normalises every channel of x [..., C] by `<name>.weight` and `<name>.bias` [C] after its mean and variance, wherever those are from. */
export type BatchNorm = (params: Params, name: string, x: Tensor) => Tensor;

/** All axes but the last. */
const places = (x: Tensor): number[] => Array.from({ length: x.rank - 1 }, (_, axis) => axis);

/** PyTorch's BatchNorm in training: by the mean and the biased variance of the batch at hand, over all places of all its maps. */
export const batchNorm: BatchNorm = (params, name, x) => {
  const axes = places(x);
  const gain = param(params, `${name}.weight`);
  const bias = param(params, `${name}.bias`);
  return withGradient(
    [x, gain, bias],
    (save) => {
      const centred = sub(x, mean(x, axes, true));
      const scale = rsqrt(add(mean(square(centred), axes, true), BATCH_NORM_EPSILON));
      const normal = mul(centred, scale);
      save([normal, mul(gain, scale)]);
      return add(mul(normal, gain), bias);
    },
    (dy, [normal, scaled]) => {
      const along = mul(dy, normal!);
      const dx = mul(sub(sub(dy, mean(dy, axes, true)), mul(normal!, mean(along, axes, true))), scaled!);
      return [dx, sum(along, axes), sum(dy, axes)];
    },
  );
};

/** PyTorch's BatchNorm in evaluation: by `<name>.running_mean` and `<name>.running_var` [C]. */
export const runningNorm: BatchNorm = (params, name, x) => {
  const scale = mul(rsqrt(add(param(params, `${name}.running_var`), BATCH_NORM_EPSILON)), param(params, `${name}.weight`));
  return add(mul(sub(x, param(params, `${name}.running_mean`)), scale), param(params, `${name}.bias`));
};

/** `batchNorm`, for a function that no gradient is taken of, that also leaves each norm's mean and biased variance in `found`, [C] each, under the names of `runningNorm`'s parameters. */
export const observedNorm = (found: Record<string, Tensor>): BatchNorm => (params, name, x) => {
  const axes = places(x);
  const centre = mean(x, axes);
  found[`${name}.running_mean`] = centre;
  found[`${name}.running_var`] = mean(square(sub(x, centre)), axes);
  return batchNorm(params, name, x);
};

/** For a `BatchNorm`: ones and zeros to be trained, and statistics that leave values as they are until others are written. */
export const batchNormParams = (name: string, channels: number): readonly ParamSpec[] => [
  ...normParams(name, channels),
  fixed(`${name}.running_mean`, [channels], new Float32Array(channels)),
  fixed(`${name}.running_var`, [channels], new Float32Array(channels).fill(1)),
];

/** What `observedNorm` found in one batch, by name. */
type Observed = Readonly<Record<string, { readonly data: ArrayLike<number> }>>;

/**
 * Statistics of several batches of equal size as one, in place of the moving averages that a short training leaves half-way (Wu & Johnson 2021,
 * "precise batch norm"): the mean of means, and the variance of all values, which is that within batches and that between their means.
 */
export function pooledStatistics(batches: readonly Observed[]): ReadonlyMap<string, Float32Array> {
  const average = (name: string, value: (batch: Observed, channel: number) => number): Float32Array =>
    Float32Array.from({ length: batches[0]![name]!.data.length }, (_, channel) => batches.reduce((total, batch) => total + value(batch, channel), 0) / batches.length);
  const suffix = '.running_mean';
  const means = Object.keys(batches[0] ?? {}).filter((name) => name.endsWith(suffix));
  return new Map(means.flatMap((name) => {
    const spread = `${name.slice(0, -suffix.length)}.running_var`;
    const centre = average(name, (batch, channel) => batch[name]!.data[channel]!);
    return [
      [name, centre] as const,
      [spread, average(spread, (batch, channel) => batch[spread]!.data[channel]! + (batch[name]!.data[channel]! - centre[channel]!) ** 2)] as const,
    ];
  }));
}
