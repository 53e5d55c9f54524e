import type { JsonObject } from '../../files.js';
import type { Side } from '../image-set.js';

/** JSON schema of the option `sides`. */
export const sidesSchema = {
  type: 'object',
  description: 'Side of single classes (A: inanimate, B: organism or produce, null: neither), before what their names tell.',
  additionalProperties: { enum: ['A', 'B', null] },
  default: {},
} as const satisfies JsonObject;

export const isSide = (value: unknown): value is Side => value === 'A' || value === 'B';

/** What the option `sides` says, by class. */
export const givenSides = (options: JsonObject): ReadonlyMap<string, Side | null> =>
  new Map(Object.entries((options['sides'] ?? {}) as JsonObject).filter((entry): entry is [string, Side | null] => entry[1] === null || isSide(entry[1])));
