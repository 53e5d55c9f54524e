import { asForward } from '../images-through.js';
import type { ProtocolSpec } from '../protocol.js';
import { gridSize } from '../grid-size.js';
import { fineTuneSchema } from './options.js';

const images: ProtocolSpec['images'] = (options, { train, validation, test }) => {
  const tries = gridSize(options, ['pool', 'lr', 'layer_decay']);
  const trials = tries > 1 ? tries : 0;
  const training = Number(options['steps'] ?? fineTuneSchema.properties.steps.default) * Number(options['batch_size'] ?? fineTuneSchema.properties.batch_size.default);
  return { trained: (trials + 1) * training, evaluated: trials * validation + train + validation + test };
};

/** MAE's fine-tuning (methods.md 1.4) for a fixed number of steps; RandAugment, random erasing, mixup and cutmix where a suite names them. */
export const fineTune: ProtocolSpec = {
  name: 'fine-tune',
  description: 'the whole encoder with a new linear head, by AdamW with layer-wise learning rate decay',
  judges: 'classification',
  schema: fineTuneSchema,
  needs: 'encoder',
  modules: ['protocols/fine-tune/run.js'],
  images,
  // The head, on every image.
  flops: (options, shape) => 2 * shape.width * shape.classes * asForward(images(options, shape)),
  load: async () => (await import('./run.js')).fineTuneProtocol,
};
