import type { FromSchema } from 'json-schema-to-ts';
import type { JsonObject } from '../../files.js';
import { poolSchema } from '../pool.js';
import { readOptions } from '../read-options.js';

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

/** Checked options with every default. SuiteError for a mistake. */
export const knnOptions = (given: JsonObject): KnnOptions => readOptions('knn', knnSchema, given) as unknown as KnnOptions;
