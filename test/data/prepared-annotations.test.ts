import { readdirSync, statSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
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

  it('name what was passed over and what was taken though something is wrong', async () => {
    const told = { leftOut: ['a.json: annotation 4: its box has no area'], asIs: ['a.json: annotation 9: a polygon of its segmentation crosses itself'] };
    await write({ ...annotations, ...told });
    expect(await readAnnotations(folder)).toMatchObject(told);
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

  it('are written one record after the other, as all in one text would be longer than a string may be', async () => {
    const written: number[] = [];
    await write({
      ...annotations,
      labels: () => null,
      objects(index) {
        written.push(statSync(join(folder, readdirSync(folder).find((name) => name.startsWith('.annotations.jsonl.'))!)).size);
        return objects[index]!;
      },
    });
    const lines = (await readFile(join(folder, 'annotations.jsonl'), 'utf8')).split(/(?<=\n)/);
    expect(written).toEqual([lines[0]!.length, lines[0]!.length + lines[1]!.length, lines[0]!.length + lines[1]!.length + lines[2]!.length]);
    expect(lines.slice(1).map((line) => JSON.parse(line) as unknown)).toEqual([
      { height: 2, width: 3, objects: [{ ...car, mask: '222' }, group] }, { height: 1, width: 1, objects: [] }, { height: 4, width: 1, objects: [{ ...group, id: 9 }] },
    ]);
  });

  it.each([['in memory', undefined], ['left in their file', 0]])('are read one record after the other, however long all are: %s', async (_, mostBytes) => {
    // Masks of 2,000 runs, some of no pixel; records of over 64 KiB, which come in several pieces; letters of several bytes.
    const [height, width] = [100, 100];
    const mask = (id: number) => ({ size: [height, width] as const, counts: id === 0 ? [0, 10_000] : [0, 0, 8000 - id, ...Array.from({ length: 1999 }, (_, run) => (run === 7 ? 0 : 1)), id + 2] });
    const many = Array.from({ length: 90 }, (_, record) => Array.from({ length: record % 45 === 0 ? 40 : 1 }, (_, at): AnnotatedObject => ({ ...car, id: 50 * record + at, mask: mask((record + at) % 50) })));
    const leftOut = ['\u00e4\u2028\u{1f418}'.repeat(20_000)];
    await writePrepared(folder, {
      ...preparation({ ...annotations, leftOut, sizes: many.map(() => ({ height, width })), objects: (i) => many[i]!, labels: () => null }),
      records: many.map((_, i) => ({ ...set.records[0]!, id: String(i) })), decode: () => Promise.resolve([]),
    });
    const all = statSync(join(folder, 'annotations.jsonl')).size;
    const parse = vi.spyOn(JSON, 'parse');
    const back = await readAnnotations(folder, mostBytes);
    expect(Math.max(...parse.mock.calls.map(([text]) => text.length))).toBeLessThan(all / 2);
    parse.mockRestore();
    expect(back.leftOut).toEqual(leftOut);
    expect(many.map((_, i) => back.objects(i))).toEqual(many);
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
    expect((await readdir(folder)).sort()).toEqual(['annotations.jsonl', 'index.json', 'pixels.bin']);
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
    ['an id twice', { objects: (i) => (i === 1 ? [] : [{ ...group, id: 5 }]) }, /two objects with the id 5/],
    ['objects of some records', { objects: (i) => (i === 1 ? null : objects[i]!) }, /objects of some records and none of others/],
    ['objects of all records but the first', { objects: (i) => (i === 0 ? null : objects[i]!) }, /objects of some records and none of others/],
    ['too many sizes', { sizes: [...annotations.sizes, { height: 1, width: 1 }] }, /has 4 sizes, the set 3 records/],
    ['a size of no pixel', { labels: () => null, sizes: [{ height: 0, width: 3 }, ...annotations.sizes.slice(1)] }, /malformed size of record 0/],
  ])('are not written with %s', async (_, wrong, message) => {
    const error: unknown = await write({ ...annotations, ...wrong }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(RangeError);
    expect((error as RangeError).message).toMatch(message);
    expect((await readdir(folder)).filter((name) => name === 'index.json' || name.startsWith('.'))).toEqual([]);
  });

  /** Edits the lines: the first one of the set, one for each record after it. */
  const rewrite = async (edit: (lines: readonly string[]) => readonly string[]): Promise<void> => {
    const text = edit((await readFile(join(folder, 'annotations.jsonl'), 'utf8')).split(/(?<=\n)/)).join('');
    await writeFile(join(folder, 'annotations.jsonl'), text);
    const index = JSON.parse(await readFile(join(folder, 'index.json'), 'utf8')) as Record<string, unknown>;
    await writeFile(join(folder, 'index.json'), JSON.stringify({ ...index, annotations: sha256(text) }));
  };
  const inHead = (change: Record<string, unknown>) => () => rewrite(([head, ...records]) => [`${JSON.stringify({ ...JSON.parse(head!) as object, ...change })}\n`, ...records]);
  const inFirst = (from: string, to: string) => () => rewrite(([head, first, ...records]) => [head!, first!.replace(from, to), ...records]);
  it.each<readonly [string, RegExp, () => Promise<unknown>]>([
    ['no annotations', /cannot be read/, () => rm(join(folder, 'annotations.jsonl'))],
    ['other annotations', /SHA-256/, () => writeFile(join(folder, 'annotations.jsonl'), '{}')],
    ['no label maps', /cannot be read/, () => rm(join(folder, 'labels.bin'))],
    ['label maps cut short', /has 5 bytes, its annotations need 11/, () => writeFile(join(folder, 'labels.bin'), new Uint8Array(5))],
    ['one label turned', /SHA-256/, () => writeFile(join(folder, 'labels.bin'), Uint8Array.of(0, 1, 2, 255, 0, 0, 2, 0, 1, 1, 1))],
    ['another schema', /schema 3, this version reads 2/, inHead({ schema: 3 })],
    // One text of all, with a list of sizes and run lengths as numbers.
    ['the schema before', /schema 1, this version reads 2/, inHead({ schema: 1, sizes: annotations.sizes, objects })],
    ['classes that are no names', /no list of classes/, inHead({ classes: [1] })],
    ['a hash of label maps that is none', /no SHA-256 of the label maps/, inHead({ labels: 'x' })],
    ['nothing', /has no first line/, () => rewrite(() => [])],
    ['a record too few', /has lines of 2 records, the set has 3/, () => rewrite((lines) => lines.slice(0, -1))],
    ['a record too many', /has lines of 4 records, the set has 3/, () => rewrite((lines) => [...lines, '{"height":1,"width":1,"objects":[]}\n'])],
    ['a last line that does not end', /has lines of 2 records, the set has 3/, () => rewrite((lines) => [...lines.slice(0, -1), lines.at(-1)!.trimEnd()])],
    ['a line that is no JSON', /line 2 is not JSON/, inFirst('{', '')],
    ['a record without a size', /malformed size of record 0/, inFirst('"height":2', '"height":"2"')],
    ['a mask with other characters', /malformed object of record 0: \{"id":7/, inFirst('"222"', '"2 2"')],
    ['a mask that does not fill its picture', /malformed object of record 0/, inFirst('"222"', '"221"')],
    ['run lengths as numbers', /malformed object of record 0/, inFirst('"222"', '[2,2,2]')],
    ['an object of no known class', /malformed object of record 0/, inFirst('"category":1', '"category":2')],
  ])('are refused with %s', async (_, message, damage) => {
    await write(annotations);
    await damage();
    const error: unknown = await readAnnotations(folder).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(StoreError);
    expect((error as StoreError).message).toMatch(message);
    expect((error as StoreError).where).toContain(folder);
  });
});
