import type { FromSchema } from 'json-schema-to-ts';
import type { JsonObject } from '../../files.js';
import { poolSchema } from '../pool.js';

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

/** Options with every default filled in. */
type KnnOptions = Readonly<FromSchema<typeof knnSchema>>;

/** Options that may be lists, in the order of the grid. */
export const searched = ['pool', 'k'] as const;

/** Validated options by their type; the suite has checked them and filled in the defaults. */
export const knnOptions = (options: JsonObject): KnnOptions => options as unknown as KnnOptions;
