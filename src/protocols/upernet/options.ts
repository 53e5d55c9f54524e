import type { FromSchema } from 'json-schema-to-ts';
import type { JsonObject } from '../../files.js';
import { segmentationProperties } from '../dense/options.js';
import { searchedDecay, searchedRate } from '../searched-options.js';
import { trainingProperties } from '../training-options.js';

export const uperNetSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    lr: { ...searchedRate, default: 0.02, description: 'Learning rate after warm-up, as it is (not scaled by the batch size). A list is chosen from on validation mIoU.' },
    layer_decay: { ...searchedDecay, default: 0.35, description: 'Factor on the learning rate from each layer to the one below; 1: none. A list is chosen from on validation mIoU.' },
    ...segmentationProperties,
    // Many small steps: few large ones predict the background alone for most of them.
    steps: { ...segmentationProperties.steps, default: 300 },
    // As PyTorch's batch norm: a map of one place has no variance in a batch of one.
    batch_size: { ...segmentationProperties.batch_size, default: 4, minimum: 2 },
    drop_path: trainingProperties.drop_path,
    channels: { type: 'integer', minimum: 1, maximum: 4096, default: 32, description: 'Width of the head and of the auxiliary head (iBOT, ViT-B: 768 and 256).' },
  },
} as const satisfies JsonObject;

/** Options with every default filled in. */
type UperNetOptions = Readonly<FromSchema<typeof uperNetSchema>>;

/** Options that may be lists, in the order of the grid. */
export const searched = ['lr', 'layer_decay'] as const;

/** Validated options by their type; the suite has checked them and filled in the defaults. */
export const uperNetOptions = (options: JsonObject): UperNetOptions => options as unknown as UperNetOptions;
