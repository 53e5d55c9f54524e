import type { ParamSpec } from '../engine/contract.js';
import { sizeOf } from '../engine/feeds.js';
import { stream } from '../random.js';

/**
 * Initial values, each a function of (seed, parameter name) alone: two models that share a layer start it equally.
 */

/** Xavier-uniform for [out, in...] (all axes after the first are the fan-in), as MAE's for every Linear and the patch embedding. */
export function xavierUniform(name: string, shape: readonly number[], seed: number): Float32Array {
  const out = shape[0]!;
  const fanIn = sizeOf(shape.slice(1));
  const bound = Math.sqrt(6 / (fanIn + out));
  const draws = stream(seed, `init/${name}`);
  return Float32Array.from({ length: sizeOf(shape) }, () => draws.between(-bound, bound));
}

/** Normal values around 0. */
export function normal(name: string, shape: readonly number[], std: number, seed: number): Float32Array {
  const draws = stream(seed, `init/${name}`);
  return Float32Array.from({ length: sizeOf(shape) }, () => std * draws.normal());
}

/** A parameter that is trained with the full learning rate; decay only from two dimensions on, as MAE groups them. */
export const trained = (name: string, shape: readonly number[], value: Float32Array, decay = shape.length > 1): ParamSpec =>
  ({ name, shape, value, trainable: true, decay, lrScale: 1 });

/** A parameter that training leaves as it is. */
export const fixed = (name: string, shape: readonly number[], value: Float32Array): ParamSpec =>
  ({ name, shape, value, trainable: false, decay: false, lrScale: 1 });

/** `<name>.weight` [out, in], Xavier-uniform, and `<name>.bias` [out], zero. */
export const linearParams = (name: string, out: number, width: number, seed: number): readonly ParamSpec[] => [
  trained(`${name}.weight`, [out, width], xavierUniform(`${name}.weight`, [out, width], seed)),
  trained(`${name}.bias`, [out], new Float32Array(out)),
];

/** `<name>.weight`, ones, and `<name>.bias`, zero, both [width]. */
export const normParams = (name: string, width: number): readonly ParamSpec[] => [
  trained(`${name}.weight`, [width], new Float32Array(width).fill(1)),
  trained(`${name}.bias`, [width], new Float32Array(width)),
];

/** One transformer block under `<name>.`. */
export function blockParams(name: string, width: number, mlpRatio: number, seed: number): readonly ParamSpec[] {
  const hidden = Math.trunc(width * mlpRatio);
  return [
    ...normParams(`${name}.norm1`, width),
    ...linearParams(`${name}.attn.qkv`, 3 * width, width, seed),
    ...linearParams(`${name}.attn.proj`, width, width, seed),
    ...normParams(`${name}.norm2`, width),
    ...linearParams(`${name}.mlp.fc1`, hidden, width, seed),
    ...linearParams(`${name}.mlp.fc2`, width, hidden, seed),
  ];
}
