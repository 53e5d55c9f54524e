import type { ProtocolSpec } from '../protocol.js';
import { gridSize, trialsOf } from '../grid-size.js';
import { linearOptions, linearSchema, searched } from './options.js';

/**
 * Linear probe: BatchNorm without affine, then a linear layer, on frozen features (methods.md 1.5). The paper's LARS is for
 * batches of 16384 augmented images; here all training features make one batch, so that training is plain gradient descent
 * with momentum on a convex loss, from zero weights: no randomness at all.
 */
export const linear: ProtocolSpec = {
  name: 'linear',
  description: 'a linear layer behind BatchNorm without affine on frozen features, trained on all images at once by gradient descent with momentum',
  judges: 'classification',
  schema: linearSchema,
  needs: 'features',
  modules: ['protocols/linear/run.js'],
  images: () => ({ trained: 0, evaluated: 0 }),
  // A step is a forward pass over all rows and the gradient by the weights: twice a prediction.
  flops: (options, { train, validation, test, classes, width }) => {
    const { steps } = linearOptions(options);
    const predicted = trialsOf(gridSize(options, searched)) * (2 * steps * train + validation) + 2 * steps * (train + validation) + train + validation + test;
    return 2 * width * classes * predicted;
  },
  load: async () => (await import('./run.js')).linearProtocol,
};
