import { patchCount, type VitConfig } from '../../models/config.js';
import { maskedInputs } from '../mae/network.js';
import type { PreviewSpec } from '../method.js';
import { composed, reconstructed } from '../pictures.js';
import { drawMix } from '../group-masks.js';
import { forward } from './network.js';
import type { MixedaeOptions } from './options.js';
import { mixPlan } from './plan.js';

/** Rows of pictures, as far as whole groups allow. */
const ROWS = 8;

/** Whole groups: what the encoder saw of all of a group's images together; each image as predicted; the image. */
export function mixedaePreview(model: VitConfig, options: MixedaeOptions, seed: number): PreviewSpec {
  const patches = patchCount(model);
  const { images, own } = mixPlan(model, options);
  const groups = Math.max(1, Math.floor(ROWS / images));
  const masks = drawMix(groups, patches, images, seed, 0, 'preview-mix');
  const giver = (image: number, patch: number): number => {
    const first = Math.floor(image / images) * images;
    for (let i = first; ; i++) if (masks.restore[i * patches + patch]! < own) return i;
  };
  return {
    function: {
      kind: 'evaluate',
      inputs: maskedInputs(model, own, groups * images),
      scalars: [],
      body: (args) => ({ predicted: forward(model, options, args).predicted }),
    },
    count: groups * images,
    draws: () => ({ ...masks }),
    columns: (pixels, outputs) => [
      { title: 'mixed input', pixels: composed(model, pixels, giver) },
      { title: 'reconstruction', pixels: reconstructed(model, pixels, masks.masked, outputs['predicted']!.data as Float32Array, options.norm_pix_loss) },
      { title: 'original', pixels },
    ],
  };
}
