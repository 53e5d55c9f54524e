import type { JsonObject } from '../../files.js';
import { type SegmentationOptions, segmentationProperties } from '../dense/options.js';
import type { Searched } from '../grid.js';
import { readOptions } from '../read-options.js';
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
export interface UperNetOptions extends SegmentationOptions {
  readonly lr: Searched;
  readonly layer_decay: Searched;
  readonly drop_path: number;
  readonly channels: number;
}

/** Checked options with every default. SuiteError for a mistake. */
export const uperNetOptions = (given: JsonObject): UperNetOptions => readOptions('upernet', uperNetSchema, given) as unknown as UperNetOptions;
