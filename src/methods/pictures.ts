import { patchCount, patchValues, type VitConfig } from '../models/config.js';
import { IMAGENET_MEAN, IMAGENET_STD } from '../models/channel-statistics.js';
import { unpatchify } from '../models/images.js';
import { PIXEL_EPSILON } from './mae/loss.js';

/** Grey of a hidden patch. */
const HIDDEN = 128;

/**
 * Pictures made of patches of the images: at each place that of the image that `source` names, or grey for null.
 *
 * @param images uint8 [B, S, S, 3]
 * @returns uint8 [B, S, S, 3]
 */
export function composed(model: VitConfig, images: Uint8Array, source: (image: number, patch: number) => number | null): Uint8Array {
  const patches = patchesOf(model, images);
  const n = patchValues(model);
  return pictures(model, patches.map((own, b) => {
    const picture = own.slice();
    for (let patch = 0; patch < patchCount(model); patch++) {
      const from = source(b, patch);
      if (from === null) picture.fill(HIDDEN, patch * n, (patch + 1) * n);
      else picture.set(patches[from]!.subarray(patch * n, (patch + 1) * n), patch * n);
    }
    return picture;
  }));
}

/**
 * The images with the masked patches as predicted. A model that predicts normalised patches is shown with each patch's own
 * mean and variance put back, as MAE's demo does: it never predicted those.
 *
 * @param images uint8 [B, S, S, 3]
 * @param masked int32 [B, M]
 * @param predicted [B, M, p * p * 3]
 * @returns uint8 [B, S, S, 3]
 */
export function reconstructed(model: VitConfig, images: Uint8Array, masked: Int32Array, predicted: Float32Array, normalised: boolean): Uint8Array {
  const patches = patchesOf(model, images);
  const n = patchValues(model);
  const count = masked.length / patches.length;
  return pictures(model, patches.map((own, b) => {
    const picture = own.slice();
    for (let row = b * count; row < (b + 1) * count; row++) {
      const at = masked[row]! * n;
      picture.set(toPixels(predicted.subarray(row * n, (row + 1) * n), own.subarray(at, at + n), normalised), at);
    }
    return picture;
  }));
}

const toBytes = (values: Float32Array): Uint8Array => Uint8Array.from(values, (value) => Math.min(255, Math.max(0, Math.round(value))));

/** One [L, p * p * 3] an image to uint8 [B, S, S, 3]. */
function pictures({ imageSize, patchSize }: VitConfig, patches: readonly Float32Array[]): Uint8Array {
  const bytes = imageSize ** 2 * 3;
  const all = new Uint8Array(patches.length * bytes);
  patches.forEach((values, b) => { all.set(toBytes(unpatchify(values, imageSize, patchSize)), b * bytes); });
  return all;
}

/** uint8 [B, S, S, 3] to one [L, p * p * 3] an image in `patchify`'s order, values 0..255. */
function patchesOf({ imageSize, patchSize }: VitConfig, images: Uint8Array): readonly Float32Array[] {
  const bytes = imageSize ** 2 * 3;
  const side = imageSize / patchSize;
  const row = patchSize * 3;
  return Array.from({ length: images.length / bytes }, (_, b) => {
    const image = images.subarray(b * bytes, (b + 1) * bytes);
    const patches = new Float32Array(bytes);
    for (let patch = 0; patch < side * side; patch++) {
      for (let y = 0; y < patchSize; y++) {
        const from = (Math.floor(patch / side) * patchSize + y) * imageSize * 3 + (patch % side) * row;
        patches.set(image.subarray(from, from + row), (patch * patchSize + y) * row);
      }
    }
    return patches;
  });
}

/** Predicted values of one patch to 0..255. */
function toPixels(predicted: Float32Array, original: Float32Array, normalised: boolean): Float32Array {
  const network = original.map((value, i) => (value / 255 - IMAGENET_MEAN[i % 3]!) / IMAGENET_STD[i % 3]!);
  const mean = network.reduce((sum, value) => sum + value, 0) / network.length;
  const variance = network.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (network.length - 1);
  const std = Math.sqrt(variance + PIXEL_EPSILON);
  return predicted.map((value, i) => {
    const inNetwork = normalised ? value * std + mean : value;
    return (inNetwork * IMAGENET_STD[i % 3]! + IMAGENET_MEAN[i % 3]!) * 255;
  });
}
