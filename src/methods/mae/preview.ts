import { patchCount, patchValues, type VitConfig } from '../../models/config.js';
import { IMAGENET_MEAN, IMAGENET_STD, unpatchify } from '../../models/images.js';
import type { PreviewSpec } from '../method.js';
import { keptPatches } from './kept.js';
import { PIXEL_EPSILON } from './loss.js';
import { drawMasks } from './masks.js';
import { maeInputs, predictMasked } from './network.js';
import type { MaeOptions } from './options.js';

const count = 8;
/** Grey of a hidden patch. */
const hidden = 128;

/**
 * Pictures of what the model does: the visible patches; the same with the hidden ones as predicted; the image. A model
 * that predicts normalised patches is shown with each patch's own mean and variance put back, as MAE's demo does: it
 * never predicted those.
 */
export function maePreview(model: VitConfig, options: MaeOptions, seed: number): PreviewSpec {
  const patches = patchCount(model);
  const kept = keptPatches(patches, options.mask_ratio);
  const masks = drawMasks(count, patches, kept, seed, 0, 'preview-mask');
  return {
    function: {
      kind: 'evaluate',
      inputs: maeInputs(model, options, count),
      scalars: [],
      body: (args) => ({ predicted: predictMasked(model, options, args).predicted }),
    },
    count,
    draws: () => ({ ...masks }),
    columns(images, outputs) {
      const predicted = outputs['predicted']!.data as Float32Array;
      const masked = new Uint8Array(images.length);
      const rebuilt = new Uint8Array(images.length);
      const bytes = images.length / count;
      for (let b = 0; b < count; b++) {
        const image = images.subarray(b * bytes, (b + 1) * bytes);
        const original = hostPatches(image, model);
        const grey = original.slice();
        const filled = original.slice();
        for (let m = 0; m < patches - kept; m++) {
          const n = patchValues(model);
          const row = b * (patches - kept) + m;
          const at = masks.masked[row]! * n;
          grey.fill(hidden, at, at + n);
          filled.set(toPixels(predicted.subarray(row * n, (row + 1) * n), original.subarray(at, at + n), options.norm_pix_loss), at);
        }
        masked.set(toBytes(unpatchify(grey, model.imageSize, model.patchSize)), b * bytes);
        rebuilt.set(toBytes(unpatchify(filled, model.imageSize, model.patchSize)), b * bytes);
      }
      return [
        { title: 'masked input', pixels: masked },
        { title: 'reconstruction', pixels: rebuilt },
        { title: 'original', pixels: images },
      ];
    },
  };
}

const toBytes = (values: Float32Array): Uint8Array => Uint8Array.from(values, (value) => Math.min(255, Math.max(0, Math.round(value))));

/** uint8 [S, S, 3] to [L, p * p * 3] in `patchify`'s order, values 0..255. */
function hostPatches(image: Uint8Array, { imageSize, patchSize }: VitConfig): Float32Array {
  const side = imageSize / patchSize;
  const row = patchSize * 3;
  const patches = new Float32Array(image.length);
  for (let patch = 0; patch < side * side; patch++) {
    for (let y = 0; y < patchSize; y++) {
      const from = (Math.floor(patch / side) * patchSize + y) * imageSize * 3 + (patch % side) * row;
      patches.set(image.subarray(from, from + row), (patch * patchSize + y) * row);
    }
  }
  return patches;
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
