import { mul, reshape, sub, tensor1d, transpose, type Tensor } from '@tensorflow/tfjs-core';
import { IMAGENET_MEAN, IMAGENET_STD } from './channel-statistics.js';

/**
 * Pixels 0..255 to patches of normalised values: (pixel / 255 - mean) / std.
 *
 * The order is MAE's: patches row by row; in a patch rows, columns, and the channel fastest.
 *
 * @param images float32 [B, S, S, 3], 0..255
 * @returns [B, L, p * p * 3]
 */
export function patchify(images: Tensor, patchSize: number): Tensor {
  const [batch, size] = images.shape as [number, number, number, number];
  const side = size / patchSize;
  const row = patchSize * 3;
  const pixels = transpose(reshape(images, [batch * side, patchSize, side, row]), [0, 2, 1, 3]);
  const patches = reshape(pixels, [batch, side * side, patchSize * row]);
  const scale = IMAGENET_STD.map((std) => 1 / (255 * std));
  const shift = IMAGENET_MEAN.map((mean) => mean * 255);
  return mul(sub(patches, repeated(shift, patchSize ** 2)), repeated(scale, patchSize ** 2));
}

const repeated = (values: readonly number[], times: number): Tensor =>
  tensor1d(Array.from({ length: times }, () => values).flat());

/** Inverse of `patchify`'s order on the host, for one image: values [L, p * p * 3] to [S, S, 3]. */
export function unpatchify(patches: Float32Array, size: number, patchSize: number): Float32Array {
  const side = size / patchSize;
  const row = patchSize * 3;
  const pixels = new Float32Array(size * size * 3);
  for (let patch = 0; patch < side * side; patch++) {
    for (let y = 0; y < patchSize; y++) {
      const from = (patch * patchSize + y) * row;
      const top = Math.floor(patch / side) * patchSize + y;
      pixels.set(patches.subarray(from, from + row), top * size * 3 + (patch % side) * row);
    }
  }
  return pixels;
}
