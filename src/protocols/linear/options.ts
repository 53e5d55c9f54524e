import type { FromSchema } from 'json-schema-to-ts';
import type { JsonObject } from '../../files.js';
import { poolSchema } from '../pool.js';

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

/** Options with every default filled in. */
export type LinearOptions = Readonly<FromSchema<typeof linearSchema>>;

/** Options that may be lists, in the order of the grid. */
export const searched = ['pool', 'lr', 'weight_decay'] as const;

/** Validated options by their type; the suite has checked them and filled in the defaults. */
export const linearOptions = (options: JsonObject): LinearOptions => options as unknown as LinearOptions;
