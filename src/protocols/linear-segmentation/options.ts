import type { JsonObject } from '../../files.js';
import { type SegmentationOptions, segmentationProperties } from '../dense/options.js';
import type { Searched } from '../grid.js';
import { readOptions } from '../read-options.js';
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
export interface LinearSegmentationOptions extends SegmentationOptions { readonly lr: Searched }

/** Checked options with every default. SuiteError for a mistake. */
export const linearSegmentationOptions = (given: JsonObject): LinearSegmentationOptions => readOptions('linear-segmentation', linearSegmentationSchema, given) as unknown as LinearSegmentationOptions;
