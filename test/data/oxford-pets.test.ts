import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { dataSources } from '../../src/data/sources/index.js';
import { DataError } from '../../src/errors.js';
import { temporaryFolder } from '../temporary-folder.js';
import { whole } from './whole.js';
import { classification } from './classification.js';

const picture = fileURLToPath(new URL('../fixtures/images/plain.jpg', import.meta.url));
const trainval = '#Image CLASS-ID SPECIES BREED ID\nAbyssinian_100 1 1 1\nAbyssinian_7 1 1 1\namerican_bulldog_3 2 2 1\namerican_bulldog_4 2 2 1\n';
const test = 'Abyssinian_201 1 1 1\r\namerican_bulldog_9 2 2 1\r\n';

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
  vi.stubEnv('MASKBENCH_CACHE', join(folder, '.cache'));
  for (const part of ['images', 'annotations']) mkdirSync(join(folder, part));
  write('trainval', trainval);
  write('test', test);
  for (const name of ['Abyssinian_100', 'Abyssinian_7', 'american_bulldog_3', 'american_bulldog_4', 'Abyssinian_201', 'american_bulldog_9']) {
    copyFileSync(picture, join(folder, 'images', `${name}.jpg`));
  }
});
const write = (list: string, text: string): void => writeFileSync(join(folder, 'annotations', `${list}.txt`), text);
const open = () => dataSources['oxford_pets']!();
const options = () => ({ path: folder });
const failure = async (): Promise<DataError> => {
  const error: unknown = await (await open()).index(options()).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(DataError);
  return error as DataError;
};

describe('oxford_pets', () => {
  it('takes breeds from the names, species and splits from the lists', async () => {
    const { records } = await (await open()).index(options());
    expect(records.map(({ id, label, group, split, side }) => [id, label, group, split, side])).toEqual([
      ['images/Abyssinian_100.jpg', 'Abyssinian', 'cat', 'train', 'B'],
      ['images/Abyssinian_7.jpg', 'Abyssinian', 'cat', 'train', 'B'],
      ['images/american_bulldog_3.jpg', 'american_bulldog', 'dog', 'train', 'B'],
      ['images/american_bulldog_4.jpg', 'american_bulldog', 'dog', 'train', 'B'],
      ['images/Abyssinian_201.jpg', 'Abyssinian', 'cat', 'test', 'B'],
      ['images/american_bulldog_9.jpg', 'american_bulldog', 'dog', 'test', 'B'],
    ]);
  });

  it('reads lists that begin with a byte order mark', async () => {
    const before = (await (await open()).index(options())).records;
    write('trainval', `\uFEFF${trainval}`);
    write('test', `\uFEFF${test}`);
    expect((await (await open()).index(options())).records).toEqual(before);
  });

  it('makes one task of breeds, by mean per-class accuracy, tested on the test list', async () => {
    const source = await open();
    const index = await source.index(options());
    const task = classification(source.task(index, options(), 'breeds', 0));
    expect(task).toMatchObject({ primary: 'mean_per_class', classes: ['Abyssinian', 'american_bulldog'], side: 'B', test: { indices: [4, 5], labels: [0, 1] } });
    expect([...task.train.indices, ...task.validation.indices].sort()).toEqual([0, 1, 2, 3]);
    expect([...task.validation.labels].sort()).toEqual([0, 1]);
    expect(source.pretrain(index, options(), 'full', 0).indices).toEqual([0, 1, 2, 3]);
  });

  it('reports an image that a list names and that is not there', async () => {
    write('test', `${test}Abyssinian_999 1 1 1\n`);
    const set = await whole((await open()).prepare(options(), 32, () => undefined));
    expect(set.unreadable).toEqual([{ id: 'images/Abyssinian_999.jpg', reason: expect.stringContaining('removed') as string }]);
  });

  it('has another fingerprint when a list or an image changes', async () => {
    const before = await (await open()).fingerprint(options());
    write('test', 'Abyssinian_201 1 1 1\n');
    expect(await (await open()).fingerprint(options())).not.toBe(before);
    write('test', test);
    expect(await (await open()).fingerprint(options())).toBe(before);
    writeFileSync(join(folder, 'images/Abyssinian_7.jpg'), 'other');
    expect(await (await open()).fingerprint(options())).not.toBe(before);
  });

  it('has another fingerprint when two images change lists', async () => {
    const before = await (await open()).fingerprint(options());
    write('trainval', trainval.replace('Abyssinian_100', 'Abyssinian_201'));
    write('test', test.replace('Abyssinian_201', 'Abyssinian_100'));
    expect(await (await open()).fingerprint(options())).not.toBe(before);
  });

  it.each([
    ['Abyssinian 1 1 1', 'is not "<breed>_<number> <class> <species> <breed>": Abyssinian 1 1 1'],
    ['Abyssinian_1 1 3 1', 'is not "<breed>_<number> <class> <species> <breed>": Abyssinian_1 1 3 1'],
    ['Abyssinian_1 2 1 1', 'Abyssinian has class 2 here and class 1 before'],
    ['../../private_1 1 1 1', 'is not "<breed>_<number> <class> <species> <breed>": ../../private_1 1 1 1'],
    ['./Abyssinian_7 1 1 1', 'is not "<breed>_<number> <class> <species> <breed>": ./Abyssinian_7 1 1 1'],
    ['Abyssinian_7 1 1 1', 'Abyssinian_7 stands twice in the lists'],
  ])('refuses the line %s, with its place', async (row, message) => {
    write('test', `${test}${row}\n`);
    const error = await failure();
    expect(error.message).toBe(message);
    expect(error.where).toBe(join(folder, 'annotations/test.txt:3'));
    expect(error.fix).toContain('annotations/trainval.txt');
  });

  it('says what is missing, and how it should be laid out', async () => {
    write('test', '');
    write('trainval', '#\n');
    expect((await failure()).message).toBe('its lists name no image');
    rmSync(join(folder, 'annotations/test.txt'));
    expect(await failure()).toMatchObject({ message: 'there is no such file', where: join(folder, 'annotations/test.txt') });
    folder = join(folder, 'none');
    expect(await failure()).toMatchObject({ message: 'there is no such folder', where: folder });
  });
});
