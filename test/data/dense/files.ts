import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import sharp from 'sharp';
import type { Json } from '../../../src/files.js';

export const writeText = (path: string, text: string): void => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
};
export const writeJson = (path: string, value: Json): void => writeText(path, JSON.stringify(value));

/** A PNG of one colour, [height, width]. */
export async function writePicture(path: string, height: number, width: number, colour = '#336699'): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  await sharp({ create: { width, height, channels: 3, background: colour } }).png().toFile(path);
}

/** An 8-bit grey PNG of these values. */
export async function writeMap(path: string, rows: readonly (readonly number[])[]): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  await sharp(Uint8Array.from(rows.flat()), { raw: { width: rows[0]!.length, height: rows.length, channels: 1 } }).toColourspace('b-w').png().toFile(path);
}

/** A VOC annotation; boxes are [name, xmin, ymin, xmax, ymax], what follows goes into the object as it is. */
export const vocText = (height: number, width: number, boxes: readonly (readonly [string, number, number, number, number, string?])[]): string =>
  `<?xml version="1.0"?>\n<annotation><size><width>${width}</width><height>${height}</height><depth>3</depth></size>${boxes
    .map(([name, left, top, right, bottom, more = '']) => `<object><name>${name}</name>${more}<bndbox><xmin>${left}</xmin><ymin>${top}</ymin><xmax>${right}</xmax><ymax>${bottom}</ymax></bndbox></object>`)
    .join('')}</annotation>\n`;
