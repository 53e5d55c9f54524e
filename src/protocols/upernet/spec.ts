import { leastBlockPatches } from '../../models/pyramid-sides.js';
import { picturesSeen } from '../dense/images.js';
import { viewOf } from '../dense/options.js';
import { pictureSize } from '../dense/picture-size.js';
import { asForward } from '../images-through.js';
import type { ProtocolSpec } from '../protocol.js';
import { headMacs } from './macs.js';
import { searched, uperNetOptions, uperNetSchema } from './options.js';

/** UperNet on a ViT as iBOT evaluates it (methods.md 6.3). */
export const upernet: ProtocolSpec = {
  name: 'upernet',
  description: 'the whole encoder with UperNet on a pyramid of four blocks, by AdamW with layer-wise learning rate decay',
  judges: 'segmentation',
  schema: uperNetSchema,
  needs: 'encoder',
  modules: ['protocols/upernet/run.js'],
  images: (options, sizes) => {
    const { trained, predicted, observed } = picturesSeen(uperNetOptions(options), searched, sizes);
    return { trained, evaluated: predicted + observed };
  },
  flops: (json, shape) => {
    const options = uperNetOptions(json);
    const { trained, predicted, observed } = picturesSeen(options, searched, shape);
    const { side, patchSize } = pictureSize(shape, 'upernet');
    viewOf(options, 'upernet', { square: side * patchSize, patchSize, least: leastBlockPatches(patchSize) });
    const macs = headMacs({ width: shape.width, channels: options.channels, classes: shape.classes, side, patchSize });
    return 2 * (asForward({ trained, evaluated: 0 }) * macs.trained + (predicted + observed) * macs.predicted);
  },
  load: async () => (await import('./run.js')).uperNetProtocol,
};
