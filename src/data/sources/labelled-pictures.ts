import { join } from 'node:path';
import { DataError } from '../../errors.js';
import { ignoredLabel, type PictureSize } from '../dense.js';
import type { ImageIndex } from '../image-set.js';
import type { Preparation, PutPixels } from '../source.js';

/** Files that are read at the same time. */
const lanes = 16;

export interface LabelledPictures {
  readonly folder: string;
  /** Its records are pictures, its classes those of the maps. */
  readonly index: ImageIndex;
  /** Label map of each record, relative to the folder. */
  readonly maps: readonly string[];
  /** Class of a value in the files, `ignoredLabel` for pixels that are not judged, undefined for a value that means nothing. */
  readonly classOf: (value: number) => number | undefined;
}

/**
 * Prepares pictures that have a label map each as a file. DataError with file and reason for a map with a value that means nothing; a
 * picture that has another size than its map is unreadable.
 */
export async function prepareLabelled({ folder, index, maps, classOf }: LabelledPictures, size: number, progress: (done: number, total: number) => void): Promise<Preparation> {
  const [{ decodeFiles }, { readLabelMap }] = await Promise.all([import('./decode.js'), import('./label-map.js')]);
  const table = Array.from({ length: 256 }, (_, value) => classOf(value));
  const read = async (map: string) => {
    const path = join(folder, map);
    const { height, width, values } = await readLabelMap(path);
    const labels = values.map((value, at) => {
      const label = table[value];
      if (label === undefined) throw new DataError(`has the value ${value} at row ${Math.floor(at / width)}, column ${at % width}, which is no class`, { where: path, fix: `Classes: ${index.classes!.join(', ')}. Name the value in the list of classes, or among those that are not judged (${ignoredLabel} here is not judged).` });
      return label;
    });
    return { size: { height, width }, labels };
  };
  const labelled: { readonly size: PictureSize; readonly labels: Uint8Array }[] = [];
  for (let at = 0; at < maps.length; at += lanes) labelled.push(...(await Promise.all(maps.slice(at, at + lanes).map(read))));
  const sizes = labelled.map((one) => one.size);
  return {
    ...index, size, channels: 3,
    decode: (put: PutPixels) => decodeFiles(folder, index.records, size, put, progress, sizes),
    annotations: async () => ({ classes: index.classes!, sizes, objects: () => null, labels: (i) => labelled[i]!.labels }),
  };
}
