import type { FromSchema } from 'json-schema-to-ts';
import { SuiteError } from '../../errors.js';
import type { JsonObject } from '../../files.js';
import { trainingProperties } from '../training-options.js';

export const maskRcnnSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    lr: { ...trainingProperties.lr, default: 0.002 },
    layer_decay: trainingProperties.layer_decay,
    steps: { ...trainingProperties.steps, default: 150 },
    batch_size: { type: 'integer', minimum: 1, maximum: 4096, default: 4, description: 'Images an update; batches run on from one epoch into the next.' },
    warmup: { ...trainingProperties.warmup, default: 0.1 },
    min_lr: trainingProperties.min_lr,
    weight_decay: trainingProperties.weight_decay,
    drop_path: { ...trainingProperties.drop_path, default: 0 },
    flip: { type: 'number', minimum: 0, maximum: 1, default: 0.5, description: 'Probability that a training picture is mirrored.' },
    strides: { type: 'array', items: { type: 'number', enum: [0.25, 0.5, 1, 2] }, minItems: 1, uniqueItems: true, default: [1, 2], description: 'Strides of the pyramid\'s maps in patches, finest first, none left out between two. ViTDet: all four, and for the region proposals a fifth, a max-pool of the coarsest, which is not offered.' },
    anchor: { type: 'number', minimum: 1, maximum: 64, default: 4, description: 'Sides of a map\'s square anchor in its cells; a map\'s regions are that large or up to twice that. Detectron2: 8, and regions of 14 to 28 cells.' },
    channels: { type: 'integer', minimum: 1, maximum: 4096, default: 48, description: 'Channels of the maps and of the mask head. ViTDet: 256.' },
    box_size: { type: 'integer', minimum: 1, maximum: 64, default: 5, description: 'Values a side of a region as the box heads see it. Mask R-CNN: 7.' },
    hidden: { type: 'integer', minimum: 1, maximum: 16_384, default: 512, description: 'Width of the box heads\' two layers. Mask R-CNN: 1024.' },
    mask_size: { type: 'integer', minimum: 2, maximum: 256, multipleOf: 2, default: 14, description: 'Values a side of a predicted mask. Mask R-CNN: 28.' },
    mask_convolutions: { type: 'integer', minimum: 1, maximum: 8, default: 1, description: 'Convolutions of the mask head. Mask R-CNN: 4.' },
    anchors: { type: 'integer', minimum: 2, maximum: 65_536, default: 64, description: 'Anchors a picture that the region proposals learn from, half of them with an object at most. Faster R-CNN: 256.' },
    proposals: { type: 'integer', minimum: 1, maximum: 65_536, default: 48, description: 'Boxes that the region proposals hand on. Mask R-CNN: 2000 in training, 1000 in evaluation.' },
    regions: { type: 'integer', minimum: 4, maximum: 65_536, default: 32, description: 'Proposals and objects a picture that the heads learn from, a quarter of them with an object at most. Mask R-CNN: 512.' },
    score: { type: 'number', minimum: 0, exclusiveMaximum: 1, default: 0.02, description: 'Boxes of a smaller probability are not told. Mask R-CNN: 0.05.' },
  },
} as const satisfies JsonObject;

/** Options with every default filled in. */
export type MaskRcnnOptions = Readonly<FromSchema<typeof maskRcnnSchema>>;

/** Options that may be lists, in the order of the grid. */
export const searched = ['lr', 'layer_decay'] as const;

/** Validated options by their type; the suite has checked them and filled in the defaults. SuiteError for strides that are no pyramid. */
export function maskRcnnOptions(protocol: string, json: JsonObject): MaskRcnnOptions {
  const options = json as unknown as MaskRcnnOptions;
  if (options.strides.some((stride, i) => i > 0 && stride !== 2 * options.strides[i - 1]!)) {
    throw new SuiteError(`strides are ${options.strides.join(', ')}`, { where: `options of protocol ${protocol}`, fix: 'Give the finest first, each next one twice as large.' });
  }
  return options;
}
