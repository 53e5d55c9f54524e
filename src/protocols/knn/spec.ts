import type { FromSchema } from 'json-schema-to-ts';
import { poolSchema } from '../pool.js';
import type { ProtocolSpec } from '../protocol.js';

const neighbours = { type: 'integer', minimum: 1, maximum: 10_000 } as const;

export const knnSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    k: { anyOf: [neighbours, { type: 'array', items: neighbours, minItems: 1, uniqueItems: true }], default: 10, description: 'Neighbours that vote, at most all there are. A list is chosen from on validation.' },
    temperature: { type: 'number', exclusiveMinimum: 0, maximum: 100, default: 0.07, description: 'T of a vote\'s weight exp(cosine / T).' },
    pool: poolSchema,
  },
} as const;

export type KnnOptions = Required<FromSchema<typeof knnSchema>>;

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
