import type { ProtocolSpec } from '../protocol.js';
import { gridSize, trialsOf } from '../grid-size.js';
import { knnSchema, searched } from './options.js';

/** Weighted k-NN on frozen features, as in DINO's and iBOT's evaluation. Nothing is trained. */
export const knn: ProtocolSpec = {
  name: 'knn',
  description: 'k nearest neighbours by cosine among the training images, each voting with exp(cosine / T)',
  judges: 'classification',
  schema: knnSchema,
  needs: 'features',
  modules: ['protocols/knn/run.js'],
  images: () => ({ trained: 0, evaluated: 0 }),
  // Cosines: validation with the training images once a pooling for all k, then test images and the bank's own with the whole bank.
  flops: (options, { train, validation, test, width }) => {
    const bank = train + validation;
    const tried = trialsOf(gridSize(options, searched)) > 0 ? gridSize(options, ['pool']) : 0;
    return 2 * width * (tried * validation * train + bank * (test + bank));
  },
  load: async () => (await import('./run.js')).knnProtocol,
};
