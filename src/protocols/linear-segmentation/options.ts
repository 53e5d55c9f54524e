import type { FromSchema } from 'json-schema-to-ts';
import type { JsonObject } from '../../files.js';
import { segmentationProperties } from '../dense/options.js';
import { searchedRate } from '../searched-options.js';

export const linearSegmentationSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    lr: { ...searchedRate, default: 0.01, description: 'Learning rate after warm-up, as it is (not scaled by the batch size). A list is chosen from on validation mIoU.' },
    ...segmentationProperties,
  },
} as const satisfies JsonObject;

/** Options with every default filled in. */
type LinearSegmentationOptions = Readonly<FromSchema<typeof linearSegmentationSchema>>;

/** Options that may be lists, in the order of the grid. */
export const searched = ['lr'] as const;

/** Validated options by their type; the suite has checked them and filled in the defaults. */
export const linearSegmentationOptions = (options: JsonObject): LinearSegmentationOptions => options as unknown as LinearSegmentationOptions;
