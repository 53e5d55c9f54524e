import type { FromSchema } from 'json-schema-to-ts';
import { poolSchema } from '../pool.js';
import type { ProtocolSpec } from '../protocol.js';

const rate = { type: 'number', exclusiveMinimum: 0, maximum: 1000 } as const;
const decay = { type: 'number', minimum: 0, maximum: 1000 } as const;

export const linearSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    lr: { anyOf: [rate, { type: 'array', items: rate, minItems: 1, uniqueItems: true }], default: 0.1, description: 'Learning rate at the start; it falls to 0 along half a cosine. A list is chosen from on validation.' },
    weight_decay: { anyOf: [decay, { type: 'array', items: decay, minItems: 1, uniqueItems: true }], default: 0, description: 'L2 penalty on the weights (added to their gradient), not on the bias. A list is chosen from on validation.' },
    steps: { type: 'integer', minimum: 1, maximum: 100_000, default: 200, description: 'Updates, each on all training images.' },
    momentum: { type: 'number', minimum: 0, exclusiveMaximum: 1, default: 0.9 },
    pool: poolSchema,
  },
} as const;

export type LinearOptions = Required<FromSchema<typeof linearSchema>>;

/**
 * Linear probe: BatchNorm without affine, then a linear layer, on frozen features (methods.md 1.5). The paper's LARS is for
 * batches of 16384 augmented images; here all training features make one batch, so that training is plain gradient descent
 * with momentum on a convex loss, from zero weights: no randomness at all.
 */
export const linear: ProtocolSpec = {
  name: 'linear',
  description: 'a linear layer behind BatchNorm without affine on frozen features, trained on all images at once by gradient descent with momentum',
  schema: linearSchema,
  needs: 'features',
  modules: ['protocols/linear/run.js'],
  images: () => 0,
  load: async () => (await import('./run.js')).linearProtocol,
};
