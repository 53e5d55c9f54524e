import type { ImageSet } from '../../src/data/image-set.js';
import { readPreparedSet, writePrepared } from '../../src/data/prepared.js';

/** Writes a set that is in memory, without larger pictures to crop. */
export async function writeImageSet(folder: string, set: ImageSet): Promise<void> {
  const { name, size, channels, records, unreadable, pixels } = set;
  const length = size * size * channels;
  if (pixels.length !== records.length * length) throw new RangeError(`writeImageSet: ${name} has ${pixels.length} bytes of pixels, its index needs ${records.length * length}`);
  await writePrepared(folder, {
    name, size, channels, records,
    async decode(put) {
      for (let i = 0; i < records.length; i++) await put(i, pixels.subarray(i * length, (i + 1) * length));
      return unreadable;
    },
  });
}

/** Reads one into memory, whatever its size. */
export const readImageSet = async (folder: string): Promise<ImageSet> => (await readPreparedSet(folder, Infinity)) as ImageSet;
