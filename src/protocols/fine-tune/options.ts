import type { FromSchema } from 'json-schema-to-ts';
import { type Augment, augmentSchema, type Mix, mixSchema, type RandAugment, randAugmentSchema, type RandomErasing, randomErasingSchema } from '../../data/augment/index.js';
import type { JsonObject } from '../../files.js';
import { poolValues } from '../pool.js';
import { trainingProperties } from '../training-options.js';

export const fineTuneSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    lr: trainingProperties.lr,
    layer_decay: trainingProperties.layer_decay,
    steps: trainingProperties.steps,
    batch_size: { type: 'integer', minimum: 1, maximum: 65_536, default: 32, description: 'Images an update; batches run on from one epoch into the next.' },
    warmup: trainingProperties.warmup,
    min_lr: trainingProperties.min_lr,
    weight_decay: trainingProperties.weight_decay,
    drop_path: trainingProperties.drop_path,
    label_smoothing: { type: 'number', minimum: 0, exclusiveMaximum: 1, default: 0.1 },
    pool: { ...poolValues, default: 'mean', description: 'mean: mean patch token, then a new LayerNorm (MAE). cls: the encoder\'s own norm, then its cls token. A list is chosen from on validation.' },
    augment: augmentSchema,
    rand_augment: randAugmentSchema,
    random_erasing: randomErasingSchema,
    mix: mixSchema,
  },
} as const satisfies JsonObject;

/** What is done to training images. */
interface Changes {
  readonly augment: Augment;
  readonly rand_augment?: RandAugment;
  readonly random_erasing?: RandomErasing;
  readonly mix?: Mix;
}

/** Options with every default filled in. */
export type FineTuneOptions = Readonly<Omit<FromSchema<typeof fineTuneSchema>, keyof Changes>> & Changes;

/** Options that may be lists, in the order of the grid. */
export const searched = ['pool', 'lr', 'layer_decay'] as const;

/** All that is done to one training image. */
export const trainAugment = ({ augment, rand_augment, random_erasing }: FineTuneOptions): Augment => ({
  ...augment,
  ...(rand_augment === undefined ? {} : { rand_augment }),
  ...(random_erasing === undefined ? {} : { random_erasing }),
});

/** Validated options by their type; the suite has checked them and filled in the defaults. */
export const fineTuneOptions = (options: JsonObject): FineTuneOptions => options as unknown as FineTuneOptions;
