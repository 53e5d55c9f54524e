import { baselineVersion } from './types.js';

/** JSON schema (draft 2020-12) of a recorded baseline. Written to schemas/baseline.schema.json by scripts/result-schemas.mjs. */
const text = { type: 'string' } as const;
const whole = { type: 'integer', minimum: 0 } as const;
const fraction = { type: 'number', minimum: 0, maximum: 1 } as const;
/** COCO's -1 where no object counts. */
const precision = { type: 'number', minimum: -1, maximum: 1 } as const;
const closed = { type: 'object', additionalProperties: false } as const;
const seconds = { type: 'array', items: { type: 'number', exclusiveMinimum: 0 }, minItems: 1 } as const;
const wholes = { type: 'array', items: whole } as const;

const matches = {
  type: 'array',
  description: 'By image: by class, the objects that count, the ranks of the scores (1 the lowest), and bits by IoU threshold.',
  items: {
    type: 'array',
    items: { ...closed, required: ['category', 'truths', 'scores', 'matched', 'ignored'], properties: { category: whole, truths: whole, scores: wholes, matched: wholes, ignored: wholes } },
  },
} as const;

/** What a cell of detection unpacks to. */
export const detectedSchema = { ...closed, required: ['box', 'mask'], properties: { box: matches, mask: { anyOf: [matches, { type: 'null' }] } } } as const;

const base64 = { type: 'string', pattern: '^[A-Za-z0-9+/]*=*$' } as const;

const perImage = {
  type: 'object',
  required: ['kind'],
  discriminator: { propertyName: 'kind' },
  oneOf: [
    { ...closed, required: ['kind', 'correct'], properties: { kind: { const: 'classification' }, correct: { ...base64, description: 'Base64 of one bit an image, the first in the lowest bit.' } } },
    { ...closed, required: ['kind', 'counts'], properties: { kind: { const: 'segmentation' }, counts: { type: 'array', items: wholes, description: 'By image, of each class in it: class, pixels right, predicted wrongly, missed.' } } },
    { ...closed, required: ['kind', 'packed'], properties: { kind: { const: 'detection' }, packed: { ...base64, description: 'Base64 of deflated JSON (RFC 1951): how boxes and masks were matched, by image and class.' } } },
  ],
} as const;

export const baselineSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'urn:maskbench:schema:baseline',
  title: 'maskbench baseline',
  description: 'Numbers of one finished run, to compare later runs with. Written by `maskbench baseline record`.',
  ...closed,
  required: ['schema', 'name', 'suite', 'setup', 'version', 'createdAt', 'environments', 'images', 'cells', 'speeds'],
  properties: {
    schema: { const: baselineVersion },
    name: text,
    suite: { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$', maxLength: 64 },
    setup: { ...text, description: 'Hash of entries, model, data and tasks.' },
    version: text,
    createdAt: text,
    environments: { type: 'array', items: text },
    images: {
      type: 'object',
      description: 'Test images by their hash.',
      additionalProperties: { ...closed, required: ['n', 'classes', 'labels'], properties: { n: { type: 'integer', minimum: 1 }, classes: { type: 'integer', minimum: 1 }, labels: { anyOf: [wholes, { type: 'null' }] } } },
    },
    cells: {
      type: 'array',
      items: {
        ...closed,
        required: ['entry', 'task', 'protocol', 'seed', 'key', 'protocolHash', 'optionsHash', 'metricVersion', 'primary', 'values', 'images', 'perImage'],
        properties: {
          entry: text, task: text, protocol: text, seed: whole, key: text, protocolHash: text, optionsHash: text, metricVersion: { type: 'integer', minimum: 1 }, primary: text,
          values: { ...closed, properties: { accuracy: fraction, miou: fraction, box_ap: precision, mask_ap: precision } },
          images: text,
          fingerprint: text,
          perImage,
        },
      },
    },
    speeds: {
      type: 'array',
      items: {
        ...closed,
        required: ['model', 'entry', 'batchSize', 'loaders', 'imagesHash', 'settings', 'environment', 'outside', 'inside'],
        properties: { model: text, entry: text, batchSize: { type: 'integer', minimum: 1 }, loaders: whole, imagesHash: text, settings: { ...text, description: 'Hash of the model and of the method with its options.' }, environment: text, outside: { ...seconds, description: 'Seconds of a step by round, with batches that were made before.' }, inside: { ...seconds, description: 'The same with the loader.' } },
      },
    },
  },
} as const;
