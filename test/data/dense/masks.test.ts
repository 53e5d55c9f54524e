import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { writePrepared } from '../../../src/data/prepared.js';
import { masksSource } from '../../../src/data/sources/masks.js';
import { oxfordPetsTrimapsSource } from '../../../src/data/sources/oxford-pets-trimaps.js';
import { DataError } from '../../../src/errors.js';
import { sha256 } from '../../../src/files.js';
import { temporaryFolder } from '../../temporary-folder.js';
import { whole } from '../whole.js';
import { writeMap, writePicture, writeText } from './files.js';
import { png } from './png.js';

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
  vi.stubEnv('MASKBENCH_CACHE', join(folder, '.cache'));
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
    await writePicture(join(folder, 'test/unlabelled.jpg'), 2, 3);
    const preparation = await masksSource.prepare(options(), 8, () => undefined);
    const { classes, sizes, labels, objects, leftOut } = await preparation.annotations!();
    expect(leftOut).toEqual(['train/unlabelled.jpg: no label map', 'test/unlabelled.jpg: no label map']);
    expect(classes).toEqual(['sky', 'grass land']);
    expect(preparation.records.map(({ id, split }) => `${split ?? ''} ${id}`)).toEqual(['train train/a.jpg', 'train train/b.jpg', 'train train/c.jpg', 'test test/a.jpg']);
    expect([sizes[3], [...(await labels(3))!], objects(3)]).toEqual([{ height: 2, width: 3 }, [0, 1, 255, 1, 1, 0], null]);
  });

  it('reads a list of classes with a byte order mark and with spaces around its lines', async () => {
    writeText(join(folder, 'classes.txt'), `\uFEFF  2 sky \n5\tgrass land \tstuff\n \t\n9 unlabelled\n`);
    expect((await masksSource.index(options())).classes).toEqual(['sky', 'grass land']);
    // Left to the pattern, so many spaces take longer than a test may.
    writeText(join(folder, 'classes.txt'), `2${' '.repeat(160_000)}\n`);
    await expect(masksSource.index(options())).rejects.toMatchObject({ message: 'is no class: 2', where: `${join(folder, 'classes.txt')}:1` });
  });

  it('takes no description for a picture of its name, and 255 for a pixel that does not count whatever else does not', async () => {
    writeText(join(folder, 'train/a.txt'), 'a picture');
    await writeMap(join(folder, 'trainannot/a.png'), [[2, 255, 9], [5, 5, 2]]);
    const preparation = await masksSource.prepare(options(), 8, () => undefined);
    expect(preparation.records[0]!.id).toBe('train/a.jpg');
    expect([...(await (await preparation.annotations!()).labels(0))!]).toEqual([0, 255, 255, 1, 1, 0]);
  });

  it('refuses a picture of another size than its mask', async () => {
    await writeMap(join(folder, 'trainannot/b.png'), [[2, 5]]);
    await expect(whole(masksSource.prepare(options(), 8, () => undefined))).rejects.toThrow('the training picture train/b.jpg does not stand for its annotations: is 2 x 3 pixels (height x width), its annotations say 1 x 2');
  });

  it('is written byte for byte as it always was', async () => {
    await writePrepared(join(folder, '.prepared'), await masksSource.prepare(options(), 8, () => undefined));
    const written = (file: string): Buffer => readFileSync(join(folder, '.prepared', file));
    expect([...written('labels.bin')]).toEqual([0, 1, 255, 1, 1, 0, 0, 1, 255, 1, 1, 0, 0, 1, 255, 1, 1, 0, 0, 1, 255, 1, 1, 0]);
    const record = '{"height":2,"width":3,"objects":null}';
    expect(written('annotations.jsonl').toString()).toBe([`{"schema":2,"classes":["sky","grass land"],"labels":"${sha256(written('labels.bin'))}"}`, record, record, record, record, ''].join('\n'));
  });

  it('reads the heads of the maps alone until a map is asked for, and keeps none', async () => {
    // Its head is whole, its pixels are not.
    const file = png(3, 8, null, [[2, 5, 9], [5, 5, 2]]);
    writeFileSync(join(folder, 'trainannot/b.png'), file.subarray(0, file.length - 20));
    const { annotations } = await masksSource.prepare(options(), 8, () => undefined);
    const { sizes, labels } = await annotations!();
    expect([sizes[1], [...(await labels(0))!]]).toEqual([{ height: 2, width: 3 }, [0, 1, 255, 1, 1, 0]]);
    await expect(labels(1)).rejects.toMatchObject({ message: 'the label map cannot be decoded', where: join(folder, 'trainannot/b.png') });
    writeFileSync(join(folder, 'trainannot/a.png'), png(3, 8, null, [[5, 5, 5], [2, 2, 2]]));
    expect([...(await labels(0))!]).toEqual([1, 1, 1, 0, 0, 0]);
  });

  it('refuses what the head of a map tells before any picture is prepared', async () => {
    await writePicture(join(folder, 'testannot/a.png'), 2, 3);
    await expect(masksSource.prepare(options(), 8, () => undefined)).rejects.toMatchObject({ message: 'has several colours or more than 8 bits a pixel', where: join(folder, 'testannot/a.png') });
    writeText(join(folder, 'testannot/a.png'), 'none');
    await expect(masksSource.prepare(options(), 8, () => undefined)).rejects.toMatchObject({ message: 'the label map cannot be decoded', where: join(folder, 'testannot/a.png') });
  });

  it('refuses what the pixels of a map tell when its picture is prepared, and of one without its picture when it is written', async () => {
    await writeMap(join(folder, 'trainannot/a.png'), [[2, 5, 5], [5, 4, 2]]);
    const wrong = { message: 'has the value 4 at row 1, column 1, which is no class', where: join(folder, 'trainannot/a.png') };
    const { decode } = await masksSource.prepare(options(), 8, () => undefined);
    const put: number[] = [];
    await expect(decode(async (index) => { put.push(index); })).rejects.toMatchObject(wrong);
    expect(put).not.toContain(0);
    writeText(join(folder, 'train/a.jpg'), 'no picture');
    await expect(writePrepared(join(folder, '.prepared'), await masksSource.prepare(options(), 8, () => undefined))).rejects.toMatchObject(wrong);
    expect(readdirSync(join(folder, '.prepared'))).not.toContain('index.json');
  });

  it('refuses a value that is no class, a mask without a picture, a folder that is missing and a wrong list of classes', async () => {
    const failure = async (action: () => Promise<unknown>): Promise<DataError> => {
      const error: unknown = await action().catch((e: unknown) => e);
      expect(error).toBeInstanceOf(DataError);
      return error as DataError;
    };
    await writeMap(join(folder, 'testannot/a.png'), [[2, 5, 5], [5, 4, 2]]);
    expect(await failure(() => whole(masksSource.prepare(options(), 8, () => undefined)))).toMatchObject({ message: 'has the value 4 at row 1, column 1, which is no class', where: join(folder, 'testannot/a.png') });
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
    writeText(join(folder, 'classes.txt'), '2 sky\n5 sea\n7 sky\n');
    expect(await failure(() => masksSource.index(options()))).toMatchObject({ message: 'the values 2 and 7 are both called "sky"', where: join(folder, 'classes.txt') });
    expect((await masksSource.index(options({ ignore: [255, 7] }))).classes).toEqual(['sky', 'sea']);
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
    expect([classes, [...(await labels(0))!]]).toEqual([['background', 'pet'], [1, 0, 255, 1]]);
    const index = await oxfordPetsTrimapsSource.index(options);
    expect(oxfordPetsTrimapsSource.task(index, options, 'trimaps', 0)).toMatchObject({ kind: 'segmentation', classes, side: 'B', test: { indices: [3] } });
    await writeMap(join(folder, 'annotations/trimaps/Bengal_2.png'), [[1, 0], [3, 1]]);
    await expect(whole(oxfordPetsTrimapsSource.prepare(options, 8, () => undefined))).rejects.toThrow(/has the value 0 at row 0, column 1/);
  });
});
