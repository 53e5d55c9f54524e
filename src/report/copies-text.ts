import type { PrepareBody, Result, RunRecord } from '../results/types.js';
import { plural } from './numbers.js';

const shown = 3;

/** Of each data set, how many of its test images are to be trained on too. */
export const copySentences = (record: RunRecord): readonly string[] => record.results.flatMap((result) => {
  if (result.kind !== 'prepare') return [];
  const { id, size, copies = [] } = result as Result<PrepareBody>;
  if (copies.length === 0) return [];
  const named = copies.slice(0, shown).map(({ test, train }) => `${test} is ${train}`).join(', ');
  const more = copies.length > shown ? `, and ${copies.length - shown} more in results.json` : '';
  return [`${plural(copies.length, 'test image')} of ${id.replace(/^prepare\//, '')} ${copies.length === 1 ? 'is' : 'are'} among its training images too, pixel for pixel at ${size} × ${size}: ${named}${more}. On such an image a score tells of memory, not of transfer.`];
});
