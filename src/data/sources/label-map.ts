import { readFile } from 'node:fs/promises';
import sharp, { type Sharp } from 'sharp';
import { DataError } from '../../errors.js';
import { withGreyPalette } from './png-palette.js';
import type { PictureSize } from '../dense.js';

/** A picture of which each pixel's number means something: uint8 [height, width]. */
export interface LabelMap extends PictureSize { readonly values: Uint8Array }

const fix = 'Label maps are PNG files of one number a pixel: grey, or with a palette, of at most 8 bits.';

/** Reads a PNG label map: grey values as they are, of a palette the indices, whatever colours a profile makes of them. DataError for what is none. */
export const readLabelMap = (path: string): Promise<LabelMap> => withFile(path, async (file) => {
  const image = sharp(withGreyPalette(file), { failOn: 'warning', ignoreIcc: true });
  const { isPalette, bits, height, width } = await headOf(image, path);
  // Grey of fewer bits is spread over 0..255 when it is decoded: back to the file's own numbers.
  const step = isPalette ? 1 : 255 / (2 ** bits - 1);
  const grey = await image.removeAlpha().extractChannel(0).raw({ depth: 'uchar' }).toBuffer();
  return { height, width, values: Uint8Array.from(grey, (value) => Math.round(value / step)) };
});

/** Size of a label map, of which only the head is decoded. DataError for what the head tells to be none. */
export const labelMapSize = (path: string): Promise<PictureSize> => withFile(path, async (file) => {
  const { height, width } = await headOf(sharp(file, { failOn: 'warning' }), path);
  return { height, width };
});

async function headOf(image: Sharp, path: string): Promise<PictureSize & { readonly isPalette: boolean; readonly bits: number }> {
  const { format, space, depth, isPalette, bitsPerSample, hasAlpha, height, width } = await image.metadata();
  if (format !== 'png') throw new DataError(`is of the format ${format}`, { where: path, fix });
  if (!isPalette && (space !== 'b-w' || depth !== 'uchar' || hasAlpha)) throw new DataError(`has ${hasAlpha ? 'transparency' : 'several colours'} or more than 8 bits a pixel`, { where: path, fix });
  return { height, width, isPalette, bits: bitsPerSample ?? 8 };
}

async function withFile<T>(path: string, use: (file: Buffer) => Promise<T>): Promise<T> {
  const file = await readFile(path).catch((cause: unknown) => {
    throw new DataError('the label map cannot be read', { where: path, fix, cause });
  });
  try {
    return await use(file);
  } catch (cause) {
    throw cause instanceof DataError ? cause : new DataError('the label map cannot be decoded', { where: path, fix, cause });
  }
}
