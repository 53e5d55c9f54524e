import type { FromSchema } from 'json-schema-to-ts';
import { type Augment, augmentSchema, multiCrop } from '../../data/augment/index.js';
import type { JsonObject } from '../../files.js';
import type { Filled } from '../filled.js';

const [firstGlobal, secondGlobal, local] = multiCrop({ globalScale: [0.32, 1], localScale: [0.05, 0.32], localCount: 1, globalSize: 1, localSize: 1 });

/** A mapping's parts with the values of a view as defaults too, for who gives only some of them. */
function partsOf(property: object, values: JsonObject): JsonObject {
  const parts = (property as { readonly properties?: Readonly<Record<string, JsonObject>> }).properties;
  return parts === undefined ? {} : { properties: Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, { ...part, default: structuredClone(values[name]!) }])) };
}

/** `augmentSchema` with the values of a view as defaults; what it lets out by default is on here. */
function viewSchema(description: string, defaults: Augment): JsonObject {
  const properties = Object.entries(augmentSchema.properties).map(([name, property]): [string, JsonObject] => {
    const value = (defaults as unknown as JsonObject)[name];
    const text = (property.description as string).replace(/ Off unless given\.$/, value === undefined ? '$&' : '');
    return [name, { ...property, description: text, ...(value === undefined ? {} : { default: structuredClone(value), ...partsOf(property, value as JsonObject) }) }];
  });
  return { ...augmentSchema, description, properties: Object.fromEntries(properties) };
}

/**
 * Options of iBOT. Defaults are those of the paper and of the reference code (bytedance/ibot, main_ibot.py) for ViT-B/16;
 * where the two differ, the description says which.
 */
export const ibotSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    local_crops: {
      type: 'object', additionalProperties: false, default: {}, description: 'Small views, which only the student sees.',
      properties: {
        count: { type: 'integer', minimum: 0, maximum: 64, default: 10, description: 'Of each image (paper: 10).' },
        size: {
          anyOf: [{ type: 'string', enum: ['auto'] }, { type: 'integer', minimum: 1, maximum: 4096 }], default: 'auto',
          description: 'Pixels a side, a multiple of the patch. auto: the multiple nearest to 96/224 of the image size (paper: 96 beside 224).',
        },
      },
    },
    augment_global_1: viewSchema('Augmentation of the first large view (paper: area 0.32 to 1; DINO: always blurred).', firstGlobal!.augment),
    augment_global_2: viewSchema('Augmentation of the second large view (DINO: seldom blurred, solarised by 0.2).', secondGlobal!.augment),
    augment_local: viewSchema('Augmentation of the small views (paper: area 0.05 to 0.32; DINO: blurred by half).', local!.augment),
    mask: {
      type: 'object', additionalProperties: false, default: {}, description: "Which patches of the student's large views are replaced by the mask token.",
      properties: {
        shape: { type: 'string', enum: ['block', 'random'], default: 'block', description: 'block: rectangles as BEiT draws them, until no further one fits; random: single patches.' },
        probability: { type: 'number', minimum: 0, maximum: 1, default: 0.5, description: 'Share of the views that are masked at all (reference: one of two ratios is 0).' },
        ratio: {
          type: 'array', items: { type: 'number', minimum: 0, maximum: 1 }, minItems: 2, maxItems: 2, ascending: true, default: [0.1, 0.5],
          description: 'Share of the patches of a masked view, drawn uniformly from [low, high]; blocks reach it seldom in full (reference: 0.3 +- 0.2).',
        },
        aspect: {
          type: 'array', items: { type: 'number', minimum: 0.01, maximum: 100 }, minItems: 2, maxItems: 2, ascending: true, default: [0.3, 1 / 0.3],
          description: 'Height / width of a block, [low, high], log-uniform (reference: 0.3 to 1 / 0.3).',
        },
      },
    },
    head: {
      type: 'object', additionalProperties: false, default: {}, description: 'The projection that class and patch tokens share, dropped after pre-training.',
      properties: {
        out_dim: { type: 'integer', minimum: 2, maximum: 1048576, default: 8192, description: 'K, prototypes (paper: 8192).' },
        hidden: { type: 'integer', minimum: 1, maximum: 65536, default: 2048, description: 'Width of the two hidden layers (reference).' },
        bottleneck: { type: 'integer', minimum: 1, maximum: 65536, default: 256, description: 'Width of the vectors that are compared with the prototypes (reference).' },
      },
    },
    loss_weights: {
      type: 'object', additionalProperties: false, default: {}, description: 'Of the two losses (paper: 1 and 1).',
      properties: {
        cls: { type: 'number', minimum: 0, maximum: 100, default: 1, description: 'Class tokens across views.' },
        patch: { type: 'number', minimum: 0, maximum: 100, default: 1, description: 'Masked patches within a view.' },
      },
    },
    student_temperature: { type: 'number', exclusiveMinimum: 0, maximum: 10, default: 0.1, description: "Divides the student's outputs (paper)." },
    teacher_temperature: {
      type: 'object', additionalProperties: false, default: {}, description: "Divides the teacher's centred outputs, of class and patch tokens; rises linearly, step by step.",
      properties: {
        start: { type: 'number', exclusiveMinimum: 0, maximum: 10, default: 0.04, description: 'At the first step (paper).' },
        end: { type: 'number', exclusiveMinimum: 0, maximum: 10, default: 0.07, description: 'From the end of the warm-up on (paper).' },
        warmup_epochs: { type: 'number', minimum: 0, maximum: 100000, default: 30, description: 'Epochs of the rise (paper), at most the schedule.' },
      },
    },
    centre_momentum: { type: 'number', minimum: 0, maximum: 1, default: 0.9, description: 'Of both centres (reference).' },
    teacher_momentum: { type: 'number', minimum: 0, maximum: 1, default: 0.996, description: 'At the first step; rises to 1 by a cosine (paper).' },
    drop_path: { type: 'number', minimum: 0, exclusiveMaximum: 1, default: 0.1, description: 'Stochastic depth of the student, from 0 in the first block to this in the last (reference).' },
    freeze_last_layer_epochs: { type: 'number', minimum: 0, maximum: 100000, default: 1, description: "Epochs at the beginning in which the head's last layer gets no gradient (reference)." },
    base_lr: { type: 'number', exclusiveMinimum: 0, maximum: 10, default: 5e-4, description: 'Peak learning rate is base_lr * batch_size / 256 (paper).' },
    min_lr: { type: 'number', minimum: 0, maximum: 10, default: 1e-6, description: 'Learning rate at the end (reference).' },
    warmup_epochs: { type: 'number', minimum: 0, maximum: 100000, default: 10, description: 'Linear warm-up, shorter than the schedule (reference).' },
    weight_decay: {
      type: 'object', additionalProperties: false, default: {}, description: 'AdamW, not on biases and other 1-D parameters; follows a cosine.',
      properties: {
        start: { type: 'number', minimum: 0, maximum: 10, default: 0.04, description: 'At the first step (paper).' },
        end: { type: 'number', minimum: 0, maximum: 10, default: 0.4, description: 'At the end (paper).' },
      },
    },
    clip_norm: { type: 'number', exclusiveMinimum: 0, maximum: 1e6, default: 3, description: 'The gradient is cut to this length; of all parameters together, where the reference cuts each (3.0).' },
  },
} as const satisfies JsonObject;

type AugmentName = 'augment_global_1' | 'augment_global_2' | 'augment_local';

/** Options after validation, every default filled in. */
export type IbotOptions = Filled<Omit<FromSchema<typeof ibotSchema>, AugmentName>> & Readonly<Record<AugmentName, Augment>>;

/** Validated options by their type; the suite has checked them and filled in the defaults. */
export const ibotOptions = (options: JsonObject): IbotOptions => options as unknown as IbotOptions;
