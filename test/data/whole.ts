import type { ImageSet } from '../../src/data/image-set.js';
import type { Preparation } from '../../src/data/source.js';

/** A prepared set in memory, for tests that look at pixels, without the larger pictures that crops are cut from. */
export async function whole(preparation: Promise<Preparation>): Promise<ImageSet> {
  const { decode, crops, ...rest } = await preparation;
  const length = rest.size * rest.size * rest.channels;
  const pixels = new Uint8Array(rest.records.length * length);
  const unreadable = await decode((index, picture, larger) => {
    if (picture.length !== length) throw new Error(`picture ${index} has ${picture.length} bytes, not ${length}`);
    if (larger?.length !== (crops === undefined ? undefined : crops * crops * rest.channels)) throw new Error(`picture ${index} has ${larger?.length} bytes to crop from`);
    pixels.set(picture, index * length);
    return Promise.resolve();
  });
  return { ...rest, pixels, unreadable };
}
