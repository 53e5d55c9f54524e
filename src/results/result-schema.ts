import { engineSchema } from './engine-schema.js';
import { resultVersion } from './version.js';

/**
 * JSON schema (draft 2020-12) of a job's `result.json`. The types are in types.ts; a type test holds the two together.
 * Written to schemas/result.schema.json by scripts/result-schemas.mjs.
 */
const count = { type: 'integer', minimum: 0 } as const;
const amount = { type: 'number', minimum: 0 } as const;
const text = { type: 'string' } as const;
const share = { type: 'number', minimum: 0, maximum: 1 } as const;
const texts = { type: 'array', items: text } as const;
const open = { type: 'object' } as const;
/** A file beside the result: a name, no path that leads elsewhere. */
const fileName = { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$' } as const;
const keyText = { type: 'string', pattern: '^[0-9a-f]{64}$' } as const;

export const phasesSchema = {
  type: 'object',
  description: 'Seconds of wall time by what they went into.',
  additionalProperties: false,
  required: ['wait', 'step', 'evaluate', 'checkpoint', 'other'],
  properties: { wait: amount, step: amount, evaluate: amount, checkpoint: amount, other: amount },
} as const;

const environmentSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['platform', 'cpu', 'cores', 'node', 'engine'],
  properties: { platform: text, cpu: text, cores: { type: 'integer', minimum: 1 }, node: text, engine: { anyOf: [{ type: 'null' }, engineSchema] } },
} as const;

/** Properties that every result has, whatever its kind. */
const head = {
  schema: { const: resultVersion },
  key: keyText,
  id: { type: 'string', minLength: 1 },
  config: open,
  inputs: { type: 'object', additionalProperties: text },
  code: text,
  version: text,
  seed: { type: ['integer', 'null'], minimum: 0 },
  environment: environmentSchema,
  startedAt: text,
  finishedAt: text,
  wallSeconds: amount,
  cpuSeconds: amount,
  peakMemoryBytes: amount,
  phases: phasesSchema,
  waitedShare: { type: ['number', 'null'], minimum: 0, maximum: 1 },
  resumed: { type: 'boolean' },
} as const;

const headNames = [
  'schema', 'key', 'id', 'kind', 'config', 'inputs', 'code', 'version', 'seed', 'environment', 'startedAt', 'finishedAt', 'wallSeconds',
  'cpuSeconds', 'peakMemoryBytes', 'resumed',
] as const;

const point = {
  type: 'object',
  additionalProperties: false,
  required: ['step', 'loss'],
  properties: { step: count, loss: { type: 'number' } },
} as const;

/** How many of each: what a training made of its source images, what groups these are of. */
export const unitCounts = <T>(of: T) => ({ type: 'array', items: { type: 'object', additionalProperties: false, required: ['name', 'count'], properties: { name: text, count: of } } }) as const;

export const flopsParts = {
  type: 'array', items: { type: 'object', additionalProperties: false, required: ['name', 'flops'], properties: { name: text, flops: amount } },
} as const;

export const prepareSchema = {
  type: 'object',
  additionalProperties: false,
  required: [...headNames, 'source', 'size', 'images', 'classes', 'unreadable', 'credits'],
  properties: {
    ...head,
    kind: { const: 'prepare' },
    source: text,
    size: count,
    crops: { type: 'integer', minimum: 1 },
    images: count,
    classes: count,
    unreadable: {
      type: 'array',
      items: { type: 'object', additionalProperties: false, required: ['id', 'reason'], properties: { id: text, reason: text } },
    },
    leftOut: { type: 'integer', minimum: 1 },
    asIs: { type: 'integer', minimum: 1 },
    copies: {
      type: 'array', minItems: 1,
      items: { type: 'object', additionalProperties: false, required: ['test', 'train'], properties: { test: text, train: text } },
    },
    credits: texts,
  },
} as const;

const shareOrNull = { type: ['number', 'null'], minimum: 0, maximum: 1 } as const;
const counts = { type: 'array', items: count } as const;

const routing = {
  type: 'array',
  items: {
    type: 'object',
    additionalProperties: false,
    required: ['block', 'chosen', 'gates', 'loads'],
    properties: { block: count, chosen: counts, gates: { type: 'array', items: share }, loads: { type: 'array', items: share } },
  },
} as const;

export const pretrainSchema = {
  type: 'object',
  additionalProperties: false,
  required: [
    ...headNames, 'method', 'parameters', 'images', 'classes', 'steps', 'imagesSeen', 'flops', 'curve', 'diagnostics', 'finalLoss', 'imagesPerSecond',
    'preview', 'encoder',
  ],
  properties: {
    ...head,
    kind: { const: 'pretrain' },
    method: text,
    parameters: count,
    images: count,
    classes: count,
    groups: unitCounts(count),
    steps: count,
    imagesSeen: count,
    units: unitCounts(count),
    flops: amount,
    flopsParts,
    curve: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['step', 'loss', 'lr'],
        properties: { step: count, loss: { type: 'number' }, lr: { type: 'number' }, diagnostics: { type: 'object', additionalProperties: { type: 'number' } } },
      },
    },
    diagnostics: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['name', 'title', 'label', 'unit'],
        properties: { name: text, title: text, label: text, unit: { enum: ['loss', 'share', 'nats'] }, note: text },
      },
    },
    finalLoss: { type: ['number', 'null'] },
    imagesPerSecond: { type: ['number', 'null'], minimum: 0 },
    collapsed: { type: ['object', 'null'], additionalProperties: false, required: ['reason'], properties: { reason: text } },
    knnShowsCollapse: { const: true },
    routing,
    earlierRouting: { type: 'array', items: { type: 'object', additionalProperties: false, required: ['step', 'blocks'], properties: { step: count, blocks: routing } } },
    snapshots: {
      type: 'array',
      minItems: 2,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['share', 'steps', 'imagesSeen', 'flops', 'seconds'],
        properties: { share, steps: count, imagesSeen: count, flops: amount, seconds: { type: ['number', 'null'], minimum: 0 }, cpuSeconds: { type: ['number', 'null'], minimum: 0 } },
      },
    },
    heldOut: {
      type: 'object',
      additionalProperties: false,
      required: ['ids', 'errors', 'masks', 'target'],
      properties: { ids: texts, errors: { type: 'array', items: amount }, masks: text, target: { enum: ['normalised patches', 'normalised pixels'] } },
    },
    preview: {
      type: ['object', 'null'],
      additionalProperties: false,
      required: ['file', 'columns', 'rows'],
      properties: { file: fileName, columns: texts, rows: count },
    },
    encoder: { const: 'encoder.safetensors' },
  },
} as const;

export const clusterSchema = {
  type: 'object',
  additionalProperties: false,
  required: [...headNames, 'algorithm', 'images', 'sizes', 'purity', 'unlabelled', 'sidePurity', 'sideless', 'meanCosine', 'flops', 'gallery'],
  properties: {
    ...head,
    kind: { const: 'cluster' },
    algorithm: { enum: ['sinkhorn', 'k-means', 'random'] },
    images: count,
    sizes: counts,
    purity: shareOrNull,
    unlabelled: count,
    sidePurity: shareOrNull,
    sideless: count,
    meanCosine: { type: 'number' },
    flops: amount,
    gallery: {
      type: 'object',
      additionalProperties: false,
      required: ['file', 'clusters', 'columns'],
      properties: { file: fileName, clusters: counts, columns: count },
    },
  },
} as const;

export const searchSchema = {
  type: 'object',
  additionalProperties: false,
  required: [...headNames, 'method', 'task', 'images', 'votes', 'layers', 'flops', 'encoder'],
  properties: {
    ...head,
    kind: { const: 'search' },
    method: text,
    task: text,
    images: count,
    votes: counts,
    layers: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['block', 'expert', 'votes', 'gate', 'dead'],
        properties: { block: count, expert: count, votes: { type: 'array', items: amount }, gate: { type: 'number' }, dead: counts },
      },
    },
    flops: amount,
    encoder: { const: 'encoder.safetensors' },
  },
} as const;

const attentionSchema = {
  type: 'object',
  additionalProperties: false,
  required: [...headNames, 'task', 'patches', 'heads', 'images', 'picture', 'weights'],
  properties: {
    ...head,
    kind: { const: 'attention' },
    task: text,
    patches: count,
    heads: count,
    images: {
      type: 'array',
      items: { type: 'object', additionalProperties: false, required: ['id', 'largest'], properties: { id: text, largest: { type: 'array', items: share } } },
    },
    picture: fileName,
    weights: fileName,
  },
} as const;

const shares = { type: 'array', items: share } as const;

export const overlapSchema = {
  type: 'object',
  additionalProperties: false,
  required: [...headNames, 'task', 'heads', 'share', 'perImage', 'flops'],
  properties: {
    ...head,
    kind: { const: 'overlap' },
    task: text,
    heads: count,
    share,
    perImage: { type: 'object', additionalProperties: false, required: ['ids', 'jaccard', 'disc', 'random'], properties: { ids: texts, jaccard: { type: 'array', items: shares }, disc: shares, random: shares } },
    flops: amount,
  },
} as const;

export const featuresSchema = {
  type: 'object',
  additionalProperties: false,
  required: [...headNames, 'task', 'width', 'images', 'flops'],
  properties: { ...head, kind: { const: 'features' }, task: text, width: count, images: count, flops: amount },
} as const;

const transferNames = [
  ...headNames, 'task', 'taskKind', 'side', 'note', 'protocol', 'protocolHash', 'classes', 'nTrain', 'nValidation', 'nTest',
  'metricVersion', 'primary', 'metrics', 'perImage', 'trainAccuracy', 'chance', 'failedToLearn', 'curve', 'trials', 'chosen', 'atEdge',
  'imagesSeen', 'flops',
] as const;

const transferProperties = {
  ...head,
  kind: { const: 'transfer' },
  seed: count,
  task: text,
  side: { enum: ['A', 'B', 'mixed'] },
  note: text,
  protocol: text,
  protocolHash: text,
  classes: texts,
  nTrain: count,
  nValidation: count,
  nTest: { type: 'integer', minimum: 1 },
  metricVersion: count,
  primary: text,
  metrics: {
    type: 'array',
    minItems: 1,
    items: {
      type: 'object',
      additionalProperties: false,
      required: ['metric', 'value', 'unit'],
      properties: { metric: text, value: { type: 'number' }, unit: { enum: ['fraction', 'images/s', 's'] } },
      if: { properties: { unit: { const: 'fraction' } } },
      then: { properties: { value: share } },
    },
  },
  trainAccuracy: share,
  chance: share,
  largestClass: share,
  failedToLearn: { type: 'boolean' },
  curve: { type: 'array', items: point },
  trials: {
    type: 'array',
    items: {
      type: 'object',
      additionalProperties: false,
      required: ['options', 'validation', 'diverged'],
      properties: { options: open, validation: { type: 'number' }, diverged: { type: 'boolean' } },
    },
  },
  chosen: open,
  atEdge: texts,
  imagesSeen: count,
  flops: amount,
} as const;

const sharesOrNone = { type: 'array', items: { type: ['number', 'null'], minimum: 0, maximum: 1 } } as const;
const matches = {
  type: 'array',
  items: {
    type: 'array',
    items: {
      type: 'object',
      additionalProperties: false,
      required: ['category', 'truths', 'scores', 'matched', 'ignored'],
      properties: { category: count, truths: count, scores: { type: 'array', items: { type: 'number' } }, matched: counts, ignored: counts },
    },
  },
} as const;
const precisionCurves = { type: 'object', additionalProperties: false, required: ['at50', 'at75'], properties: { at50: { type: 'array', items: share }, at75: { type: 'array', items: share } } } as const;
const orNull = <S extends { readonly type: string }>(schema: S) => ({ ...schema, type: [schema.type, 'null'] }) as const;
const shownObjects = {
  type: 'array',
  items: { type: 'object', additionalProperties: false, required: ['category', 'score', 'box'], properties: { category: count, score: { type: ['number', 'null'] }, box: { type: 'array', minItems: 4, maxItems: 4, items: { type: 'number' } } } },
} as const;
const pictures = {
  type: ['object', 'null'],
  additionalProperties: false,
  required: ['file', 'tile', 'columns', 'rows'],
  properties: {
    file: fileName,
    tile: { type: 'integer', minimum: 1 },
    columns: texts,
    rows: { type: 'array', items: { type: 'object', additionalProperties: false, required: ['id', 'value', 'truth', 'found'], properties: { id: text, value: share, truth: shownObjects, found: shownObjects } } },
  },
} as const;

export const classificationSchema = {
  type: 'object',
  additionalProperties: false,
  required: transferNames,
  properties: {
    ...transferProperties,
    taskKind: { const: 'classification' },
    untrained: share,
    perImage: { type: 'object', additionalProperties: false, required: ['ids', 'labels', 'predictions'], properties: { ids: texts, labels: counts, predictions: counts } },
  },
} as const;

export const segmentationSchema = {
  type: 'object',
  additionalProperties: false,
  required: [...transferNames, 'perClass', 'confusion', 'pictures'],
  properties: {
    ...transferProperties,
    taskKind: { const: 'segmentation' },
    perImage: { type: 'object', additionalProperties: false, required: ['ids', 'counts'], properties: { ids: texts, counts: { type: 'array', items: counts } } },
    perClass: sharesOrNone,
    confusion: counts,
    pictures,
  },
} as const;

export const detectionSchema = {
  type: 'object',
  additionalProperties: false,
  required: [...transferNames, 'perClass', 'precision', 'pictures'],
  properties: {
    ...transferProperties,
    taskKind: { const: 'detection' },
    perImage: { type: 'object', additionalProperties: false, required: ['ids', 'box', 'mask'], properties: { ids: texts, box: matches, mask: orNull(matches) } },
    perClass: { type: 'object', additionalProperties: false, required: ['box', 'mask'], properties: { box: sharesOrNone, mask: orNull(sharesOrNone) } },
    confusion: counts,
    precision: { type: 'object', additionalProperties: false, required: ['box', 'mask'], properties: { box: precisionCurves, mask: orNull(precisionCurves) } },
    unmasked: { type: 'object', additionalProperties: false, required: ['objects', 'of'], properties: { objects: { type: 'integer', minimum: 0 }, of: { type: 'integer', minimum: 1 } } },
    pictures,
  },
} as const;

/** One form a kind of task. */
const transferSchema = {
  type: 'object',
  required: ['kind', 'taskKind'],
  properties: { kind: { const: 'transfer' } },
  discriminator: { propertyName: 'taskKind' },
  oneOf: [classificationSchema, segmentationSchema, detectionSchema],
} as const;

const timed = { type: 'object', additionalProperties: false, required: ['steps', 'seconds'], properties: { steps: { type: 'integer', minimum: 1 }, seconds: { type: 'number', exclusiveMinimum: 0 } } } as const;

const speedSchema = {
  type: 'object',
  additionalProperties: false,
  required: [...headNames, 'model', 'batchSize', 'askedBatchSize', 'loaders', 'turnSeconds', 'load', 'imagesHash', 'engine', 'order', 'entries'],
  properties: {
    ...head,
    kind: { const: 'speed' },
    model: text,
    batchSize: { type: 'integer', minimum: 1 },
    askedBatchSize: { type: 'integer', minimum: 1 },
    loaders: count,
    turnSeconds: amount,
    load: { type: 'array', items: amount },
    imagesHash: text,
    engine: engineSchema,
    order: { type: 'array', minItems: 1, items: texts },
    entries: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['name', 'method', 'parameters', 'epochs', 'epochImages', 'scheduleImages', 'flopsPerImage', 'flopsParts', 'peakMemoryBytes', 'peakDeviceMemory', 'turns'],
        properties: {
          name: text,
          method: text,
          parameters: count,
          epochs: amount,
          epochImages: amount,
          scheduleImages: count,
          flopsPerImage: amount,
          flopsParts: { type: 'array', items: { type: 'object', additionalProperties: false, required: ['name', 'perImage'], properties: { name: text, perImage: amount } } },
          flopsPerSchedule: amount,
          peakMemoryBytes: count,
          peakDeviceMemory: { type: ['object', 'null'], additionalProperties: false, required: ['bytes', 'of'], properties: { bytes: count, of: { enum: ['process', 'device'] } } },
          turns: { type: 'array', minItems: 1, items: { type: 'object', additionalProperties: false, required: ['outside', 'inside'], properties: { outside: timed, inside: timed, peakMemoryBytes: count } } },
        },
      },
    },
  },
} as const;

/** Schema of each kind of result: one line to add one. */
export const resultSchemas = {
  prepare: prepareSchema,
  pretrain: pretrainSchema,
  cluster: clusterSchema,
  search: searchSchema,
  attention: attentionSchema,
  overlap: overlapSchema,
  features: featuresSchema,
  transfer: transferSchema,
  speed: speedSchema,
} as const;

export type ResultKind = keyof typeof resultSchemas;

export const resultSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'maskbench result',
  description: 'What a finished job leaves in the store as result.json.',
  type: 'object',
  required: ['kind'],
  discriminator: { propertyName: 'kind' },
  oneOf: Object.values(resultSchemas),
} as const;
