import { mixedForwardMacs } from '../../models/flops.js';
import type { MethodSpec } from '../method.js';
import { mixedaeProblems } from './check.js';
import { imagesPerGroup } from './groups.js';
import { mixedaeOptions, mixedaeSchema } from './options.js';
import { mixPlan } from './plan.js';

/** Mixed autoencoder (Chen et al. 2023, arXiv 2303.17152), as far as it is known; see options.ts. */
export const mixedae: MethodSpec = {
  name: 'mixedae',
  description: 'Mixed autoencoder: reconstructs each of several mixed images, and learns to tell which patches are of one image.',
  schema: mixedaeSchema,
  kind: 'train',
  modules: ['methods/mixedae/spec.js', 'methods/mixedae/step.js'],
  // Forward and backward: three times the forward pass, two operations a multiply-add.
  flopsPerImage(model, json) {
    const options = mixedaeOptions(json);
    const { images, projector } = mixPlan(model, options);
    return 6 * mixedForwardMacs(model, options.decoder, images, projector);
  },
  units: (json) => [{ name: 'mixed sequences', perImage: 1 / imagesPerGroup(mixedaeOptions(json).mixing_ratio)! }],
  check: ({ model, options, epochs, batchSize }) => mixedaeProblems(model, mixedaeOptions(options), epochs, batchSize),
  load: async () => (await import('./step.js')).mixedaeMethod,
};
