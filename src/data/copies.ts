import { createHash } from 'node:crypto';
import type { ImageRecord } from './image-set.js';

/** A test image and one to train or validate on, which have the same pixels once they are prepared: ids of records. */
export interface Copy { readonly test: string; readonly train: string }

/** What pictures are compared by. */
export const pixelHash = (pixels: Uint8Array): string => createHash('sha256').update(pixels).digest('base64');

/**
 * Test images that are among the images to train on too, by the splits that the source itself fixes (`val` is the test split where there
 * is no other). A method was trained on such an image, so what it makes of it says little. A picture that was saved anew, cropped or
 * moved is another one.
 *
 * @param hashes `pixelHash` of each record; none: it could not be decoded
 */
export function copiesOf(records: readonly ImageRecord[], hashes: readonly (string | undefined)[]): readonly Copy[] {
  const held = records.some(({ split }) => split === 'test') ? 'test' : 'val';
  const known = new Map<string, string>();
  records.forEach(({ id, split }, at) => {
    const hash = hashes[at];
    if (split !== null && split !== held && hash !== undefined && !known.has(hash)) known.set(hash, id);
  });
  return records.flatMap(({ id, split }, at) => {
    const hash = hashes[at];
    const train = split === held && hash !== undefined ? known.get(hash) : undefined;
    return train === undefined ? [] : [{ test: id, train }];
  });
}
