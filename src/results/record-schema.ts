import { flopsParts, phasesSchema, resultSchema, unitCounts } from './result-schema.js';
import { resultVersion } from './version.js';

/**
 * JSON schema (draft 2020-12) of a run record, `results.json`. Written to schemas/results.schema.json by
 * scripts/result-schemas.mjs. The suite is described as far as a report reads it.
 */
const text = { type: 'string' } as const;
const texts = { type: 'object', additionalProperties: text } as const;
const list = { type: 'array', items: text } as const;
const open = { type: 'object' } as const;

const pretrain = {
  type: ['object', 'null'],
  required: ['data', 'subset', 'batch_size', 'schedule'],
  properties: {
    data: text,
    subset: { enum: ['full', 'split-a', 'split-b', 'random'] },
    batch_size: { type: 'integer', minimum: 1 },
    schedule: {
      type: 'object',
      required: ['epochs', 'of'],
      properties: { epochs: { type: 'number', minimum: 0 }, of: { enum: ['full', 'split-a', 'split-b', 'random', null] }, flops_of: text },
    },
  },
} as const;

const suite = {
  type: 'object',
  required: ['name', 'title', 'description', 'seeds', 'engine', 'model', 'data', 'entries', 'tasks', 'protocols', 'reference'],
  properties: {
    // The report's folder is named after it: no path separators.
    name: { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$', maxLength: 64 },
    title: text,
    description: text,
    seeds: { type: 'array', items: { type: 'integer', minimum: 0 }, uniqueItems: true },
    engine: open,
    model: open,
    data: {
      type: 'array',
      items: { type: 'object', required: ['name', 'source', 'options'], properties: { name: text, source: text, options: open } },
    },
    entries: {
      type: 'array',
      items: {
        type: 'object',
        required: ['name', 'title', 'method', 'pretrain', 'options', 'protocols'],
        properties: { name: text, title: text, method: text, pretrain, options: open, protocols: { type: 'object', additionalProperties: open }, oracle_of: text },
      },
    },
    tasks: {
      type: 'array',
      items: { type: 'object', required: ['name', 'data', 'task'], properties: { name: text, data: text, task: text } },
    },
    protocols: {
      type: 'array',
      items: { type: 'object', required: ['name', 'options', 'hash'], properties: { name: text, options: open, hash: { type: 'string', pattern: '^[0-9a-f]+$' } } },
    },
    reference: { type: ['string', 'null'] },
    speed: {
      type: ['object', 'null'],
      required: ['models', 'batch_size', 'rounds', 'seconds', 'loaders'],
      properties: { models: { type: 'array', items: open }, batch_size: { type: 'integer', minimum: 1 }, rounds: { type: 'integer', minimum: 1 }, seconds: { type: 'number', exclusiveMinimum: 0 }, loaders: { type: 'integer', minimum: 0 } },
    },
  },
} as const;

const amount = { type: 'number', minimum: 0 } as const;
const amountOrNull = { type: ['number', 'null'], minimum: 0 } as const;
const spent = { imagesSeen: amount, flops: amount, wallSeconds: amountOrNull } as const;
const spentNames = ['imagesSeen', 'flops', 'wallSeconds'] as const;

const costs = {
  type: 'array',
  description: 'What each entry cost, mean over its finished seeds: its own training, the same with all that it rests on, and its transfers.',
  items: {
    type: 'object',
    additionalProperties: false,
    required: ['entry', 'pretrain', 'transfer'],
    properties: {
      entry: text,
      pretrain: {
        type: ['object', 'null'],
        additionalProperties: false,
        required: [...spentNames, 'seeds', 'parameters', 'images', 'classes', 'steps', 'imagesPerSecond', 'finalLoss', 'withAncestors'],
        properties: {
          ...spent,
          seeds: { type: 'integer', minimum: 1 },
          parameters: amount,
          images: amount,
          classes: amount,
          steps: amount,
          units: unitCounts(amount),
          flopsParts,
          imagesPerSecond: amountOrNull,
          finalLoss: { type: ['number', 'null'] },
          withAncestors: { type: ['object', 'null'], additionalProperties: false, required: spentNames, properties: spent },
        },
      },
      transfer: {
        type: ['object', 'null'],
        additionalProperties: false,
        required: ['cells', ...spentNames],
        properties: { cells: { type: 'integer', minimum: 1 }, imagesSeen: amount, flops: amount, wallSeconds: amount },
      },
    },
  },
} as const;

const estimate = {
  required: ['n', 'value', 'low', 'high'], additionalProperties: false,
  properties: { n: { type: 'integer', minimum: 1 }, value: amount, low: amountOrNull, high: amountOrNull },
} as const;

const speed = {
  type: 'array',
  description: 'What the speed jobs measured: geometric means over rounds, 95 % intervals, ratios to the reference of paired rounds. Numbers of one model are of one job, on one machine.',
  items: {
    type: 'object',
    additionalProperties: false,
    required: ['model', 'entry', 'quantity', 'unit', 'estimate', 'ratio', 'extrapolatedFromSteps', 'part', 'job'],
    properties: {
      model: text,
      entry: text,
      quantity: { enum: ['images_per_second', 'images_per_second_with_loader', 'seconds_per_step', 'seconds_per_step_with_loader', 'seconds_per_epoch', 'seconds_per_schedule', 'peak_memory', 'peak_device_memory', 'flops_per_image', 'flops_per_schedule'] },
      unit: { enum: ['images/s', 's', 'bytes', 'FLOP'] },
      estimate: { type: 'object', ...estimate },
      ratio: { type: ['object', 'null'], ...estimate },
      extrapolatedFromSteps: { type: ['integer', 'null'], minimum: 1 },
      part: { type: ['string', 'null'] },
      job: text,
    },
  },
} as const;

const oracle = {
  type: 'array',
  description: 'Reads test data: per task, protocol and seed the best on test of the entries with `oracle_of`, which stand for the experts that an entry could give the task. Shown apart, never ranked.',
  items: {
    type: 'object',
    additionalProperties: false,
    required: ['entry', 'task', 'protocol', 'seed', 'metric', 'unit', 'value', 'taken', 'job', 'of', 'readsTestData'],
    properties: {
      entry: text, task: text, protocol: text, seed: { type: 'integer', minimum: 0 }, metric: text, unit: { enum: ['fraction', 'images/s', 's'] }, value: { type: 'number' },
      taken: text, job: text, of: { type: 'integer', minimum: 1 }, readsTestData: { const: true },
    },
  },
} as const;

const share = { type: 'number', minimum: 0, maximum: 1 } as const;
const textOrNull = { type: ['string', 'null'] } as const;

const claims = {
  type: 'array',
  description: "What the results say of the suite's claims.",
  items: {
    type: 'object',
    additionalProperties: false,
    required: ['id', 'text', 'source', 'bound', 'test', 'unit', 'verdict', 'reason', 'parts'],
    properties: {
      id: text, text, source: text,
      bound: {
        type: 'object', additionalProperties: false, required: ['kind', 'value', 'tolerance'],
        properties: { kind: { enum: ['above', 'at_least', 'below', 'at_most'] }, value: { type: 'number' }, tolerance: amount },
      },
      test: text,
      unit: { enum: ['fraction', 'ratio', 'share', 'nats'] },
      verdict: { enum: ['supported', 'refuted', 'unresolved', 'not-asked'] },
      reason: textOrNull,
      parts: {
        type: 'array',
        items: {
          type: 'object',
          additionalProperties: false,
          required: ['on', 'protocolHashes', 'verdict', 'effect', 'interval', 'over', 'reason', 'settledBy'],
          properties: {
            on: text,
            protocolHashes: { type: 'array', items: text },
            verdict: { enum: ['supported', 'refuted', 'unresolved'] },
            effect: { type: ['number', 'null'] },
            interval: { type: ['object', 'null'], additionalProperties: false, required: ['low', 'high'], properties: { low: { type: 'number' }, high: { type: 'number' } } },
            over: text,
            reason: textOrNull,
            settledBy: {
              type: 'array',
              items: { type: 'object', additionalProperties: false, required: ['what', 'count'], properties: { what: { enum: ['seeds', 'test images', 'held-out images', 'rounds'] }, count: { type: 'integer', minimum: 1 } } },
            },
            detectable: amountOrNull,
          },
        },
      },
    },
  },
} as const;

const snapshots = {
  type: 'object',
  description: 'Accuracy against pre-training time: encoders at shares of their schedules, and times to the highest accuracy that an entry and the reference both reach. All times are of one environment.',
  additionalProperties: false,
  required: ['points', 'ratios', 'otherEnvironments'],
  properties: {
    points: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['entry', 'protocol', 'seed', 'share', 'steps', 'images', 'flops', 'seconds', 'accuracy', 'learned'],
        properties: {
          entry: text, protocol: text, seed: { type: 'integer', minimum: 0 }, share, steps: { type: 'integer', minimum: 0 }, images: amount, flops: amount, seconds: amountOrNull,
          accuracy: share, learned: { type: 'boolean' },
        },
      },
    },
    time: { enum: ['processor', 'wall'], description: 'Whose seconds they are: of the processor where every training was of one thread on a CPU, else of the clock. Absent in older records: of the clock.' },
    processorShares: {
      type: 'object', description: 'With time: processor, how much of one a training had at least and at most: less than 1 is other work, or a wait for a disk.', additionalProperties: false, required: ['least', 'most'],
      properties: { least: amount, most: amount },
    },
    ratios: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['entry', 'reference', 'protocol', 'verdict', 'reason', 'ratio', 'accuracy'],
        properties: {
          entry: text,
          reference: text,
          protocol: text,
          verdict: { enum: ['faster', 'slower', 'unresolved'] },
          reason: { type: ['string', 'null'] },
          ratio: { type: ['object', 'null'], ...estimate },
          accuracy: { type: ['number', 'null'], minimum: 0, maximum: 1 },
        },
      },
    },
    otherEnvironments: { type: 'integer', minimum: 0 },
  },
} as const;

export const recordSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'maskbench results',
  description: 'Everything that the reports of a run are made from: results.json.',
  type: 'object',
  additionalProperties: false,
  required: ['schema', 'suite', 'suiteText', 'version', 'createdAt', 'complete', 'results', 'failures', 'pending', 'jobs', 'sharedEncoders'],
  properties: {
    schema: { const: resultVersion },
    suite,
    suiteText: text,
    version: text,
    createdAt: { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z$', description: 'When its last result was finished: ISO 8601, UTC.' },
    complete: { type: 'boolean' },
    results: { type: 'array', items: { $ref: '#/$defs/result' } },
    failures: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['id', 'key', 'message', 'log', 'tags'],
        properties: { id: text, key: text, message: text, log: text, tags: texts },
      },
    },
    pending: { type: 'array', items: text },
    jobs: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['id', 'key', 'kind', 'inputs', 'tags'],
        properties: { id: text, key: text, kind: text, inputs: texts, tags: texts },
      },
    },
    sharedEncoders: {
      type: 'array',
      description: 'Entries whose seeds all judge one encoder: values without interval and without mark.',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['entry', 'transfers', 'reason'],
        properties: { entry: text, transfers: { type: 'integer', minimum: 2 }, reason: text },
      },
    },
    costs,
    speed,
    oracle,
    snapshots,
    claims,
    previews: { type: 'object', description: "PNG files of pre-training, cluster and attention jobs and of predictions, base64, by the job's key.", additionalProperties: { type: 'string', pattern: '^[A-Za-z0-9+/]*={0,2}$' } },
    profile: {
      type: 'object',
      description: 'Where the time of the finished jobs went, by kind of job (transfers by protocol). Present where it was asked for.',
      additionalProperties: false,
      required: ['kinds', 'untold', 'resumed'],
      properties: {
        kinds: {
          type: 'array',
          items: {
            type: 'object',
            additionalProperties: false,
            required: ['kind', 'jobs', 'seconds'],
            properties: { kind: text, jobs: { type: 'integer', minimum: 1 }, seconds: phasesSchema },
          },
        },
        untold: { type: 'integer', minimum: 0 },
        resumed: { type: 'integer', minimum: 0 },
      },
    },
    descriptions: { type: 'object', description: 'One line on each method and protocol, and on the file of an entry that has its encoder from one, by `method/NAME`, `protocol/NAME` and `entry/NAME`.', additionalProperties: text },
    restatements: {
      type: 'object',
      description: 'By method, those of the suite whose paper could not be read whole: what they are called beside it, and which parts were found, are recalled, or are our choice.',
      additionalProperties: {
        type: 'object',
        additionalProperties: false,
        required: ['name', 'of', 'sources', 'found', 'recalled', 'ours'],
        properties: { name: text, of: text, sources: text, found: list, recalled: list, ours: list },
      },
    },
  },
  $defs: {
    result: {
      type: resultSchema.type,
      required: resultSchema.required,
      discriminator: resultSchema.discriminator,
      oneOf: resultSchema.oneOf,
    },
  },
} as const;
