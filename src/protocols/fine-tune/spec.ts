import type { ProtocolSpec } from '../protocol.js';
import { gridSize } from '../grid-size.js';
import { fineTuneSchema } from './options.js';

const images: ProtocolSpec['images'] = (options, trainSize, validationSize, testSize) => {
  const trials = gridSize(options, ['lr', 'layer_decay']);
  const training = 3 * Number(options['steps'] ?? fineTuneSchema.properties.steps.default) * Number(options['batch_size'] ?? fineTuneSchema.properties.batch_size.default);
  return (trials > 1 ? trials * (training + validationSize) : 0) + training + trainSize + validationSize + testSize;
};

/** MAE's fine-tuning (methods.md 1.4) for a fixed number of steps; RandAugment, random erasing, mixup and cutmix where a suite names them. */
export const fineTune: ProtocolSpec = {
  name: 'fine-tune',
  description: 'the whole encoder with a new linear head, by AdamW with layer-wise learning rate decay',
  schema: fineTuneSchema,
  needs: 'encoder',
  modules: ['protocols/fine-tune/run.js'],
  images,
  // The head, on every image.
  flops: (options, { train, validation, test, classes, width }) => 2 * width * classes * images(options, train, validation, test),
  load: async () => (await import('./run.js')).fineTuneProtocol,
};
