import { readdirSync, statSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { AnnotatedObject, Annotations } from '../../src/data/dense.js';
import { readAnnotations, readImageIndex, readPreparedSet, writePrepared } from '../../src/data/prepared.js';
import { StoreError } from '../../src/errors.js';
import { sha256 } from '../../src/files.js';
import { temporaryFolder } from '../temporary-folder.js';
import { readImageSet, writeImageSet } from './image-set-files.js';
import { noiseSet } from './pictures.js';

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
});

const set = noiseSet(3, 4, 3);
const car: AnnotatedObject = { id: 7, category: 1, box: [0.5, 0, 1.5, 2], area: 2, mask: { size: [2, 3], counts: [2, 2, 2] }, crowd: false, difficult: false };
const group: AnnotatedObject = { id: 8, category: 0, box: [0, 0, 1, 1], area: 1, mask: null, crowd: true, difficult: true };
const objects = [[car, group], [], [{ ...group, id: 9 }]];
const labels = [Uint8Array.of(0, 1, 2, 255, 0, 0), Uint8Array.of(2), Uint8Array.of(0, 1, 1, 0)];
const annotations: Annotations = {
  classes: ['cat', 'car'],
  labelClasses: ['background', 'cat', 'car'],
  sizes: [{ height: 2, width: 3 }, { height: 1, width: 1 }, { height: 4, width: 1 }],
  objects: (i) => objects[i]!,
  labels: (i) => labels[i]!,
};
const preparation = (given?: Annotations) => ({
  name: set.name, size: set.size, channels: set.channels, records: set.records,
  async decode(put: (index: number, pixels: Uint8Array) => Promise<void>) {
    for (let i = 0; i < 3; i++) await put(i, set.pixels.subarray(i * 48, (i + 1) * 48));
    return [];
  },
  ...(given === undefined ? {} : { annotations: () => Promise.resolve(given) }),
});
const write = (given: Annotations) => writePrepared(folder, preparation(given));

describe('annotations of a prepared set', () => {
  it.each([['in memory', undefined], ['left in their file', 3]])('come back as they were written, label maps %s', async (_, mostBytes) => {
    await write(annotations);
    const back = await readAnnotations(folder, mostBytes);
    expect(back).toMatchObject({ classes: annotations.classes, labelClasses: annotations.labelClasses, sizes: annotations.sizes });
    expect([0, 1, 2].map((i) => back.objects(i))).toEqual(objects);
    expect([2, 0, 1].map((i) => back.labels(i))).toEqual([labels[2], labels[0], labels[1]]);
    expect(() => back.labels(3)).toThrow(RangeError);
    expect(() => back.objects(3)).toThrow(RangeError);
    expect([...(await readImageSet(folder)).pixels]).toEqual([...set.pixels]);
    expect([...(await readFile(join(folder, 'labels.bin')))]).toEqual([0, 1, 2, 255, 0, 0, 2, 0, 1, 1, 0]);
  });

  it('are written one label map after the other: each is asked for when those before it are in the file', async () => {
    const written: number[] = [];
    const asked: number[] = [];
    await write({
      ...annotations,
      labels(index) {
        const file = readdirSync(folder).find((name) => name.startsWith('.labels.bin.'));
        asked.push(index);
        if (file !== undefined) written.push(statSync(join(folder, file)).size);
        return labels[index]!;
      },
    });
    expect(written).toEqual([0, 6, 7]);
    // The first one more than once: whether there are any is asked of it.
    expect([...new Set(asked)]).toEqual([0, 1, 2]);
  });

  it('keep what was left out, and the set its classes', async () => {
    await writePrepared(folder, { ...preparation({ ...annotations, leftOut: ['a.json: annotation 4: no area'] }), classes: ['cat', 'car'] });
    expect((await readAnnotations(folder)).leftOut).toEqual(['a.json: annotation 4: no area']);
    expect((await readImageIndex(folder)).classes).toEqual(['cat', 'car']);
    expect((await readPreparedSet(folder)).classes).toEqual(['cat', 'car']);
    await write(annotations);
    expect(await readAnnotations(folder)).not.toHaveProperty('leftOut');
    expect(await readImageIndex(folder)).not.toHaveProperty('classes');
  });

  it('may be objects alone or label maps alone', async () => {
    await write({ ...annotations, labels: () => null });
    expect((await readdir(folder)).sort()).toEqual(['annotations.json', 'index.json', 'pixels.bin']);
    let back = await readAnnotations(folder);
    expect([back.labels(0), back.objects(0)]).toEqual([null, objects[0]]);
    await write({ ...annotations, objects: () => null });
    back = await readAnnotations(folder);
    expect([back.labels(0), back.objects(0)]).toEqual([labels[0], null]);
  });

  it('change nothing of a set without them, which says that it has none', async () => {
    await writeImageSet(folder, set);
    const without = await readFile(join(folder, 'index.json'), 'utf8');
    expect((await readdir(folder)).sort()).toEqual(['index.json', 'pixels.bin']);
    expect(Object.keys(JSON.parse(without) as object)).toEqual(['schema', 'name', 'size', 'channels', 'records', 'unreadable', 'pixels']);
    await expect(readAnnotations(folder)).rejects.toThrow(/without annotations/);
  });

  it.each<readonly [string, Partial<Annotations>, RegExp]>([
    ['too few sizes', { sizes: annotations.sizes.slice(1) }, /6 pixels, its picture 1 x 1/],
    ['a label map of another size', { labels: (i) => (i === 1 ? new Uint8Array(2) : labels[i]!) }, /record 1 has 2 pixels/],
    ['a label that is no class', { labels: (i) => (i === 1 ? Uint8Array.of(3) : labels[i]!) }, /record 1 has the value 3, there are 3 classes/],
    ['label maps of some records', { labels: (i) => (i === 1 ? null : labels[i]!) }, /some records have label maps/],
    ['label maps of all records but the first', { labels: (i) => (i === 0 ? null : labels[i]!) }, /some records have label maps/],
    ['an unknown category', { objects: (i) => (i === 0 ? [{ ...car, category: 2 }] : []) }, /malformed object of record 0/],
    ['a mask that does not fill its picture', { objects: (i) => (i === 0 ? [{ ...car, mask: { size: [2, 3], counts: [2, 2] } }] : []) }, /malformed object of record 0/],
    ['a mask of another size', { objects: (i) => (i === 0 ? [{ ...car, mask: { size: [3, 2], counts: [6] } }] : []) }, /malformed object of record 0/],
    ['an id twice', { objects: () => [car] }, /two objects with the id 7|malformed object of record 1/],
  ])('are not written with %s', async (_, wrong, message) => {
    const error: unknown = await write({ ...annotations, ...wrong }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(RangeError);
    expect((error as RangeError).message).toMatch(message);
    expect((await readdir(folder)).filter((name) => name === 'index.json' || name.startsWith('.'))).toEqual([]);
  });

  const rewrite = async (edit: (stored: Record<string, unknown>) => unknown): Promise<void> => {
    const text = JSON.stringify(edit(JSON.parse(await readFile(join(folder, 'annotations.json'), 'utf8')) as Record<string, unknown>));
    await writeFile(join(folder, 'annotations.json'), text);
    const index = JSON.parse(await readFile(join(folder, 'index.json'), 'utf8')) as Record<string, unknown>;
    await writeFile(join(folder, 'index.json'), JSON.stringify({ ...index, annotations: sha256(text) }));
  };
  it.each<readonly [string, RegExp, () => Promise<unknown>]>([
    ['no annotations', /cannot be read/, () => rm(join(folder, 'annotations.json'))],
    ['other annotations', /SHA-256/, () => writeFile(join(folder, 'annotations.json'), '{}')],
    ['no label maps', /cannot be read/, () => rm(join(folder, 'labels.bin'))],
    ['label maps cut short', /has 5 bytes, its annotations need 11/, () => writeFile(join(folder, 'labels.bin'), new Uint8Array(5))],
    ['one label turned', /SHA-256/, () => writeFile(join(folder, 'labels.bin'), Uint8Array.of(0, 1, 2, 255, 0, 0, 2, 0, 1, 1, 1))],
    ['another schema', /schema 2/, () => rewrite((stored) => ({ ...stored, schema: 2 }))],
    ['a record too few', /no list of 3 sizes/, () => rewrite((stored) => ({ ...stored, sizes: [] }))],
    ['classes that are no names', /no list of classes/, () => rewrite((stored) => ({ ...stored, classes: [1] }))],
  ])('are refused with %s', async (_, message, damage) => {
    await write(annotations);
    await damage();
    const error: unknown = await readAnnotations(folder).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(StoreError);
    expect((error as StoreError).message).toMatch(message);
    expect((error as StoreError).where).toContain(folder);
  });
});
