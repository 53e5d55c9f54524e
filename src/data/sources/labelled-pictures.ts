import { join } from 'node:path';
import { DataError } from '../../errors.js';
import { ignoredLabel } from '../dense.js';
import type { ImageIndex } from '../image-set.js';
import type { Preparation } from '../source.js';
import { filesAtOnce, mapInParallel } from './each-in-parallel.js';

export interface LabelledPictures {
  readonly folder: string;
  /** Its records are pictures, its classes those of the maps. */
  readonly index: ImageIndex;
  /** Label map of each record, relative to the folder. */
  readonly maps: readonly string[];
  /** Pictures that have none. */
  readonly leftOut?: readonly string[];
  /** Class of a value in the files, `ignoredLabel` for pixels that are not judged, undefined for a value that means nothing. */
  readonly classOf: (value: number) => number | undefined;
}

/**
 * Prepares pictures that have a label map each as a file. Of the maps the heads are read first, for their sizes; none is kept. DataError
 * with file and reason for a map that is none, or with a value that means nothing, which is told when its picture is decoded or, where
 * that cannot be, when its labels are asked for, and for a picture that has another size than its map.
 */
export async function prepareLabelled({ folder, index, maps, leftOut = [], classOf }: LabelledPictures, size: number, progress: (done: number, total: number) => void): Promise<Preparation> {
  const [{ decodeFiles }, { labelMapSize, readLabelMap }] = await Promise.all([import('./decode.js'), import('./label-map.js')]);
  const table = Array.from({ length: 256 }, (_, value) => classOf(value));
  const labels = async (i: number): Promise<Uint8Array> => {
    const path = join(folder, maps[i]!);
    const { width, values } = await readLabelMap(path);
    return values.map((value, at) => {
      const label = table[value];
      if (label === undefined) throw new DataError(`has the value ${value} at row ${Math.floor(at / width)}, column ${at % width}, which is no class`, { where: path, fix: `Classes: ${index.classes!.join(', ')}. Name the value in the list of classes, or among those that are not judged (${ignoredLabel} here is not judged).` });
      return label;
    });
  };
  const sizes = await mapInParallel(maps, filesAtOnce, (map) => labelMapSize(join(folder, map)));
  return {
    ...index, size, channels: 3,
    decode: (put) => decodeFiles(folder, index.records, size, async (i, pixels) => {
      // Read here too, though it is read again to be written: what is wrong with a map is not told after hours of decoding.
      await labels(i);
      await put(i, pixels);
    }, progress, { sizes }),
    annotations: async () => ({ classes: index.classes!, sizes, ...(leftOut.length === 0 ? {} : { leftOut }), objects: () => null, labels }),
  };
}
