import { SuiteError } from '../../errors.js';
import { picturesSeen } from '../dense/images.js';
import { asForward } from '../images-through.js';
import type { ProtocolSpec } from '../protocol.js';
import { headMacs } from './macs.js';
import { uperNetSchema } from './options.js';

const searched = ['lr', 'layer_decay'];

/** UperNet on a ViT as iBOT evaluates it (methods.md 6.3). */
export const upernet: ProtocolSpec = {
  name: 'upernet',
  description: 'the whole encoder with UperNet on a pyramid of four blocks, by AdamW with layer-wise learning rate decay',
  judges: 'segmentation',
  schema: uperNetSchema,
  needs: 'encoder',
  modules: ['protocols/upernet/run.js'],
  images: (options, sizes) => {
    const { trained, predicted, observed } = picturesSeen(uperNetSchema.properties, options, searched, sizes);
    return { trained, evaluated: predicted + observed };
  },
  flops: (options, { width, classes, side, patchSize, ...sizes }) => {
    const { trained, predicted, observed } = picturesSeen(uperNetSchema.properties, options, searched, sizes);
    if (side === undefined || patchSize === undefined) throw new SuiteError('the size of its pictures is not known', { where: 'protocol upernet' });
    const macs = headMacs({ width, channels: Number(options['channels'] ?? uperNetSchema.properties.channels.default), classes, side, patchSize });
    return 2 * (asForward({ trained, evaluated: 0 }) * macs.trained + (predicted + observed) * macs.predicted);
  },
  load: async () => (await import('./run.js')).uperNetProtocol,
};
