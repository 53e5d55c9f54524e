import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync, inflateSync } from 'node:zlib';
import sharp from 'sharp';
import { beforeEach, describe, expect, it } from 'vitest';
import { readLabelMap } from '../../../src/data/sources/label-map.js';
import { DataError } from '../../../src/errors.js';
import { temporaryFolder } from '../../temporary-folder.js';
import { chunk, gammaChunk, png, profileChunk } from './png.js';

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
});
const read = async (file: Buffer) => {
  writeFileSync(join(folder, 'map.png'), file);
  return readLabelMap(join(folder, 'map.png'));
};
const beforePixels = (file: Buffer, more: Buffer): Buffer => {
  const at = file.indexOf('IDAT') - 4;
  return Buffer.concat([file.subarray(0, at), more, file.subarray(at)]);
};
const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);

describe('a label map', () => {
  // Entries 1 and 2 have one colour: the indices count, not what is seen.
  const palette = [0, 0, 0, 128, 0, 0, 128, 0, 0, 7, 200, 9];

  it.each<readonly [string, Buffer]>([
    ['8-bit grey', png(3, 8, null, [[0, 1, 2], [3, 3, 0]])],
    ['2-bit grey', png(3, 2, null, [[0b00011000], [0b11110000]])],
    ['an 8-bit palette', png(3, 8, palette, [[0, 1, 2], [3, 3, 0]])],
    ['a 2-bit palette', png(3, 2, palette, [[0b00011000], [0b11110000]])],
    ['a palette with transparent colours', beforePixels(png(3, 8, palette, [[0, 1, 2], [3, 3, 0]]), chunk('tRNS', Buffer.of(0, 3, 255)))],
    ['a palette of fewer colours', png(3, 8, palette.slice(0, 6), [[0, 1, 2], [3, 3, 0]])],
  ])('of %s gives the numbers of the file', async (_, file) => {
    const { height, width, values } = await read(file);
    expect([height, width, ...values]).toEqual([2, 3, 0, 1, 2, 3, 3, 0]);
  });

  it('of 8 bits has all 256 numbers', async () => {
    const row = upTo(256);
    expect([...(await read(png(256, 8, null, [row]))).values]).toEqual(row);
    expect([...(await read(png(256, 8, row.flatMap((i) => [255 - i, i >> 1, 3]), [row]))).values]).toEqual(row);
  });

  it.each<readonly [string, readonly Buffer[], readonly Buffer[]]>([
    ['a colour profile', [profileChunk('GRAY', 2.2)], [profileChunk('RGB ', 1)]],
    ['a gamma', [gammaChunk(1)], [gammaChunk(1)]],
    ['the mark of sRGB', [chunk('sRGB', Buffer.of(0))], [chunk('sRGB', Buffer.of(0))]],
  ])('has the same numbers with %s', async (_, grey, colours) => {
    const row = upTo(256);
    expect([...(await read(png(256, 8, null, [row], grey))).values]).toEqual(row);
    expect([...(await read(png(16, 4, null, [upTo(8).map((i) => 34 * i + 1)], grey))).values]).toEqual(upTo(16));
    expect([...(await read(png(256, 8, row.flatMap((i) => [i, i, i]), [row], colours))).values]).toEqual(row);
    expect([...(await read(png(256, 8, row.flatMap((i) => [255 - i, i >> 1, 3]), [row], colours))).values]).toEqual(row);
  });

  it('is not what is seen by those profiles, which are heeded where colours are asked for', async () => {
    const seen = async (file: Buffer): Promise<readonly number[]> => [...(await sharp(file).extractChannel(0).raw({ depth: 'uchar' }).toBuffer())];
    expect(await seen(png(16, 8, null, [upTo(16)], [profileChunk('GRAY', 2.2)]))).not.toEqual(upTo(16));
    expect(await seen(png(16, 8, upTo(16).flatMap((i) => [i, i, i]), [upTo(16)], [profileChunk('RGB ', 1)]))).not.toEqual(upTo(16));
  });

  it.each([[1, 1], [2, 3], [3, 5], [5, 4], [9, 17], [64, 61]])('of %i x %i pixels is read with every filter, interlaced or not', async (height, width) => {
    const values = withAllFilters(height, width);
    const image = sharp(values, { raw: { height, width, channels: 1 } }).toColourspace('b-w');
    for (const progressive of [false, true]) {
      const file = await image.png({ adaptiveFiltering: true, progressive }).toBuffer();
      expect(await read(file)).toEqual({ height, width, values });
      if (height === 64 && !progressive) expect(filtersOf(file, width)).toEqual([0, 1, 2, 3, 4]);
    }
  });

  it.each([2, 4, 16, 200])('of a palette of %i colours has the indices of the colours that are seen', async (colours) => {
    const [height, width] = [13, 22];
    const values = Uint8Array.from({ length: 3 * height * width }, (_, at) => (at * 29) % 251);
    for (const progressive of [false, true]) {
      const file = await sharp(values, { raw: { height, width, channels: 3 } }).png({ palette: true, colours, dither: 0, progressive }).toBuffer();
      expect([file[24], file[25], file[28]]).toEqual([{ 2: 1, 4: 2, 16: 4 }[colours] ?? 8, 3, Number(progressive)]);
      const entries = file.subarray(file.indexOf('PLTE') + 4);
      const shown = [...(await read(file)).values].flatMap((index) => [...entries.subarray(3 * index, 3 * index + 3)]);
      expect(shown).toEqual([...(await sharp(file).raw().toBuffer())]);
    }
  });

  const damaged = (file: Buffer, at: number): Buffer => Buffer.concat([file.subarray(0, at), Buffer.of(file[at]! ^ 1), file.subarray(at + 1)]);
  const whole = png(3, 8, null, [[0, 1, 2], [3, 3, 0]]);
  it.each<readonly [string, () => Promise<Buffer> | Buffer, RegExp]>([
    ['several colours', () => sharp({ create: { width: 2, height: 2, channels: 3, background: '#123' } }).png().toBuffer(), /several colours/],
    ['transparency', () => sharp({ create: { width: 2, height: 2, channels: 4, background: '#1238' } }).png().toBuffer(), /transparency/],
    ['a grey that is transparent', () => png(3, 8, null, [[0, 1, 2]], [chunk('tRNS', Buffer.of(0, 2))]), /transparency/],
    ['16 bits', () => png(1, 16, null, [[1, 2]]), /more than 8 bits/],
    ['another format', () => sharp({ create: { width: 2, height: 2, channels: 3, background: '#111' } }).jpeg().toBuffer(), /format jpeg/],
    ['a cut file', () => png(3, 8, null, [[0, 1, 2]]).subarray(0, 50), /cannot be decoded/],
    ['a file cut in its head', () => whole.subarray(0, 20), /cannot be decoded/],
    ['no byte', () => Buffer.alloc(0), /cannot be decoded/],
    ['a text', () => Buffer.from('none'), /cannot be decoded/],
    ['a damaged head', () => damaged(whole, 19), /cannot be decoded/],
    ['a damaged pixel', () => damaged(whole, whole.length - 22), /cannot be decoded/],
    ['a row too few', () => Buffer.concat([whole.subarray(0, 33), chunk('IDAT', deflateSync(Buffer.of(0, 0, 1, 2))), chunk('IEND', Buffer.alloc(0))]), /cannot be decoded/],
    ['an unknown filter', () => png(3, 8, null, [[0, 1, 2]], [], 7), /cannot be decoded/],
    ['no column', () => png(0, 8, null, [[]]), /cannot be decoded/],
    ['3 bits', () => png(1, 3, null, [[0]]), /cannot be decoded/],
    ['more pixels than a picture has', () => png(2 ** 20, 8, null, Array.from({ length: 300 }, () => [])), /cannot be decoded/],
  ])('is refused with %s', async (_, file, message) => {
    const error: unknown = await Promise.resolve(file()).then(read).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(DataError);
    expect((error as DataError).message).toMatch(message);
    expect((error as DataError).where).toBe(join(folder, 'map.png'));
  });

  it('is refused where there is none', async () => {
    await expect(readLabelMap(join(folder, 'none.png'))).rejects.toMatchObject({ message: 'the label map cannot be read', where: join(folder, 'none.png') });
  });
});

/** Rows that are each nearly foretold by one of PNG's five filters in turn, so that an encoder has a use for all of them. */
function withAllFilters(height: number, width: number): Uint8Array {
  const values = new Uint8Array(height * width);
  for (let at = 0; at < values.length; at++) {
    const [x, y] = [at % width, Math.floor(at / width)];
    const left = x === 0 ? 0 : values[at - 1]!;
    const up = y === 0 ? 0 : values[at - width]!;
    const foretold = [(at * at) % 2, left + 90, up + 60, (left + up) >> 1, x === 0 || y === 0 ? 7 : left + up - values[at - width - 1]!];
    values[at] = foretold[y % 5]! + ((at * 7) % 3);
  }
  return values;
}

/** Filters of the rows of an 8-bit grey PNG with one IDAT. */
function filtersOf(file: Buffer, width: number): readonly number[] {
  const at = file.indexOf('IDAT');
  const rows = inflateSync(file.subarray(at + 4, at + 4 + file.readUInt32BE(at - 4)));
  return [...new Set(rows.filter((_, i) => i % (width + 1) === 0))].sort();
}
