import { maeForwardMacs } from '../../models/flops.js';
import type { MethodSpec } from '../method.js';
import { maeProblems } from './check.js';
import { maeOptions, maeSchema } from './options.js';

/** Masked autoencoder (He et al. 2021, arXiv 2111.06377). */
export const mae: MethodSpec = {
  name: 'mae',
  description: 'Masked autoencoder: reconstructs the pixels of hidden patches from the visible ones.',
  schema: maeSchema,
  kind: 'train',
  modules: ['methods/mae/spec.js', 'methods/mae/step.js'],
  // Goes on training: the same extra images for MAE as for a method that starts from it.
  startsFrom: { methods: ['mae'], required: false, alike: ['decoder'] },
  // Forward and backward: three times the forward pass, two operations a multiply-add.
  flopsPerImage: (model, options) => 6 * maeForwardMacs(model, maeOptions(options).decoder, maeOptions(options).mask_ratio),
  check: ({ model, options, epochs }) => maeProblems(model, maeOptions(options), epochs),
  load: async () => (await import('./step.js')).maeMethod,
};
