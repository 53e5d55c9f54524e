import type { JsonObject } from '../../files.js';
import { type ChannelStatistics, IMAGENET_MEAN, IMAGENET_STD } from '../../models/channel-statistics.js';

const threeOf = (items: JsonObject): JsonObject => ({ type: 'array', items, minItems: 3, maxItems: 3 });

/** Options of `checkpoint`. */
export const checkpointSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['path'],
  properties: {
    path: { type: 'string', minLength: 1, description: 'Safetensors file with timm names; relative to the folder that maskbench is started in.' },
    mean: { ...threeOf({ type: 'number', minimum: 0, maximum: 1 }), default: [...IMAGENET_MEAN], description: "What the encoder's pixels (red, green, blue in 0..1) had taken off, as timm's `mean`. Default: ImageNet's." },
    std: { ...threeOf({ type: 'number', exclusiveMinimum: 0, maximum: 10 }), default: [...IMAGENET_STD], description: "And what they were divided by, as timm's `std`." },
  },
} as const satisfies JsonObject;

/** Statistics of validated options. */
export const channelStatistics = (options: JsonObject): { readonly mean: ChannelStatistics; readonly std: ChannelStatistics } =>
  ({ mean: (options['mean'] ?? IMAGENET_MEAN) as unknown as ChannelStatistics, std: (options['std'] ?? IMAGENET_STD) as unknown as ChannelStatistics });

/** The path of validated options. */
export const checkpointPath = (options: JsonObject): string => options['path'] as string;
