import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { DataError } from '../../errors.js';
import { withGreyPalette } from './png-palette.js';
import type { PictureSize } from '../dense.js';

/** A picture of which each pixel's number means something: uint8 [height, width]. */
export interface LabelMap extends PictureSize { readonly values: Uint8Array }

const fix = 'Label maps are PNG files of one number a pixel: grey, or with a palette, of at most 8 bits.';

/** Reads a PNG label map: grey values as they are, of a palette the indices. DataError for what is none. */
export async function readLabelMap(path: string): Promise<LabelMap> {
  const file = await readFile(path).catch((cause: unknown) => {
    throw new DataError('the label map cannot be read', { where: path, fix, cause });
  });
  try {
    const image = sharp(withGreyPalette(file), { failOn: 'warning' });
    const { format, space, depth, isPalette, bitsPerSample, hasAlpha, height, width } = await image.metadata();
    if (format !== 'png') throw new DataError(`is of the format ${format}`, { where: path, fix });
    if (!isPalette && (space !== 'b-w' || depth !== 'uchar' || hasAlpha)) throw new DataError(`has ${hasAlpha ? 'transparency' : 'several colours'} or more than 8 bits a pixel`, { where: path, fix });
    // Grey of fewer bits is spread over 0..255 when it is decoded: back to the file's own numbers.
    const step = isPalette ? 1 : 255 / (2 ** (bitsPerSample ?? 8) - 1);
    const grey = await image.removeAlpha().extractChannel(0).raw({ depth: 'uchar' }).toBuffer();
    return { height, width, values: Uint8Array.from(grey, (value) => Math.round(value / step)) };
  } catch (cause) {
    throw cause instanceof DataError ? cause : new DataError('the label map cannot be decoded', { where: path, fix, cause });
  }
}
