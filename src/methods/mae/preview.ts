import { patchCount, type VitConfig } from '../../models/config.js';
import type { PreviewSpec } from '../method.js';
import { composed, reconstructed } from '../pictures.js';
import { keptPatches } from './kept.js';
import { drawMasks } from './masks.js';
import { maeInputs, predictMasked } from './network.js';
import type { MaeOptions } from './options.js';

const count = 8;

/** Pictures of what the model does: the visible patches; the same with the hidden ones as predicted; the image. */
export function maePreview(model: VitConfig, options: MaeOptions, seed: number): PreviewSpec {
  const patches = patchCount(model);
  const kept = keptPatches(patches, options.mask_ratio);
  const masks = drawMasks(count, patches, kept, seed, 0, 'preview-mask');
  const isHidden = (image: number, patch: number): boolean => masks.restore[image * patches + patch] === kept;
  return {
    function: {
      kind: 'evaluate',
      inputs: maeInputs(model, options, count),
      scalars: [],
      body: (args) => ({ predicted: predictMasked(model, options, args).predicted }),
    },
    count,
    draws: () => ({ ...masks }),
    columns: (images, outputs) => [
      { title: 'masked input', pixels: composed(model, images, (image, patch) => (isHidden(image, patch) ? null : image)) },
      { title: 'reconstruction', pixels: reconstructed(model, images, masks.masked, outputs['predicted']!.data as Float32Array, options.norm_pix_loss) },
      { title: 'original', pixels: images },
    ],
  };
}
