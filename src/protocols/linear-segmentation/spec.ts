import { picturesSeen } from '../dense/images.js';
import { viewOf } from '../dense/options.js';
import { pictureSize } from '../dense/picture-size.js';
import { asForward } from '../images-through.js';
import type { ProtocolSpec } from '../protocol.js';
import { linearMacs } from './macs.js';
import { linearSegmentationOptions, linearSegmentationSchema, searched } from './options.js';

/**
 * iBOT's linear head for segmentation, as its released configuration has it (evaluation/semantic_segmentation/configs/linear):
 * the encoder is frozen, the tokens of the blocks at 1/3, 1/2, 2/3 and the end stand side by side without a norm, and one
 * 1 x 1 convolution classifies them; AdamW, poly schedule with warm-up.
 */
export const linearSegmentation: ProtocolSpec = {
  name: 'linear-segmentation',
  description: 'a linear classifier of each patch on the tokens of four blocks of the frozen encoder, by AdamW',
  judges: 'segmentation',
  schema: linearSegmentationSchema,
  needs: 'encoder',
  modules: ['protocols/linear-segmentation/run.js'],
  // A picture that is trained on goes through the frozen encoder once, as one that is predicted.
  images: (options, sizes) => {
    const { trained, predicted } = picturesSeen(linearSegmentationOptions(options), searched, sizes);
    return { trained: 0, evaluated: trained + predicted };
  },
  flops: (json, shape) => {
    const options = linearSegmentationOptions(json);
    const { trained, predicted } = picturesSeen(options, searched, shape);
    const { side, patchSize } = pictureSize(shape, 'linear-segmentation');
    viewOf(options, 'linear-segmentation', { square: side * patchSize, patchSize, least: 1 });
    return 2 * linearMacs(shape.width, shape.classes, side) * asForward({ trained, evaluated: predicted });
  },
  load: async () => (await import('./run.js')).linearSegmentationProtocol,
};
