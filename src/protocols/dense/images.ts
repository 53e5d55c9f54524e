import { gridSize, trialsOf } from '../grid-size.js';
import type { TaskShape } from '../protocol.js';
import { scoredPictures } from './scored.js';

/** Training batches, behind the last step, whose statistics a network with batch norms predicts with. */
export const observedBatches = 16;

/** Of a protocol's options, those that say how much it trains. */
interface Length extends Readonly<Record<string, unknown>> { readonly steps: number; readonly batch_size: number }

/**
 * Pictures that a protocol on dense tasks trains on and predicts, trials counted. One that is cut into windows counts once.
 * `observed`: those of `observedBatches`, where the head has batch norms.
 */
export function picturesSeen(options: Length, searched: readonly string[], { train, validation, test }: Pick<TaskShape, 'train' | 'validation' | 'test'>): Readonly<Record<'trained' | 'predicted' | 'observed', number>> {
  const trials = trialsOf(gridSize(options, searched));
  const batch = (trials + 1) * options.batch_size;
  return { trained: batch * options.steps, observed: batch * observedBatches, predicted: trials * validation + test + Math.min(scoredPictures, train + validation) };
}
