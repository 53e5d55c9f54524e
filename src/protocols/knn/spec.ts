import type { ProtocolSpec } from '../protocol.js';
import { knnSchema } from './options.js';

/** Weighted k-NN on frozen features, as in DINO's and iBOT's evaluation. Nothing is trained. */
export const knn: ProtocolSpec = {
  name: 'knn',
  description: 'k nearest neighbours by cosine among the training images, each voting with exp(cosine / T)',
  schema: knnSchema,
  needs: 'features',
  modules: ['protocols/knn/run.js'],
  images: () => 0,
  load: async () => (await import('./run.js')).knnProtocol,
};
