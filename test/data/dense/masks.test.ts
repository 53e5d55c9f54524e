import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { readLabelMap } from '../../../src/data/sources/label-map.js';
import { masksSource } from '../../../src/data/sources/masks.js';
import { oxfordPetsTrimapsSource } from '../../../src/data/sources/oxford-pets-trimaps.js';
import { DataError } from '../../../src/errors.js';
import { temporaryFolder } from '../../temporary-folder.js';
import { whole } from '../whole.js';
import { writeMap, writePicture, writeText } from './files.js';

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
  vi.stubEnv('MASKBENCH_CACHE', join(folder, '.cache'));
});

/** A PNG by hand: `bits` a pixel, colour type 0 (grey) or 3 (palette), rows of packed bytes. */
function png(width: number, bits: number, palette: readonly number[] | null, rows: readonly (readonly number[])[]): Buffer {
  const table = Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let k = 0; k < 8; k++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    return value >>> 0;
  });
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length, 0);
    frame.writeUInt32BE((body.reduce((sum, byte) => (table[(sum ^ byte) & 255]! ^ (sum >>> 8)) >>> 0, 0xffffffff) ^ 0xffffffff) >>> 0, 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(rows.length, 4);
  head.set([bits, palette === null ? 0 : 3, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), chunk('IHDR', head), ...(palette === null ? [] : [chunk('PLTE', Buffer.from(palette))]),
    chunk('IDAT', deflateSync(Buffer.from(rows.flatMap((row) => [0, ...row])))), chunk('IEND', Buffer.alloc(0)),
  ]);
}

describe('a label map', () => {
  const read = async (file: Buffer) => {
    writeFileSync(join(folder, 'map.png'), file);
    return readLabelMap(join(folder, 'map.png'));
  };
  // Entries 1 and 2 have one colour: the indices count, not what is seen.
  const palette = [0, 0, 0, 128, 0, 0, 128, 0, 0, 7, 200, 9];

  it.each<readonly [string, Buffer]>([
    ['8-bit grey', png(3, 8, null, [[0, 1, 2], [3, 3, 0]])],
    ['2-bit grey', png(3, 2, null, [[0b00011000], [0b11110000]])],
    ['an 8-bit palette', png(3, 8, palette, [[0, 1, 2], [3, 3, 0]])],
    ['a 2-bit palette', png(3, 2, palette, [[0b00011000], [0b11110000]])],
  ])('of %s gives the numbers of the file', async (_, file) => {
    const { height, width, values } = await read(file);
    expect([height, width, ...values]).toEqual([2, 3, 0, 1, 2, 3, 3, 0]);
  });

  it('of 8 bits has all 256 numbers', async () => {
    const row = Array.from({ length: 256 }, (_, i) => i);
    expect([...(await read(png(256, 8, null, [row]))).values]).toEqual(row);
    expect([...(await read(png(256, 8, row.flatMap((i) => [255 - i, i >> 1, 3]), [row]))).values]).toEqual(row);
  });

  it.each<readonly [string, () => Promise<Buffer>, RegExp]>([
    ['several colours', () => sharp({ create: { width: 2, height: 2, channels: 3, background: '#123' } }).png().toBuffer(), /several colours/],
    ['transparency', () => sharp({ create: { width: 2, height: 2, channels: 4, background: '#1238' } }).png().toBuffer(), /transparency/],
    ['16 bits', () => Promise.resolve(png(1, 16, null, [[1, 2]])), /more than 8 bits/],
    ['another format', () => sharp({ create: { width: 2, height: 2, channels: 3, background: '#111' } }).jpeg().toBuffer(), /format jpeg/],
    ['a cut file', () => Promise.resolve(png(3, 8, null, [[0, 1, 2]]).subarray(0, 50)), /cannot be decoded/],
  ])('is refused with %s', async (_, file, message) => {
    const error: unknown = await file().then(read).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(DataError);
    expect((error as DataError).message).toMatch(message);
    expect((error as DataError).where).toBe(join(folder, 'map.png'));
  });
});

describe('the source masks', () => {
  const options = (more = {}) => ({
    path: folder, size: 32, classes: 'classes.txt', ignore: [9], train_images: 'train', train_masks: 'trainannot', val_images: null, val_masks: null, test_images: 'test', test_masks: 'testannot', ...more,
  });
  beforeEach(async () => {
    writeText(join(folder, 'classes.txt'), '2 sky\n5\tgrass land\tstuff\n9 unlabelled\n');
    for (const [split, names] of [['train', ['a', 'b', 'c']], ['test', ['a']]] as const) {
      for (const name of names) {
        await writePicture(join(folder, split, `${name}.jpg`), 2, 3);
        await writeMap(join(folder, `${split}annot`, `${name}.png`), [[2, 5, 9], [5, 5, 2]]);
      }
    }
  });

  it('maps the values of the files to classes', async () => {
    await writePicture(join(folder, 'train/unlabelled.jpg'), 2, 3);
    const preparation = await masksSource.prepare(options(), 8, () => undefined);
    const { classes, sizes, labels, objects } = await preparation.annotations!();
    expect(classes).toEqual(['sky', 'grass land']);
    expect(preparation.records.map(({ id, split }) => `${split ?? ''} ${id}`)).toEqual(['train train/a.jpg', 'train train/b.jpg', 'train train/c.jpg', 'test test/a.jpg']);
    expect([sizes[3], [...labels(3)!], objects(3)]).toEqual([{ height: 2, width: 3 }, [0, 1, 255, 1, 1, 0], null]);
  });

  it('takes no description for a picture of its name, and 255 for a pixel that does not count whatever else does not', async () => {
    writeText(join(folder, 'train/a.txt'), 'a picture');
    await writeMap(join(folder, 'trainannot/a.png'), [[2, 255, 9], [5, 5, 2]]);
    const preparation = await masksSource.prepare(options(), 8, () => undefined);
    expect(preparation.records[0]!.id).toBe('train/a.jpg');
    expect([...(await preparation.annotations!()).labels(0)!]).toEqual([0, 255, 255, 1, 1, 0]);
  });

  it('reports a picture of another size than its mask', async () => {
    await writeMap(join(folder, 'trainannot/b.png'), [[2, 5]]);
    expect((await whole(masksSource.prepare(options(), 8, () => undefined))).unreadable).toEqual([{ id: 'train/b.jpg', reason: 'is 2 x 3 pixels (height x width), its annotations say 1 x 2' }]);
  });

  it('refuses a value that is no class, a mask without a picture, a folder that is missing and a wrong list of classes', async () => {
    const failure = async (action: () => Promise<unknown>): Promise<DataError> => {
      const error: unknown = await action().catch((e: unknown) => e);
      expect(error).toBeInstanceOf(DataError);
      return error as DataError;
    };
    await writeMap(join(folder, 'testannot/a.png'), [[2, 5, 5], [5, 4, 2]]);
    expect(await failure(() => masksSource.prepare(options(), 8, () => undefined))).toMatchObject({ message: 'has the value 4 at row 1, column 1, which is no class', where: join(folder, 'testannot/a.png') });
    await writeMap(join(folder, 'trainannot/z.png'), [[2]]);
    expect(await failure(() => masksSource.index(options()))).toMatchObject({ message: 'there is no picture of this name in train', where: join(folder, 'trainannot/z.png') });
    rmSync(join(folder, 'trainannot/z.png'));
    expect(await failure(() => masksSource.index(options({ test_masks: 'none' })))).toMatchObject({ where: join(folder, 'none') });
    expect(await failure(() => masksSource.index(options({ val_images: 'train' })))).toMatchObject({ message: 'of val_images and val_masks one is null' });
    mkdirSync(join(folder, 'empty'));
    expect(await failure(() => masksSource.index(options({ test_masks: 'empty' })))).toMatchObject({ message: 'holds no file' });
    expect(await failure(() => masksSource.index(options({ test_images: 'train', test_masks: 'trainannot' })))).toMatchObject({ message: 'the picture train/a.jpg is in train and in test' });
    expect(await failure(() => masksSource.index(options({ val_images: './test', val_masks: 'testannot' })))).toMatchObject({ message: 'the picture test/a.jpg is in val and in test' });
    await writePicture(join(folder, 'train/a.png'), 2, 3);
    expect(await failure(() => masksSource.index(options()))).toMatchObject({ message: 'train/a.jpg and train/a.png have one name' });
    rmSync(join(folder, 'train/a.png'));
    writeText(join(folder, 'classes.txt'), '2 sky\n2 sea\n');
    expect(await failure(() => masksSource.index(options()))).toMatchObject({ message: 'has the value 2 a second time', where: `${join(folder, 'classes.txt')}:2` });
    writeText(join(folder, 'classes.txt'), 'sky\n');
    expect(await failure(() => masksSource.index(options()))).toMatchObject({ message: 'is no class: sky' });
  });
});

describe('oxford_pets_trimaps', () => {
  it('makes pet and background of trimaps, without the border', async () => {
    writeText(join(folder, 'annotations/trainval.txt'), 'Bengal_1 1 1 1\nBengal_2 1 1 1\nBengal_3 1 1 1\n');
    writeText(join(folder, 'annotations/test.txt'), 'Bengal_4 1 1 1\n');
    for (const n of [1, 2, 3, 4]) {
      await writePicture(join(folder, `images/Bengal_${n}.jpg`), 2, 2);
      await writeMap(join(folder, `annotations/trimaps/Bengal_${n}.png`), [[1, 2], [3, 1]]);
    }
    const options = { path: folder, size: 32 };
    const { classes, labels } = await (await oxfordPetsTrimapsSource.prepare(options, 8, () => undefined)).annotations!();
    expect([classes, [...labels(0)!]]).toEqual([['background', 'pet'], [1, 0, 255, 1]]);
    const index = await oxfordPetsTrimapsSource.index(options);
    expect(oxfordPetsTrimapsSource.task(index, options, 'trimaps', 0)).toMatchObject({ kind: 'segmentation', classes, side: 'B', test: { indices: [3] } });
    await writeMap(join(folder, 'annotations/trimaps/Bengal_2.png'), [[1, 0], [3, 1]]);
    await expect(oxfordPetsTrimapsSource.prepare(options, 8, () => undefined)).rejects.toThrow(/has the value 0 at row 0, column 1/);
  });
});
