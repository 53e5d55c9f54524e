import type { JsonObject } from '../../src/files.js';
import type { SuiteMembers } from '../../src/suite/members.js';

/** A small vocabulary for tests of the language itself, so that they do not change when a member's options do. */
const rate = { type: 'number', exclusiveMinimum: 0 };
const listOf = (value: JsonObject): JsonObject => ({ anyOf: [value, { type: 'array', items: value, minItems: 1, uniqueItems: true }] });
const rates = { ...listOf(rate), default: 0.001 };

const object = (properties: JsonObject, required: readonly string[] = []): JsonObject =>
  ({ type: 'object', additionalProperties: false, properties, ...(required.length === 0 ? {} : { required }) });

export const members: SuiteMembers = {
  sources: {
    emoji: {
      schema: object({ artists: { type: 'string', enum: ['all', 'few'], default: 'all' } }),
      tasks: () => Promise.resolve([
        { name: 'animals', development: false },
        { name: 'vehicles', development: false },
        { name: 'tuning', development: true },
      ]),
    },
    folder: {
      schema: object({ path: { type: 'string', minLength: 1 } }, ['path']),
      tasks: () => Promise.resolve([{ name: 'all', development: false }]),
    },
  },
  methods: {
    mae: {
      kind: 'train',
      startsFrom: { methods: ['mae'], required: false },
      description: 'masked autoencoder',
      schema: object({
        mask_ratio: { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1, default: 0.75 },
        decoder: object({
          width: { type: 'integer', minimum: 1, default: 512 },
          depth: { type: 'integer', minimum: 1, default: 8 },
        }),
        norm_pix_loss: { type: 'boolean', default: true },
      }),
    },
    moce: { kind: 'train', startsFrom: { methods: ['mae'], required: true }, schema: object({ experts: { type: 'integer', minimum: 1, default: 8 }, mask_ratio: { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1, default: 0.75 } }) },
    scratch: { kind: 'none', schema: object({}) },
    checkpoint: { kind: 'none', schema: object({ path: { type: 'string', minLength: 1 } }, ['path']) },
  },
  protocols: {
    'fine-tune': { needs: 'encoder', schema: object({ lr: rates, layer_decay: { ...listOf({ type: 'number', exclusiveMinimum: 0, maximum: 1 }), default: 0.75 }, steps: { type: 'integer', minimum: 1, default: 100 } }) },
    knn: { needs: 'features', schema: object({ k: { ...listOf({ type: 'integer', minimum: 1 }), default: 10 } }) },
  },
  models: { vit_tiny: { width: 192, depth: 12, heads: 3, mlp_ratio: 4 } },
};

/** A right suite, as lines: line n of the file is `lines[n - 1]`. */
export const rightSuite = `name: small
title: A small suite
seeds: 2
model: { name: custom, image_size: 32, patch_size: 8, width: 128, depth: 4, heads: 4 }
data:
  emoji: { source: emoji }
methods:
  mae:
    mask_ratio: 0.6
    decoder: { width: 64 }
pretrain:
  batch_size: 256
  schedule: { epochs: 10 }
reference: mae
entries:
  - name: scratch
    method: scratch
    protocols: { fine-tune: { layer_decay: 1.0 } }
  - { name: mae, method: mae }
  - { name: mae-a, method: mae, subset: split-a, decoder: { depth: 1 } }
tasks: [emoji/animals, emoji/vehicles]
protocols:
  fine-tune: { lr: [0.001, 0.01] }
  knn: {}
`;
