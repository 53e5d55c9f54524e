import type { FromSchema } from 'json-schema-to-ts';
import { augmentSchema } from '../../data/augment/options.js';
import type { JsonObject } from '../../files.js';
import type { Filled } from '../filled.js';

/** Options of MAE. Defaults are the paper's for ViT-B with the reference code's released variant (norm_pix_loss). */
export const maeSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    mask_ratio: { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1, default: 0.75, description: 'Share of the patches that are hidden; int(L * (1 - ratio)) stay.' },
    decoder: {
      type: 'object',
      additionalProperties: false,
      default: {},
      description: 'The decoder, dropped after pre-training. Its MLP ratio is the model\'s.',
      properties: {
        width: { type: 'integer', minimum: 4, maximum: 8192, default: 512, description: 'Multiple of heads and of 4.' },
        depth: { type: 'integer', minimum: 0, maximum: 128, default: 8, description: 'Blocks.' },
        heads: { type: 'integer', minimum: 1, maximum: 256, default: 16, description: 'Attention heads.' },
      },
    },
    norm_pix_loss: { type: 'boolean', default: true, description: 'Predict each patch normalised by its own mean and variance.' },
    base_lr: { type: 'number', exclusiveMinimum: 0, maximum: 10, default: 1.5e-4, description: 'Peak learning rate is base_lr * batch_size / 256.' },
    warmup_epochs: { type: 'number', minimum: 0, maximum: 100000, default: 40, description: 'Linear warm-up, shorter than the schedule.' },
    weight_decay: { type: 'number', minimum: 0, maximum: 10, default: 0.05, description: 'AdamW, not on biases and other 1-D parameters.' },
    augment: augmentSchema,
  },
} as const satisfies JsonObject;

/** Options after validation, every default filled in. */
export type MaeOptions = Filled<Omit<FromSchema<typeof maeSchema>, 'augment'>> & { readonly augment: JsonObject };

/** Validated options by their type; the suite has checked them and filled in the defaults. */
export const maeOptions = (options: JsonObject): MaeOptions => options as unknown as MaeOptions;
