import type { FromSchema } from 'json-schema-to-ts';
import type { JsonObject } from '../../files.js';
import type { Filled } from '../filled.js';
import { maeSchema } from '../mae/options.js';

const { decoder, norm_pix_loss, base_lr, warmup_epochs, weight_decay, augment } = maeSchema.properties;

/**
 * Options of MixedAE. The paper's method section and hyper-parameters could not be read: what a description calls recalled
 * is from memory of it, what it calls our choice is known from nowhere. Everything else is MAE's.
 */
export const mixedaeSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    mixing_ratio: {
      type: 'number', exclusiveMinimum: 0, maximum: 0.5, default: 0.25,
      description: 'Share of a mixed sequence that each image gives, r: groups of 1 / r consecutive images of the batch are mixed, and each keeps r of its patches. 1 / r is a whole number that divides batch_size and the number of patches. Default recalled.',
    },
    segment_embed: { type: 'boolean', default: true, description: 'Add to each token a learned vector of its image\'s place in the group. Recalled.' },
    topk: {
      anyOf: [{ type: 'string', enum: ['auto', 'off'] }, { type: 'integer', minimum: 1 }], default: 'auto',
      description: 'Keys that a patch attends to: the k of the largest scores. auto: mixing_ratio * patches (recalled), as many as an image keeps; off: ordinary attention.',
    },
    topk_blocks: {
      anyOf: [{ type: 'string', enum: ['all', 'all-but-first'] }, { type: 'array', items: { type: 'integer', minimum: 0 }, minItems: 1, uniqueItems: true }],
      default: 'all-but-first',
      description: 'Encoder blocks whose attention is restricted, counted from 0. That the first is left out is recalled with low confidence.',
    },
    topk_class_token: {
      type: 'string', enum: ['apart', 'alike'], default: 'apart',
      description: 'apart: the class token attends to all tokens and is attended to besides the k keys; alike: it is a token as every other. Our choice.',
    },
    contrastive: {
      type: 'object',
      additionalProperties: false,
      default: {},
      description: 'The homologous contrastive loss on the encoder\'s patch tokens.',
      properties: {
        weight: { type: 'number', minimum: 0, maximum: 1000, default: 0.1, description: 'Beside the reconstruction loss. 0: neither loss nor projector. Recalled with low confidence.' },
        temperature: { type: 'number', minimum: 0.03, maximum: 100, default: 0.25, description: 'Divides the cosines. Recalled with low confidence.' },
        width: {
          anyOf: [{ type: 'string', enum: ['model'] }, { type: 'integer', minimum: 1, maximum: 65536 }], default: 'model',
          description: 'Of every layer of the projector; model: the encoder\'s width. Our choice.',
        },
        depth: { type: 'integer', minimum: 1, maximum: 8, default: 2, description: 'Layers of the projector. That there are two is recalled; GELU between them is our choice.' },
      },
    },
    decoder, norm_pix_loss, base_lr, warmup_epochs, weight_decay, augment,
  },
} as const satisfies JsonObject;

/** Options after validation, every default filled in. */
export type MixedaeOptions = Filled<Omit<FromSchema<typeof mixedaeSchema>, 'augment'>> & { readonly augment: JsonObject };

/** Validated options by their type; the suite has checked them and filled in the defaults. */
export const mixedaeOptions = (options: JsonObject): MixedaeOptions => options as unknown as MixedaeOptions;
