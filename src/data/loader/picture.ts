import { closeSync, openSync, readSync } from 'node:fs';
import type { ImageSet, PreparedSet, StreamedSet } from '../image-set.js';
import { broken } from '../broken.js';

interface Reader {
  readonly of: StreamedSet;
  readonly descriptor: number;
  /** A set of one picture: the one that was read last. */
  readonly one: ImageSet;
}

// A training reads from one set, so one open file is enough.
let reader: Reader | null = null;

function readerOf(set: StreamedSet): Reader {
  if (reader?.of.pixelsFile === set.pixelsFile) return reader;
  if (reader !== null) closeSync(reader.descriptor);
  reader = null;
  const { name, size, channels, pixelsFile } = set;
  try {
    const pixels = new Uint8Array(size * size * channels);
    reader = { of: set, descriptor: openSync(pixelsFile, 'r'), one: { name, size, channels, records: [], unreadable: [], pixels } };
    return reader;
  } catch (cause) {
    throw broken(pixelsFile, 'cannot be opened', cause);
  }
}

/** What random crops of a set's pictures are cut from. */
export const cropsOf = (set: PreparedSet): PreparedSet => set.crops ?? set;

/**
 * Where a record's pixels are in memory: a set, and an index into it. A streamed set's picture is read from its file (the
 * system's page cache keeps what fits) into memory that the next call uses again. StoreError where the file is broken.
 */
export function pictureOf(set: PreparedSet, index: number): { readonly set: ImageSet; readonly index: number } {
  if ('pixels' in set) return { set, index };
  const { descriptor, one } = readerOf(set);
  const { length } = one.pixels;
  let done = 0;
  while (done < length) {
    const read = readSync(descriptor, one.pixels, done, length - done, index * length + done);
    if (read === 0) throw broken(set.pixelsFile, `ends before picture ${index}`);
    done += read;
  }
  return { set: one, index: 0 };
}
