import type { JsonObject } from '../../files.js';
import { gridSize } from '../grid-size.js';
import type { TaskShape } from '../protocol.js';
import { segmentationProperties } from './options.js';
import { scoredPictures } from './scored.js';

/** Pictures that a protocol of segmentation trains on and predicts, trials counted. One that is cut into windows counts once. */
export function picturesSeen(options: JsonObject, searched: readonly string[], { train, validation, test }: Pick<TaskShape, 'train' | 'validation' | 'test'>): { readonly trained: number; readonly predicted: number } {
  const tries = gridSize(options, searched);
  const trials = tries > 1 ? tries : 0;
  const { steps, batch_size: batch } = segmentationProperties;
  const training = Number(options['steps'] ?? steps.default) * Number(options['batch_size'] ?? batch.default);
  return { trained: (trials + 1) * training, predicted: trials * validation + test + Math.min(scoredPictures, train + validation) };
}
