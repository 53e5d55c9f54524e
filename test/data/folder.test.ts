import { copyFileSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ImageIndex } from '../../src/data/image-set.js';
import { dataSources } from '../../src/data/sources/index.js';
import { classSide } from '../../src/data/sources/class-side.js';
import { DataError } from '../../src/errors.js';
import type { JsonObject } from '../../src/files.js';
import { whole } from './whole.js';
import { classification } from './classification.js';

const images = fileURLToPath(new URL('../fixtures/images/', import.meta.url));
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'maskbench-folder-'));
  vi.stubEnv('MASKBENCH_CACHE', join(folder, '.cache'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const put = (path: string, image = 'rgb.png'): void => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  copyFileSync(join(images, image), join(folder, path));
};
const ids = ({ records }: ImageIndex): readonly string[] => records.map(({ id }) => id);
const failure = async (work: Promise<unknown>): Promise<DataError> => {
  const error: unknown = await work.catch((e: unknown) => e);
  expect(error).toBeInstanceOf(DataError);
  return error as DataError;
};
const silent = (): void => undefined;

describe('folder', () => {
  const open = () => dataSources['folder']!();
  const options = (more: JsonObject = {}): JsonObject => ({ path: folder, primary: 'top1', sides: {}, side: null, ...more });
  const tree = (): void => {
    for (const split of ['train', 'test']) for (const name of ['sunflower', 'airplanes', 'watch']) for (const n of [1, 2, 3]) put(`${split}/${name}/${n}.png`);
  };

  it('takes every visible file of a class folder, nested ones too, in a fixed order', async () => {
    tree();
    put('train/airplanes/far/away/4.jpg', 'plain.jpg');
    put('train/airplanes/.hidden.png');
    put('train/airplanes/Thumbs.db');
    put('train/.cache/1.png');
    writeFileSync(join(folder, 'classes.txt'), 'read by nobody');
    const index = await (await open()).index(options());
    expect(ids(index).slice(0, 7)).toEqual([
      'train/airplanes/1.png', 'train/airplanes/2.png', 'train/airplanes/3.png', 'train/airplanes/far/away/4.jpg',
      'train/sunflower/1.png', 'train/sunflower/2.png', 'train/sunflower/3.png',
    ]);
    expect(index.records).toHaveLength(19);
    expect(index.records.at(-1)).toEqual({ id: 'test/watch/3.png', label: 'watch', group: null, domain: null, split: 'test', side: null });
    expect(index.records[0]?.side).toBe('A');
    expect(index.records[4]?.side).toBe('B');
  });

  it('follows links, and is not caught in a loop of them', async () => {
    tree();
    symlinkSync(join(folder, 'train'), join(folder, 'train/airplanes/loop'));
    symlinkSync('.', join(folder, 'train/watch/self'));
    symlinkSync(join(folder, 'train/sunflower/1.png'), join(folder, 'train/watch/0.png'));
    symlinkSync(join(folder, 'nowhere'), join(folder, 'train/watch/broken.png'));
    const source = await open();
    const index = await source.index(options());
    expect(index.records).toHaveLength(20);
    expect(ids(index).filter((id) => id.startsWith('train/watch/'))).toEqual(['train/watch/0.png', 'train/watch/1.png', 'train/watch/2.png', 'train/watch/3.png', 'train/watch/broken.png']);
    const set = await whole(source.prepare(options(), 8, silent));
    expect(set.unreadable).toEqual([{ id: 'train/watch/broken.png', reason: 'broken link, or removed meanwhile' }]);
  });

  it('counts what cannot be decoded, keeps it as a record and out of every view', async () => {
    tree();
    put('train/watch/4.jpg', 'bad-cut.jpg');
    put('train/watch/5.jpg', 'bad-empty.jpg');
    put('test/watch/notes.txt', 'bad-text.jpg');
    const source = await open();
    const set = await whole(source.prepare(options(), 8, silent));
    expect(set.records).toHaveLength(21);
    expect(set.pixels).toHaveLength(21 * 192);
    expect(set.unreadable.map(({ id }) => id)).toEqual(['train/watch/4.jpg', 'train/watch/5.jpg', 'test/watch/notes.txt']);
    const bad = new Set(set.unreadable.map(({ id }) => set.records.findIndex((record) => record.id === id)));
    const view = classification(source.task(set, options(), 'all', 0));
    const used = [...view.train.indices, ...view.validation.indices, ...view.test.indices];
    expect(used).toHaveLength(18);
    expect(used.some((i) => bad.has(i))).toBe(false);
    expect(source.pretrain(set, options(), 'full', 0).indices).toHaveLength(9);
  });

  it('takes the metric from its options', async () => {
    tree();
    const source = await open();
    const index = await source.index(options());
    expect(classification(source.task(index, options(), 'all', 0)).primary).toBe('top1');
    expect(classification(source.task(index, options({ primary: 'mean_per_class' }), 'all', 0)).primary).toBe('mean_per_class');
  });

  it('lets a suite say what the names do not tell', async () => {
    tree();
    const source = await open();
    const sidesWith = async (more: JsonObject): Promise<unknown> => Object.fromEntries((await source.index(options(more))).records.map(({ label, side }) => [label, side]));
    expect(await sidesWith({})).toEqual({ sunflower: 'B', airplanes: 'A', watch: null });
    expect(await sidesWith({ sides: { watch: 'A' } })).toEqual({ sunflower: 'B', airplanes: 'A', watch: 'A' });
    expect(await sidesWith({ sides: { sunflower: null }, side: 'A' })).toEqual({ sunflower: null, airplanes: 'A', watch: 'A' });
    expect(await sidesWith({ side: 'B' })).toEqual({ sunflower: 'B', airplanes: 'A', watch: 'B' });
    const error = await failure(source.index(options({ sides: { watches: 'A' } })));
    expect(error.message).toContain('(did you mean "watch"?)');
  });

  it('fingerprints names and contents, not times', async () => {
    tree();
    const source = await open();
    const first = await source.fingerprint(options());
    utimesSync(join(folder, 'train/watch/1.png'), new Date(5000), new Date(5000));
    expect(await source.fingerprint(options())).toBe(first);
    put('train/watch/1.png', 'grey.png');
    const second = await source.fingerprint(options());
    expect(second).not.toBe(first);
    put('train/watch/1.png');
    expect(await source.fingerprint(options())).toBe(first);
    put('train/watch/9.png');
    expect(await source.fingerprint(options())).not.toBe(first);
  });

  it('notices a changed file of the same size and time, in spite of its memory', async () => {
    tree();
    const path = join(folder, 'train/watch/1.png');
    const old = new Date(Date.now() - 60_000);
    utimesSync(path, old, old);
    const source = await open();
    const first = await source.fingerprint(options());
    writeFileSync(path, Buffer.alloc(statSync(path).size, 1));
    utimesSync(path, old, old);
    expect(await source.fingerprint(options())).not.toBe(first);
  });

  it('refuses names that are not UTF-8, which would be read as one and found as none', async () => {
    tree();
    const named = (name: string): Buffer => Buffer.concat([Buffer.from(join(folder, 'train/watch/')), Buffer.from(name, 'latin1')]);
    // What is hidden is no part of the set; \xc3\xa9 is an e with an accent.
    for (const name of ['.caf\xe7', '\xc3\xa9\xe9.png', 'caf\xe9.png', 'caf\xe8.png']) writeFileSync(named(name), '');
    const source = await open();
    const wrong = { message: 'the name caf\\xe8.png is not UTF-8, and 2 more of 6 are not', where: join(folder, 'train/watch'), fix: expect.stringContaining('Rename') as string };
    expect(await failure(source.index(options()))).toMatchObject(wrong);
    expect(await failure((await dataSources['unlabelled']!()).index({ path: folder }))).toMatchObject(wrong);
    for (const name of ['caf\xe9.png', 'caf\xe8.png']) rmSync(named(name));
    expect((await failure(source.index(options()))).message).toBe('the name é\\xe9.png is not UTF-8');
    rmSync(named('\xc3\xa9\xe9.png'));
    put('train/watch/é.png');
    expect(ids(await source.index(options())).filter((id) => id.startsWith('train/watch/'))).toEqual(['train/watch/1.png', 'train/watch/2.png', 'train/watch/3.png', 'train/watch/é.png']);
  });

  it('says what is missing and what is expected', async () => {
    const source = await open();
    const expectLayout = (error: DataError): void => expect(error.fix).toContain('{train,test|val}/<class>/<image>');
    const none = await failure(source.index({ ...options(), path: join(folder, 'none') }));
    expect(none.describe()).toContain(`${join(folder, 'none')}: there is no such folder`);
    expectLayout(none);
    expect((await failure(source.index({ ...options(), path: join(images, 'rgb.png') }))).message).toBe('is not a folder');
    expect((await failure(source.fingerprint(options()))).where).toBe(join(folder, 'train'));
    put('train/a/1.png');
    expect((await failure(source.index(options()))).message).toBe('has neither a test nor a val folder');
    put('val/a/1.png');
    expect(ids(await source.index(options()))).toEqual(['train/a/1.png', 'val/a/1.png']);
    put('train/loose.png');
    const loose = await failure(source.index(options()));
    expect(loose.where).toBe(join(folder, 'train/loose.png'));
    expectLayout(loose);
  });
});

describe('unlabelled', () => {
  const open = () => dataSources['unlabelled']!();

  it('takes every visible file at any depth, without labels or tasks', async () => {
    put('b.png');
    put('a/deep/1.jpg', 'plain.jpg');
    put('a/bad.jpg', 'bad-cut.jpg');
    put('.git/c.png');
    const source = await open();
    const set = await whole(source.prepare({ path: folder }, 8, silent));
    expect(ids(set)).toEqual(['a/bad.jpg', 'a/deep/1.jpg', 'b.png']);
    expect(set.unreadable.map(({ id }) => id)).toEqual(['a/bad.jpg']);
    expect(source.pretrain(set, { path: folder }, 'full', 0)).toEqual({ subset: 'full', indices: [1, 2], classes: 0 });
    expect(await source.tasks({ path: folder })).toEqual([]);
    expect(() => source.task(set, { path: folder }, 'all', 0)).toThrow(DataError);
    expect(() => source.pretrain(set, { path: folder }, 'split-b', 0)).toThrow(DataError);
  });

  it('refuses an empty folder', async () => {
    expect((await failure((await open()).index({ path: folder }))).message).toBe('holds no file');
  });
});

describe('classSide', () => {
  it('goes by wnid, or by a noun whose senses all lie on one side', () => {
    expect(['n02084071', 'n01440764', 'n03425413'].map(classSide)).toEqual([null, 'B', 'A']);
    expect(['01_daffodil', 'grand_piano', 'airplanes', '012.bonsai', 'Motorbikes', 'kangaroo'].map(classSide)).toEqual(['B', 'A', 'A', 'B', 'A', 'B']);
  });

  it('guesses nothing', () => {
    // Two-sided words, a word that WordNet does not have, parts of a body, no word at all, names of Object's own properties.
    expect(['watch', 'iris', 'crane', '12_colts_foot', 'brain', '0007', 'constructor_', '__proto__'].map(classSide)).toEqual([null, null, null, null, null, null, 'B', null]);
    // Letters outside ASCII, composed or not, stay letters: not ne, r and, by its lower byte, apple.
    for (const name of ['âne', 'rã', '12_rã', 'špple']) expect([classSide(name), classSide(name.normalize('NFD'))], name).toEqual([null, null]);
    // What is left of s without an s is no word.
    expect(classSide('s')).toBe(classSide('t'));
    expect(['→ grand·piano', '🌻 sunflower'].map(classSide)).toEqual(['A', 'B']);
  });
});
