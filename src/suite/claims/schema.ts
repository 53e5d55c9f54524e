/** What a claim says of the results: a comparison, under the one key that names its kind, and one bound for its effect. */

const name = { type: 'string', minLength: 1 } as const;
const names = { type: 'array', items: { type: 'string' }, minItems: 1, uniqueItems: true } as const;

const pair = {
  entry: { type: 'string', description: 'Entry that the claim is about.' },
  against: { type: 'string', description: 'Entry that it is compared with, at equal seeds.' },
} as const;

const place = {
  tables: { ...names, description: 'Tables of the report: a protocol, PROTOCOL-masks for the masks of a detection, overlap for the overlap of attention and objects, or overlap-above-disc for that less a disc as large. The claim must hold in each.' },
  tasks: { ...names, description: 'Tasks that are averaged. Without it all of the table.' },
  side: { type: 'string', enum: ['A', 'B'], description: 'Tasks of this side of the WordNet split alone: A inanimate, B organisms.' },
} as const;

const group = (description: string) => ({ type: 'object', additionalProperties: false, required: ['tables'], description, properties: place }) as const;

export const claimQuantities = ['pretrain_flops', 'flops_per_image', 'flops_per_schedule', 'images_per_second', 'seconds_per_step', 'seconds_per_schedule'] as const;

/** Kinds of claims, by key. */
export const expressionSchemas = {
  difference: {
    type: 'object', additionalProperties: false, required: ['entry', 'against', 'tables'],
    description: 'Entry minus the other, mean over tasks, paired by seed, as a fraction (0.01 is a point).',
    properties: { ...pair, ...place },
  },
  order: {
    type: 'object', additionalProperties: false, required: ['entry', 'against', 'more_on', 'than_on'],
    description: 'The difference of the two entries on one group of tasks minus that on another, paired by seed, as a fraction.',
    properties: { ...pair, more_on: group('Where the difference should be larger. Several tables: against each of the other group.'), than_on: group('Where it should be smaller.') },
  },
  best_on: {
    type: 'object', additionalProperties: false, required: ['entry', 'against', 'tables'],
    description: 'Share of the tasks, 0 to 1, on which the entry is above every other one named.',
    properties: { entry: pair.entry, against: { ...names, description: 'Entries that it is compared with.' }, ...place },
  },
  ratio: {
    type: 'object', additionalProperties: false, required: ['entry', 'against', 'quantity'],
    description: "Entry divided by the other, of what pre-training takes.",
    properties: { ...pair, quantity: { type: 'string', enum: claimQuantities, description: 'pretrain_flops: of the whole pre-training with all that it rests on, counted. The others are of speed jobs (key speed).' }, models: { ...names, description: 'Models of the speed jobs; it must hold for each. Without it all of them.' } },
  },
  information: {
    type: 'object', additionalProperties: false, required: ['entry', 'against'],
    description: 'Information that the input keeps of the hidden patches, entry minus the other, in nats a value, from errors on images that were not trained on.',
    properties: pair,
  },
} as const;

const bound = (description: string) => ({ type: 'number', description }) as const;

export const boundSchemas = {
  above: bound('Holds where the effect is larger.'),
  at_least: bound('Holds where the effect is as large or larger.'),
  below: bound('Holds where the effect is smaller.'),
  at_most: bound('Holds where the effect is as small or smaller.'),
} as const;

export const claimSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['id', 'text', 'source'],
  properties: {
    id: { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$', maxLength: 64, description: 'Unique name.' },
    text: { ...name, description: 'The claim in a sentence.' },
    source: { ...name, description: 'Who claims it, and how far that is known.' },
    ...expressionSchemas,
    ...boundSchemas,
    tolerance: { type: 'number', minimum: 0, default: 0, description: 'How far beyond the bound still counts as at it, in the effect\'s unit.' },
  },
} as const;

export const claimsSchema = {
  type: 'array',
  minItems: 1,
  description: 'Statements that the results are held against: files of claims, with their paths from the suite\'s folder, or claims themselves.',
  items: { anyOf: [{ type: 'string', minLength: 1 }, claimSchema] },
} as const;
