import type { JsonObject } from '../../files.js';
import type { ImageIndex } from '../image-set.js';
import type { Preparation } from '../source.js';

/** JSON schema of `crops_from`, with the rule of `cropsFrom`. It has no default, so that a key without it stays what it was. */
export const cropsFromSchema = {
  type: 'integer',
  minimum: 1,
  maximum: 4096,
  description: "Pixels a side of the squares that random crops are cut from; left out: the model's image_size, which is also the least. Whole pictures are prepared at image_size all the same.",
} as const satisfies JsonObject;

/** The option, which `cropsFromSchema` has made sure of. */
export const cropsFrom = (options: JsonObject): number | undefined => options['crops_from'] as number | undefined;

/**
 * Prepares files of photographs, whose ids are paths in `folder`: each as a square of `size`, and where `crops_from` is more as one of
 * that side too. Both come from the decoded file itself: what is seen whole does not change with what crops are cut from.
 */
export async function preparePhotographs(
  { folder, index }: { readonly folder: string; readonly index: ImageIndex },
  options: JsonObject,
  size: number,
  progress: (done: number, total: number) => void,
): Promise<Preparation> {
  const { decodeFiles } = await import('./decode.js');
  const side = cropsFrom(options);
  const larger = side === undefined || side === size ? {} : { crops: side };
  return { ...index, size, ...larger, channels: 3, decode: (put) => decodeFiles(folder, index.records, size, put, progress, larger) };
}
