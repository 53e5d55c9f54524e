import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import type { ImageRecord } from '../../src/data/image-set.js';
import { decodeFiles } from '../../src/data/sources/decode.js';
import { tiffField } from '../../src/data/sources/tiff.js';
import { DataError } from '../../src/errors.js';

const folder = fileURLToPath(new URL('../fixtures/images/', import.meta.url));
const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Record<string, { readonly tolerance: number; readonly pixels: string }>;
const record = (id: string): ImageRecord => ({ id, label: '', group: null, domain: null, split: null, side: null });
const silent = (): void => undefined;
/** Pixels as a reader finds them, and the progress. */
async function decode(names: readonly string[], size = 8, at = folder, progress: (done: number, total: number) => void = silent) {
  const pixels = new Uint8Array(names.length * size * size * 3);
  const put = async (index: number, picture: Uint8Array): Promise<void> => { pixels.set(picture, index * size * size * 3); };
  return { unreadable: await decodeFiles(at, names.map(record), size, put, progress), pixels };
}

const made: string[] = [];
const temporary = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'maskbench-decode-'));
  made.push(path);
  return path;
};
afterAll(() => made.forEach((path) => rmSync(path, { recursive: true, force: true })));

/** An uncompressed TIFF of inks (separated colours), one row of 8 equal pixels; a further band is an alpha. */
function tiffOfInks([inks]: readonly [readonly number[]], bits: 8 | 16): Buffer {
  const [bands, width] = [inks.length, 8];
  const data = Buffer.alloc(width * bands * (bits / 8));
  for (let i = 0; i < width * bands; i++) {
    if (bits === 8) data.writeUInt8(inks[i % bands]!, i);
    else data.writeUInt16LE(inks[i % bands]! * 257, 2 * i);
  }
  const [dataAt, bitsAt] = [8, 8 + data.length];
  const entries = [
    [256, 3, 1, width], [257, 3, 1, 1], [258, 3, bands, bitsAt], [259, 3, 1, 1], [262, 3, 1, 5], [273, 4, 1, dataAt], [277, 3, 1, bands], [278, 3, 1, 1], [279, 4, 1, data.length], [284, 3, 1, 1],
    ...(bands > 4 ? [[338, 3, 1, 2]] : []),
  ] as const;
  const bitsOf = Buffer.alloc(2 * bands);
  for (let band = 0; band < bands; band++) bitsOf.writeUInt16LE(bits, 2 * band);
  const directory = Buffer.alloc(2 + 12 * entries.length + 4);
  directory.writeUInt16LE(entries.length, 0);
  entries.forEach(([tag, type, count, value], i) => {
    directory.writeUInt16LE(tag, 2 + 12 * i);
    directory.writeUInt16LE(type, 4 + 12 * i);
    directory.writeUInt32LE(count, 6 + 12 * i);
    directory.writeUInt32LE(value, 10 + 12 * i);
  });
  const header = Buffer.from([0x49, 0x49, 42, 0, 0, 0, 0, 0]);
  header.writeUInt32LE(bitsAt + bitsOf.length, 4);
  return Buffer.concat([header, data, bitsOf, directory]);
}

/** A TIFF of one grey pixel, a floating-point number of 32 bits. */
function tiffOfFloats(value: number): Buffer {
  // Width, height, bits, no compression, black is 0, the strip and its size, one band, floating-point.
  const entries = [[256, 1], [257, 1], [258, 32], [259, 1], [262, 1], [273, 8], [277, 1], [278, 1], [279, 4], [339, 3]] as const;
  const file = Buffer.alloc(12 + 2 + 12 * entries.length + 4);
  file.write('II*\0', 'latin1');
  file.writeUInt32LE(12, 4);
  file.writeFloatLE(value, 8);
  file.writeUInt16LE(entries.length, 12);
  entries.forEach(([tag, number], i) => {
    file.writeUInt16LE(tag, 14 + 12 * i);
    file.writeUInt16LE(4, 16 + 12 * i);
    file.writeUInt32LE(1, 18 + 12 * i);
    file.writeUInt32LE(number, 22 + 12 * i);
  });
  return file;
}

/** A TIFF of one pixel of 8-bit YCbCr, (150, 90, 160), without chroma that is left out; in either byte order. */
function tiffOfYcbcr(little: boolean, compression: number): Buffer {
  const file = Buffer.alloc(256);
  const short = (value: number, at: number): void => { if (little) file.writeUInt16LE(value, at); else file.writeUInt16BE(value, at); };
  const long = (value: number, at: number): void => { if (little) file.writeUInt32LE(value, at); else file.writeUInt32BE(value, at); };
  file.write(little ? 'II' : 'MM', 0, 'latin1');
  short(42, 2);
  long(24, 4);
  file.set([150, 90, 160], 8);
  for (let band = 0; band < 3; band++) short(8, 12 + 2 * band);
  const fields = [
    [256, 3, 1, 1], [257, 3, 1, 1], [258, 3, 3, 12], [259, 3, 1, compression], [262, 3, 1, 6], [273, 4, 1, 8], [277, 3, 1, 3], [278, 3, 1, 1], [279, 4, 1, 3], [284, 3, 1, 1], [530, 3, 2, 0],
  ] as const;
  short(fields.length, 24);
  fields.forEach(([tag, type, count, value], i) => {
    const at = 26 + 12 * i;
    short(tag, at);
    short(type, at + 2);
    long(count, at + 4);
    if (type === 3 && count === 1) short(value, at + 8);
    else if (tag === 530) for (const half of [0, 2]) short(1, at + 8 + half);
    else long(value, at + 8);
  });
  return file;
}

describe('decodeFiles', () => {
  it.each(Object.entries(expected))("decodes %s as Pillow does", async (name, { tolerance, pixels }) => {
    const found = await decode([name]);
    expect(found.unreadable).toEqual([]);
    const wanted = Buffer.from(pixels, 'base64');
    const worst = found.pixels.reduce((most, value, i) => Math.max(most, Math.abs(value - wanted[i]!)), 0);
    expect(worst).toBeLessThanOrEqual(tolerance);
  });

  it('reports every file that is cut short, damaged, empty, shorter than its header says or no image, by name, and goes on', async () => {
    const names = readdirSync(folder).filter((name) => name.startsWith('bad-'));
    const all = ['rgb.png', ...names, 'grey.png'];
    let last = 0;
    const { pixels, unreadable } = await decode(all, 8, folder, (done, total) => {
      last = done;
      expect(total).toBe(all.length);
    });
    expect(unreadable.map(({ id }) => id)).toEqual(names);
    expect(names).toHaveLength(8);
    expect(unreadable.every(({ reason }) => reason.length > 5 && !reason.includes('\n'))).toBe(true);
    expect(unreadable.find(({ id }) => id === 'bad-empty.jpg')?.reason).toBe('empty file');
    expect(pixels.slice(192, -192).every((value) => value === 0)).toBe(true);
    expect(Buffer.from(pixels.slice(0, 192)).toString('base64')).toBe(expected['rgb.png']?.pixels);
    expect(Buffer.from(pixels.slice(-192)).toString('base64')).toBe(expected['grey.png']?.pixels);
    expect(last).toBe(all.length);
  });

  it('is not stopped by a pipe, a broken link, a missing file, a folder or a file without permission', async () => {
    const at = temporary();
    writeFileSync(join(at, 'good.png'), readFileSync(join(folder, 'rgb.png')));
    execFileSync('mkfifo', [join(at, 'pipe.jpg')]);
    symlinkSync(join(at, 'nowhere.jpg'), join(at, 'broken.jpg'));
    symlinkSync('/dev/zero', join(at, 'endless.jpg'));
    writeFileSync(join(at, 'secret.jpg'), 'x');
    chmodSync(join(at, 'secret.jpg'), 0);
    const { unreadable } = await decode(['good.png', 'pipe.jpg', 'broken.jpg', 'endless.jpg', 'gone.jpg', '.', 'secret.jpg'], 8, at);
    expect(unreadable.slice(0, 5)).toEqual([
      { id: 'pipe.jpg', reason: 'not a regular file' },
      { id: 'broken.jpg', reason: 'broken link, or removed meanwhile' },
      { id: 'endless.jpg', reason: 'not a regular file' },
      { id: 'gone.jpg', reason: 'broken link, or removed meanwhile' },
      { id: '.', reason: 'not a regular file' },
    ]);
    // The superuser may read it, and then finds no picture in it.
    expect(unreadable[5]?.id).toBe('secret.jpg');
  });

  it('reads inks of 16 bits as their high bytes, and reports those with a further band', async () => {
    const at = temporary();
    const inks = [200, 30, 60, 10] as const;
    writeFileSync(join(at, 'eight.tif'), tiffOfInks([inks], 8));
    writeFileSync(join(at, 'sixteen.tif'), tiffOfInks([inks], 16));
    writeFileSync(join(at, 'five.tif'), tiffOfInks([[...inks, 128]], 8));
    const { pixels, unreadable } = await decode(['eight.tif', 'sixteen.tif', 'five.tif'], 1, at);
    // What black leaves, 245, less the ink's share of it: 245 - round(245 * ink / 255) = 53, 216, 187.
    expect([...pixels]).toEqual([53, 216, 187, 53, 216, 187, 0, 0, 0]);
    expect(unreadable).toEqual([{ id: 'five.tif', reason: 'has 5 bands, which is CMYK and something else, without a colour profile' }]);
  });

  it('reports values whose black and white no format says', async () => {
    const at = temporary();
    // Half as a floating-point number: cut to 8 bits it would be black.
    writeFileSync(join(at, 'float.tif'), tiffOfFloats(0.5));
    writeFileSync(join(at, 'deep.tif'), await sharp(Uint16Array.from({ length: 64 }, () => 128 * 257), { raw: { width: 8, height: 8, channels: 1 } }).toColourspace('grey16').tiff().toBuffer());
    const { pixels, unreadable } = await decode(['float.tif', 'deep.tif'], 1, at);
    expect(unreadable).toEqual([{ id: 'float.tif', reason: 'has values of the type float, and not of 8 or 16 bits without a sign' }]);
    expect([...pixels.subarray(3)]).toEqual([128, 128, 128]);
  });

  it('reports a TIFF of YCbCr that is not JPEG, in both byte orders, and decodes one that is', async () => {
    const at = temporary();
    const names = ['little.tif', 'big.tif', 'jpeg.tif', 'bigtiff.tif', 'rgb.tif'];
    const red = sharp({ create: { width: 16, height: 16, channels: 3, background: '#c83214' } });
    writeFileSync(join(at, 'little.tif'), tiffOfYcbcr(true, 1));
    writeFileSync(join(at, 'big.tif'), tiffOfYcbcr(false, 1));
    for (const bigtiff of [false, true]) writeFileSync(join(at, bigtiff ? 'bigtiff.tif' : 'jpeg.tif'), await red.tiff({ compression: 'jpeg', quality: 80, bigtiff }).toBuffer());
    writeFileSync(join(at, 'rgb.tif'), await red.tiff({ compression: 'lzw' }).toBuffer());
    for (const name of ['jpeg.tif', 'bigtiff.tif']) expect([262, 259].map((tag) => tiffField(readFileSync(join(at, name)), tag))).toEqual([6, 7]);
    const { pixels, unreadable } = await decode(names, 1, at);
    const reason = 'is a TIFF whose colours are YCbCr without JPEG compression';
    expect(unreadable).toEqual([{ id: 'little.tif', reason }, { id: 'big.tif', reason }]);
    for (const found of [2, 3, 4]) [200, 50, 20].forEach((value, c) => { expect(Math.abs(pixels[3 * found + c]! - value)).toBeLessThanOrEqual(2); });
  });

  it('refuses a picture with more pixels than any photograph', async () => {
    const at = temporary();
    // A PNG header alone: 30000 x 30000, which would take 2.7 GB.
    const png = readFileSync(join(folder, 'rgb.png'));
    png.writeUInt32BE(30000, 16);
    png.writeUInt32BE(30000, 20);
    writeFileSync(join(at, 'bomb.png'), png);
    writeFileSync(join(at, 'good.png'), readFileSync(join(folder, 'rgb.png')));
    const { unreadable } = await decode(['good.png', 'bomb.png'], 8, at);
    expect(unreadable.map(({ id }) => id)).toEqual(['bomb.png']);
  });

  it('is a DataError when nothing can be decoded', async () => {
    const error: unknown = await decode(['bad-text.jpg', 'bad-cut.jpg']).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(DataError);
    expect((error as DataError).message).toContain('bad-text.jpg');
  });
});
