import type { FromSchema } from 'json-schema-to-ts';
import { claimsSchema } from './claims/schema.js';
import { largestSeed, mostSeeds } from './seeds.js';

/** The parts of a suite file that belong to no member. The types of a read file are derived from them. */

const name = { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$', maxLength: 64 } as const;
const positive = { type: 'integer', minimum: 1 } as const;

export const subsets = ['full', 'split-a', 'split-b', 'random'] as const;

export const seedsSchema = {
  description: 'How often everything is repeated: a number N stands for the seeds 0..N-1, a list names them.',
  default: 1,
  oneOf: [
    { type: 'integer', minimum: 1, maximum: mostSeeds },
    { type: 'array', items: { type: 'integer', minimum: 0, maximum: largestSeed }, minItems: 1, maxItems: mostSeeds, uniqueItems: true },
  ],
} as const;

/** What a value of a suite is called elsewhere. By its letters, gpu would be a slip of cpu. */
export const otherNames: Readonly<Record<string, string>> = { gpu: 'cuda', bfloat16: 'bf16', float32: 'f32', fp32: 'f32' };

export const engineSchema = {
  type: 'object',
  description: 'How the tensors run. Threads and precision are part of what a result is, the device is where it was made.',
  additionalProperties: false,
  default: {},
  properties: {
    threads: { type: 'integer', minimum: 1, maximum: 256, default: 1, description: 'Threads of each worker.' },
    device: { type: 'string', enum: ['auto', 'cpu', 'cuda'], default: 'auto', description: 'What tensors run on. auto: cuda where an NVIDIA GPU is, else cpu. It stands in every result and changes no key; --device of `maskbench run` goes before it.' },
    precision: { type: 'string', enum: ['f32', 'bf16'], default: 'f32', description: 'Number format of matrix products in pre-training, fine-tuning and feature extraction. bf16 needs a CPU with AVX512_BF16 or AMX, or a GPU; `maskbench engine` measures whether it is faster.' },
  },
} as const;

export const modelSchema = {
  type: 'object',
  description: 'The vision transformer of every entry: a standard one by its name, or custom with all sizes.',
  additionalProperties: false,
  required: ['name'],
  properties: {
    name: { type: 'string', description: 'A standard name, or custom.' },
    image_size: { ...positive, maximum: 4096, default: 224, description: 'Pixels a side; a multiple of patch_size.' },
    patch_size: { ...positive, maximum: 1024, default: 16, description: 'Pixels a side of one patch.' },
    width: { ...positive, maximum: 16384, description: 'Width of a token; a multiple of heads and of 4. Standard models fill it in.' },
    depth: { ...positive, maximum: 1024, description: 'Number of blocks. Standard models fill it in.' },
    heads: { ...positive, maximum: 1024, description: 'Attention heads a block. Standard models fill it in.' },
    mlp_ratio: { type: 'number', exclusiveMinimum: 0, maximum: 64, default: 4, description: 'Hidden width of the MLP over width.' },
  },
} as const;

export const scheduleSchema = {
  type: 'object',
  description: 'How long an entry pre-trains.',
  additionalProperties: false,
  properties: {
    epochs: { type: 'number', exclusiveMinimum: 0, maximum: 1000000, description: 'Passes over the subset.' },
    of: { type: 'string', enum: subsets, description: 'Take as many steps as that many epochs of this other subset take (equal-steps control).' },
  },
} as const;

/** Of an entry alone. */
export const entryScheduleSchema = {
  ...scheduleSchema,
  properties: {
    ...scheduleSchema.properties,
    flops_of: { type: 'string', description: 'Instead of epochs: as many steps as bring the FLOPs of this entry, with all that it starts from, up to those of the entry named here, with its start, features and clustering (equal-compute control).' },
  },
} as const;

/** Entries that come with one that goes on from another: its start trained on, with as many images, or at as many FLOPs; the oracle. */
export const controls = ['epochs', 'flops', 'oracle'] as const;
export const defaultControls: readonly (typeof controls)[number][] = ['epochs', 'flops'];

/** Keys of an entry, and of the shared `pretrain` block, for methods that pre-train on data. */
export const pretrainProperties = {
  data: { type: 'string', description: 'Name of a data set of this suite. May be left out where there is only one.' },
  subset: { type: 'string', enum: subsets, default: 'full', description: 'Which part of the data: all, one side of the WordNet split, or a random part of the same size.' },
  batch_size: { ...positive, maximum: 1000000, description: 'Source images a step, whatever views or mixtures a method makes of them.' },
  schedule: scheduleSchema,
} as const;

export const entryProperties = {
  name: { ...name, pattern: '^[A-Za-z0-9][A-Za-z0-9._+-]*$', description: 'Unique name: the row of the comparison.' },
  title: { type: 'string', description: 'What the report says beside the name.' },
  method: { type: 'string', description: 'How the encoder is made.' },
  start: { type: 'string', description: 'Entry with whose finished weights, at the same seed, pre-training begins. Its cost counts as this entry\'s too.' },
  controls: {
    type: 'array', items: { type: 'string', enum: controls }, uniqueItems: true, default: defaultControls,
    description: 'Entries that are added to compare with: the start trained on, by the method that made it, with this entry\'s data, batch size and shared options (rate, warm-up, ...). epochs (START+epochs): over its schedule. flops (START+flops): until its FLOPs are this entry\'s with all that it rests on. oracle, of a method that searches an encoder for each task: the best on test of the experts by rank (the first of every block, the second of every block, ...), which reads test data and is shown apart, never ranked. []: none. An entry of that name in the suite takes its place.',
  },
  protocols: { type: 'object', description: 'Searched options of a protocol that this entry gives other values, as many tries as the suite\'s, by protocol.' },
} as const;

export const speedSchema = {
  type: 'object',
  description: 'Measures the training steps of all entries that pre-train, in turns, with nothing else of the run beside them. A suite with this block may leave tasks and protocols out; then it trains nothing.',
  additionalProperties: false,
  required: ['batch_size'],
  properties: {
    models: { type: 'array', items: { type: 'string' }, minItems: 1, uniqueItems: true, description: "Standard models at the suite's image and patch size, one measurement each; without it the suite's own model." },
    batch_size: { ...positive, maximum: 1000000, description: 'Source images a step, for every entry, whatever batch its own schedule has. Halved for all where they have no room together, which the report says.' },
    rounds: { ...positive, maximum: 1000, default: 10, description: 'Turns of each entry. Intervals need three.' },
    seconds: { type: 'number', exclusiveMinimum: 0, maximum: 3600, default: 2, description: 'Of a turn, once with batches made before and once with the loader, at least; never less than one step.' },
    loaders: { type: 'integer', minimum: 0, maximum: 64, default: 1, description: 'Threads that make batches ahead, for every entry; 0: none.' },
  },
} as const;

export const snapshotsSchema = {
  type: 'object',
  description: "Encoders on their way: each entry that pre-trains is also judged at shares of its schedule, and the report shows accuracy against pre-training time. Part of the pre-trainings' keys.",
  additionalProperties: false,
  required: ['at'],
  properties: {
    at: { type: 'array', items: { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 }, minItems: 1, maxItems: 32, uniqueItems: true, description: 'Shares of the steps: 0.25 is after a quarter of them. The end is judged anyway.' },
    protocols: { type: 'array', items: { type: 'string' }, minItems: 1, uniqueItems: true, description: "Protocols of the suite that judge them. Without it: those that work on a frozen encoder's features." },
  },
} as const;

export const gateSchema = {
  type: 'object',
  description: 'What `maskbench compare` lets a run lose against a baseline. Part of no key.',
  additionalProperties: false,
  properties: {
    tolerance: { type: 'number', minimum: 0, exclusiveMaximum: 1, description: 'Drop of accuracy, mIoU and AP that is tolerated, in fractions (0.01: one point). Without it 0.01.' },
    slower: { type: 'number', minimum: 0, exclusiveMaximum: 1, description: 'Share of the throughput that may be lost. Without it 0.1.' },
  },
} as const;

export const coreProperties = {
  $schema: { type: 'string', description: 'Address of this schema, for editors.' },
  name: { ...name, description: 'Name of the suite: the folder of its report.' },
  title: { type: 'string', description: 'Heading of the report.' },
  description: { type: 'string', default: '', description: 'What the suite is for.' },
  development: { type: 'boolean', default: false, description: 'true: a suite for tuning, which may use development tasks. Its numbers are not for reporting.' },
  seeds: seedsSchema,
  engine: engineSchema,
  model: modelSchema,
  reference: { type: 'string', description: 'Entry that differences are shown against.' },
  speed: speedSchema,
  snapshots: snapshotsSchema,
  attention: {
    default: 4,
    description: 'Training images of the tasks for which the report shows what each encoder looks at. A number: so many, spread over the tasks and drawn by the first seed; 0: none. A list names them, each as <data set>/<task>/<image>.',
    oneOf: [{ type: 'integer', minimum: 0, maximum: 64 }, { type: 'array', items: { type: 'string' }, minItems: 1, maxItems: 64, uniqueItems: true }],
  },
  tasks: { type: 'array', description: 'Downstream tasks, each as <data set>/<task>. Only a suite with `speed` may have none.', items: { type: 'string' }, minItems: 1, uniqueItems: true },
  claims: claimsSchema,
  gate: gateSchema,
} as const;

/** The form of a file as far as it does not depend on members; their options are objects here. Types come from it. */
export const documentSchema = {
  type: 'object',
  required: ['name', 'model', 'data', 'entries'],
  properties: {
    ...coreProperties,
    data: { type: 'object', additionalProperties: { type: 'object', required: ['source'], properties: { source: { type: 'string' } } } },
    methods: { type: 'object', additionalProperties: { type: 'object' } },
    pretrain: { type: 'object', additionalProperties: false, properties: pretrainProperties },
    entries: {
      type: 'array',
      items: { type: 'object', required: ['name', 'method'], properties: { ...entryProperties, ...pretrainProperties, schedule: entryScheduleSchema, protocols: { type: 'object', additionalProperties: { type: 'object' } } } },
    },
    protocols: { type: 'object', additionalProperties: { type: 'object' } },
  },
} as const;

/** A suite file that has passed validation, before defaults. */
export type SuiteDocument = FromSchema<typeof documentSchema, { keepDefaultedPropertiesOptional: true }>;
