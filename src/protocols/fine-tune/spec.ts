import { asForward } from '../images-through.js';
import type { ProtocolSpec } from '../protocol.js';
import { gridSize, trialsOf } from '../grid-size.js';
import { fineTuneOptions, fineTuneSchema, searched } from './options.js';

const images: ProtocolSpec['images'] = (options, { train, validation, test }) => {
  const { steps, batch_size: batch } = fineTuneOptions(options);
  const trials = trialsOf(gridSize(options, searched));
  return { trained: (trials + 1) * steps * batch, evaluated: trials * validation + train + validation + test };
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
