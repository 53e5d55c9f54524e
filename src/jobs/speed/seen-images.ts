import { type Series, trainPositions } from '../../data/loader/index.js';
import type { PreparedSet } from '../../data/image-set.js';
import { hashJson } from '../../files.js';

/** Tells by their names which images the first batches of a training hold, in their order. */
export function seenImages(set: Pick<PreparedSet, 'records'>, series: Exclude<Series, { readonly kind: 'evaluation' }>, batches: number): string {
  const { indices, seed, purpose, evenOver, batch } = series;
  const order = { indices, seed, purpose, batch, ...(evenOver === undefined ? {} : { evenOver }) };
  return hashJson(Array.from({ length: batches }, (_, step) => Array.from(trainPositions({ ...order, step }), (position) => set.records[indices[position]!]!.id))).slice(0, 16);
}
