import { type Augment, augmentSchema, type Mix, mixSchema, type RandAugment, randAugmentSchema, type RandomErasing, randomErasingSchema } from '../../data/augment/index.js';
import type { JsonObject } from '../../files.js';
import type { Searched } from '../grid.js';
import { poolValues, type Pool } from '../pool.js';
import { readOptions } from '../read-options.js';
import { searchedDecay, searchedRate } from '../searched-options.js';

export const fineTuneSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    lr: { ...searchedRate, default: 0.001, description: 'Learning rate after warm-up, as it is (not scaled by the batch size). A list is chosen from on validation.' },
    layer_decay: { ...searchedDecay, default: 0.75, description: 'Factor on the learning rate from each layer to the one below; 1: none. A list is chosen from on validation.' },
    steps: { type: 'integer', minimum: 1, maximum: 10_000_000, default: 200, description: 'Optimiser updates.' },
    batch_size: { type: 'integer', minimum: 1, maximum: 65_536, default: 32, description: 'Images an update; batches run on from one epoch into the next.' },
    warmup: { type: 'number', minimum: 0, exclusiveMaximum: 1, default: 0.05, description: 'Share of the steps in which the learning rate rises from 0.' },
    min_lr: { type: 'number', minimum: 0, maximum: 10, default: 1e-6, description: 'Learning rate at the end of the cosine.' },
    weight_decay: { type: 'number', minimum: 0, maximum: 10, default: 0.05, description: 'Decoupled weight decay; not on biases, norms, cls_token and pos_embed.' },
    drop_path: { type: 'number', minimum: 0, exclusiveMaximum: 1, default: 0.1, description: 'Stochastic depth: probability in the last block, rising from 0 in the first.' },
    label_smoothing: { type: 'number', minimum: 0, exclusiveMaximum: 1, default: 0.1 },
    pool: { ...poolValues, default: 'mean', description: 'mean: mean patch token, then a new LayerNorm (MAE). cls: the encoder\'s own norm, then its cls token. A list is chosen from on validation.' },
    augment: augmentSchema,
    rand_augment: randAugmentSchema,
    random_erasing: randomErasingSchema,
    mix: mixSchema,
  },
} as const satisfies JsonObject;

/** Options with every default filled in. */
export interface FineTuneOptions {
  readonly lr: Searched;
  readonly layer_decay: Searched;
  readonly steps: number;
  readonly batch_size: number;
  readonly warmup: number;
  readonly min_lr: number;
  readonly weight_decay: number;
  readonly drop_path: number;
  readonly label_smoothing: number;
  readonly pool: Searched<Pool>;
  readonly augment: Augment;
  readonly rand_augment?: RandAugment;
  readonly random_erasing?: RandomErasing;
  readonly mix?: Mix;
}

/** All that is done to one training image. */
export const trainAugment = ({ augment, rand_augment, random_erasing }: FineTuneOptions): Augment => ({
  ...augment,
  ...(rand_augment === undefined ? {} : { rand_augment }),
  ...(random_erasing === undefined ? {} : { random_erasing }),
});

/** Checked options with every default. SuiteError for a mistake. */
export const fineTuneOptions = (given: JsonObject): FineTuneOptions => readOptions('fine-tune', fineTuneSchema, given) as unknown as FineTuneOptions;
