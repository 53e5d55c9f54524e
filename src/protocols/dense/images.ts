import type { JsonObject } from '../../files.js';
import { gridSize } from '../grid-size.js';
import type { TaskShape } from '../protocol.js';
import { scoredPictures } from './scored.js';

/** Training batches, behind the last step, whose statistics a network with batch norms predicts with. */
export const observedBatches = 16;

/** Of a protocol's options, those that say how much it trains. */
interface Defaults { readonly steps: { readonly default: number }; readonly batch_size: { readonly default: number } }

/**
 * Pictures that a protocol of segmentation trains on and predicts, trials counted. One that is cut into windows counts once.
 * `observed`: those of `observedBatches`, where the head has batch norms.
 */
export function picturesSeen({ steps, batch_size }: Defaults, options: JsonObject, searched: readonly string[], { train, validation, test }: Pick<TaskShape, 'train' | 'validation' | 'test'>): Record<'trained' | 'predicted' | 'observed', number> {
  const tries = gridSize(options, searched);
  const trials = tries > 1 ? tries : 0;
  const batch = (trials + 1) * Number(options['batch_size'] ?? batch_size.default);
  return { trained: batch * Number(options['steps'] ?? steps.default), observed: batch * observedBatches, predicted: trials * validation + test + Math.min(scoredPictures, train + validation) };
}
