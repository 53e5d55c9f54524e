import type { JsonObject } from '../../files.js';

/** JSON schema of a dense source's `size`. */
export const sizeSchema = { type: 'integer', minimum: 32, maximum: 1024, default: 128, description: 'Pixels a side that pictures are prepared at: the longer side fills it, the rest is black.' } as const satisfies JsonObject;

export const sizeOf = (options: JsonObject): number => options['size'] as number;
