import type { JsonObject } from '../../files.js';

/** Options of `checkpoint`. */
export const checkpointSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['path'],
  properties: {
    path: { type: 'string', minLength: 1, description: 'Safetensors file with timm names; relative to the folder that maskbench is started in.' },
  },
} as const satisfies JsonObject;

/** The path of validated options. */
export const checkpointPath = (options: JsonObject): string => options['path'] as string;
