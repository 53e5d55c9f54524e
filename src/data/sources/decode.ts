import { readFile, stat } from 'node:fs/promises';
import { availableParallelism, endianness } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { DataError } from '../../errors.js';
import { centreSquare } from '../augment/crop.js';
import { type Picture, resample } from '../augment/resample.js';
import { placement, type PictureSize } from '../dense.js';
import type { ImageRecord, Unreadable } from '../image-set.js';
import type { PutPixels } from '../source.js';
import { eachInParallel } from './each-in-parallel.js';
import { isPlainYcbcr } from './tiff.js';

/** What is made of the files beside squares of `size`. */
export interface DecodeOptions {
  /** Sizes that the annotations of each record say: the whole picture lies in the upper left corner of its square. */
  readonly sizes?: readonly PictureSize[];
  /** Pixels a side of a second square of each picture, without `sizes`. */
  readonly crops?: number;
}

const littleEndian = endianness() === 'LE';

/** More pixels than any photograph of a data set: a file that claims them is a bomb or broken. */
const mostPixels = 2 ** 27;

/**
 * Decodes image files at `size` x `size`: turned as EXIF says, converted to 8-bit sRGB (grey, 16 bits, palettes; CMYK as
 * Pillow does where it has no profile; transparency over white), largest centred square, antialiased bicubic. The first
 * frame of an animation counts.
 * What cannot be decoded is listed with its reason and not handed to `put`; a warning of the decoder (damaged data, cut
 * short) counts as unreadable, since what it leaves is not the picture. (Formats without a checksum, JPEG above all, can
 * hold damage that no decoder sees.) Paths are `folder/<record.id>`. In memory are only the files that are at work.
 * Where `sizes` are given the whole picture lies in the upper left corner instead (`placement`). Then one of another size is a
 * DataError, for it is not the picture that its annotations are of, and so is one to validate or test on that cannot be decoded:
 * objects would be missing from what is measured, and no number would show it.
 * DataError where not one file can be decoded.
 */
export async function decodeFiles(
  folder: string,
  records: readonly ImageRecord[],
  size: number,
  put: PutPixels,
  progress: (done: number, total: number) => void,
  { sizes, crops }: DecodeOptions = {},
): Promise<readonly Unreadable[]> {
  const failed = new Map<number, string>();
  let done = 0;
  await eachInParallel(records.length, 2 * availableParallelism(), async (i) => {
    const square = { size, pixels: new Uint8Array(size * size * 3) };
    const larger = crops === undefined ? undefined : { size: crops, pixels: new Uint8Array(crops * crops * 3) };
    const { id, split } = records[i]!;
    const found = await decodeInto(join(folder, id), larger === undefined ? [square] : [square, larger], sizes?.[i]);
    if (found === null) await put(i, square.pixels, larger?.pixels);
    else if (found.otherSize || (sizes !== undefined && (split === 'test' || split === 'val'))) {
      throw new DataError(`the ${split === 'train' ? 'training' : split === 'test' ? 'test' : 'validation'} picture ${id} does not stand for its annotations: ${found.reason}`, { where: folder, fix: 'Mend it, or take it and its annotations out of the data.', data: { id } });
    } else failed.set(i, found.reason);
    progress(++done, records.length);
  });
  const unreadable = [...failed].sort(([a], [b]) => a - b).map(([i, reason]) => ({ id: records[i]!.id, reason }));
  const first = unreadable[0];
  if (first !== undefined && unreadable.length === records.length) {
    throw new DataError(`none of the ${records.length} files is an image that can be decoded; ${first.id}: ${first.reason}`, {
      where: folder,
      fix: 'Check that the path names the data set itself.',
      data: { unreadable },
    });
  }
  return unreadable;
}

/** A picture as a set holds it: uint8 [size, size, 3]. */
interface Square { readonly size: number; readonly pixels: Uint8Array }

interface NotDecoded { readonly reason: string; /** It is a picture, and not the one that is expected. */ readonly otherSize: boolean }
const not = (reason: string, otherSize = false): NotDecoded => ({ reason, otherSize });

/** Why the file cannot be decoded; null where it was, into all of the squares. */
async function decodeInto(path: string, squares: readonly Square[], expected: PictureSize | undefined): Promise<NotDecoded | null> {
  try {
    // Opening a pipe or a device could block for ever, so the type is asked first.
    const info = await stat(path);
    if (!info.isFile()) return not('not a regular file');
    if (info.size === 0) return not('empty file');
    const file = await readFile(path);
    const stored = sharp(file, { failOn: 'warning', limitInputPixels: mostPixels });
    // Boxes and masks are of the pixels as they are stored, as torchvision's readers have them.
    const image = expected === undefined ? stored.autoOrient() : stored;
    const { format, space, icc, channels, depth, orientation = 1 } = await image.metadata();
    // The decoder would take them for RGB.
    if (format === 'tiff' && isPlainYcbcr(file)) return not('is a TIFF whose colours are YCbCr without JPEG compression');
    // Inks without a profile: what RGB they are is open, and Pillow's answer is what other pipelines train on.
    const inks = space === 'cmyk' && icc === undefined;
    if (inks && channels !== 4) return not(`has ${channels} bands, which is CMYK and something else, without a colour profile`);
    // What is black and white in values of another type no format says, but for CIELAB, whose 16 bits have a sign.
    if (depth !== 'uchar' && depth !== 'ushort' && space !== 'labs') return not(`has values of the type ${depth}, and not of 8 or 16 bits without a sign`);
    // Sharp scales to 8 bits where it converts colours, and cuts off where it does not.
    const deep = inks && depth === 'ushort';
    const coloured = inks ? image.pipelineColourspace('cmyk').toColourspace('cmyk') : image.flatten({ background: '#ffffff' }).toColourspace('srgb');
    const { data, info: raw } = await coloured.raw({ depth: deep ? 'ushort' : 'uchar' }).toBuffer({ resolveWithObject: true });
    const rgb = inks ? rgbOfInks(deep ? highBytes(data) : data) : threeChannels(data, raw.channels);
    const picture = { pixels: rgb, offset: 0, width: raw.width, height: raw.height, channels: 3 } as const;
    if (expected === undefined) {
      for (const { size, pixels } of squares) resample(picture, centreSquare(raw.width, raw.height), size, 'bicubic', 'edge', pixels, 0);
      return null;
    }
    if (raw.height !== expected.height || raw.width !== expected.width) {
      const turned = orientation > 4 && raw.height === expected.width && raw.width === expected.height;
      return not(`is ${raw.height} x ${raw.width} pixels (height x width), its annotations say ${expected.height} x ${expected.width}${turned ? ': its EXIF says that it is to be turned, and annotated pictures are taken as they are stored' : ''}`, true);
    }
    for (const { size, pixels } of squares) putAtCorner(picture, placement(expected, size), size, pixels);
    return null;
  } catch (error) {
    return not(reasonOf(error));
  }
}

/** The whole picture in the rows and columns of the square that its annotations are mapped to. `target`: black, and stays so beyond them. */
function putAtCorner(picture: Picture, placed: PictureSize, size: number, target: Uint8Array): void {
  const row = placed.width * 3;
  const pixels = new Uint8Array(placed.height * row);
  resample(picture, { left: 0, top: 0, width: picture.width, height: picture.height }, placed, 'bicubic', 'edge', pixels, 0);
  for (let y = 0; y < placed.height; y++) target.set(pixels.subarray(y * row, (y + 1) * row), y * size * 3);
}

/** Of values of 16 bits, in this machine's order. */
function highBytes(data: Uint8Array): Uint8Array {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return Uint8Array.from({ length: data.length / 2 }, (_, i) => view.getUint16(2 * i, littleEndian) >> 8);
}

/** Cyan, magenta, yellow and black as Pillow turns them into RGB: what black leaves, less the ink's share of it. */
function rgbOfInks(inks: Uint8Array): Uint8Array {
  const rgb = new Uint8Array((inks.length / 4) * 3);
  for (let from = 0, to = 0; from < inks.length; from += 4) {
    const left = 255 - inks[from + 3]!;
    for (let c = 0; c < 3; c++) {
      const share = inks[from + c]! * left + 128;
      rgb[to++] = left - ((share + (share >> 8)) >> 8);
    }
  }
  return rgb;
}

function threeChannels(data: Uint8Array, channels: number): Uint8Array {
  if (channels === 3) return data;
  const count = data.length / channels;
  const rgb = new Uint8Array(count * 3);
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < 3; c++) rgb[3 * i + c] = data[i * channels + (channels < 3 ? 0 : c)]!;
  }
  return rgb;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return 'broken link, or removed meanwhile';
  if (code === 'EACCES' || code === 'EPERM') return 'no permission to read it';
  return error.message.split('\n')[0]!.trim();
}
