import { DataError } from '../../errors.js';
import { didYouMean } from '../../nearest.js';

/** DataError for a task that a source does not have, with the nearest name. */
export function unknownTask(source: string, name: string, known: readonly string[]): DataError {
  const fix = known.length === 0 ? 'It has none: it is for pre-training only.' : `It has: ${known.join(', ')}.`;
  return new DataError(`the source '${source}' has no task '${name}'${didYouMean(name, known)}`, { fix, data: { source, name, known } });
}
