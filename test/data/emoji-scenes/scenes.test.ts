import { beforeAll, describe, expect, it } from 'vitest';
import type { ToldAnnotations } from '../../../src/data/dense.js';
import type { DenseTask, ImageIndex, ImageRecord } from '../../../src/data/image-set.js';
import { developmentConcepts, sceneConcepts } from '../../../src/data/sources/emoji-scenes/concepts.js';
import { emojiScenesSource as source } from '../../../src/data/sources/emoji-scenes/index.js';
import { spritesOf } from '../../../src/data/sources/emoji-scenes/sprites.js';
import { drawScene } from '../../../src/data/sources/emoji-scenes/scene.js';
import { emojiSource } from '../../../src/data/sources/emoji/index.js';
import { allImages } from '../../../src/data/sources/emoji/records.js';
import { FAMILIES } from '../../../src/data/sources/emoji/sets.js';
import { DataError } from '../../../src/errors.js';
import { sha256 } from '../../../src/files.js';
import { whole } from '../whole.js';

const size = 96;
const perArtist = 50;
const options = { size, per_artist: perArtist, development: false };
let records: readonly ImageRecord[];
let annotations: ToldAnnotations;
let hashes: readonly string[];

const read = async (own: { readonly size: number; readonly per_artist: number; readonly development?: boolean }) => {
  const preparation = await source.prepare({ development: false, ...own }, 32, () => undefined);
  const set = await whole(Promise.resolve(preparation));
  return { set, annotations: await preparation.annotations!() };
};
const pictures = ({ pixels, size: side, records: all }: Awaited<ReturnType<typeof read>>['set']) =>
  all.map((_, i) => sha256(pixels.subarray(i * side * side * 3, (i + 1) * side * side * 3)));

beforeAll(async () => {
  const all = await read(options);
  ({ annotations } = all);
  ({ records } = all.set);
  hashes = pictures(all.set);
});
const indices = (): readonly number[] => records.map((_, i) => i);

describe('emoji scenes', () => {
  it('are so many by each artist, each of 3 to 8 objects', () => {
    expect(records.map(({ domain }) => domain)).toEqual(FAMILIES.flatMap((family) => Array<string>(perArtist).fill(family)));
    const counts = new Set(indices().map((i) => annotations.objects(i)!.length));
    expect([...counts].sort()).toEqual([3, 4, 5, 6, 7, 8]);
  });

  it('have every class in every family, in at least five scenes', () => {
    for (const family of FAMILIES) {
      const scenes = new Array<number>(sceneConcepts.length).fill(0);
      for (const i of indices()) {
        if (records[i]!.domain !== family) continue;
        for (const category of new Set(annotations.objects(i)!.map((object) => object.category))) scenes[category]!++;
      }
      expect(Math.min(...scenes), family).toBeGreaterThanOrEqual(5);
    }
  });

  it('have every class from as many scenes on as there are classes', async () => {
    const few = await read({ size: 48, per_artist: sceneConcepts.length });
    FAMILIES.forEach((family, at) => {
      const own = Array.from({ length: sceneConcepts.length }, (_, n) => few.annotations.objects(at * sceneConcepts.length + n)!);
      expect(new Set(own.flat().map(({ category }) => category)).size, family).toBe(sceneConcepts.length);
    });
  });

  it('have masks that do not overlap, make up the label map, and fill their boxes', async () => {
    const ids = new Set<number>();
    for (const i of indices()) {
      const map = new Uint8Array(size * size);
      for (const { id, mask, box, area, category } of annotations.objects(i)!) {
        ids.add(id);
        let [at, pixels, taken] = [0, 0, 0];
        const [columns, rows] = [new Set<number>(), new Set<number>()];
        mask!.counts.forEach((count, run) => {
          for (let p = at; run % 2 === 1 && p < at + count; p++) {
            const [x, y] = [Math.floor(p / size), p % size];
            if (map[y * size + x] !== 0) taken++;
            map[y * size + x] = category + 1;
            columns.add(x);
            rows.add(y);
            pixels++;
          }
          at += count;
        });
        expect([at, taken]).toEqual([size * size, 0]);
        expect(pixels).toBe(area);
        expect(area).toBeGreaterThanOrEqual(12);
        expect(box).toEqual([Math.min(...columns), Math.min(...rows), Math.max(...columns) - Math.min(...columns) + 1, Math.max(...rows) - Math.min(...rows) + 1]);
      }
      expect(Buffer.compare(map, (await annotations.labels(i))!)).toBe(0);
    }
    expect(ids.size).toBe(indices().reduce((sum, i) => sum + annotations.objects(i)!.length, 0));
    expect(Math.min(...ids)).toBe(1);
  });

  it('are a function of family, number and size alone, and all differ', async () => {
    expect(new Set(hashes).size).toBe(records.length);
    const fewer = await read({ size, per_artist: 20 });
    FAMILIES.forEach((_, at) => expect(pictures(fewer.set).slice(at * 20, at * 20 + 20)).toEqual(hashes.slice(at * perArtist, at * perArtist + 20)));
    const alone = drawScene('openmoji', 7, size, await spritesOf('openmoji', sceneConcepts, size));
    expect(sha256(alone.pixels)).toBe(hashes[FAMILIES.indexOf('openmoji') * perArtist + 7]);
  });

  it('stay as they are: another layout needs another name or a line in the changelog', () => {
    const layout = indices().map((i) => annotations.objects(i)!.map(({ category, box }) => [category, ...box]));
    expect(sha256(JSON.stringify(layout)).slice(0, 16)).toBe('ddcc4e813b0a62b0');
  });

  it.each([
    { concepts: sceneConcepts, development: false }, { concepts: developmentConcepts, development: true },
  ])('show only concepts that the emoji tasks hold back, by all six artists, none of them in any pre-training; development: $development', async ({ concepts, development }) => {
    const index = await emojiSource.index({});
    const own = allImages().filter(({ record }) => (concepts as readonly string[]).includes(record.label));
    expect(new Set(own.map(({ use }) => use.kind))).toEqual(new Set(['downstream']));
    expect(own.every(({ use }) => use.kind === 'downstream' && use.domain.development === development)).toBe(true);
    for (const concept of concepts) expect(new Set(own.filter(({ record }) => record.label === concept).map(({ record }) => record.domain)), concept).toEqual(new Set(FAMILIES));
    const ids = new Set(own.map(({ record }) => record.id));
    for (const subset of ['full', 'split-a', 'split-b', 'random'] as const) {
      for (const seed of [0, 1, 2]) expect(emojiSource.pretrain(index, {}, subset, seed).indices.filter((i) => ids.has(index.records[i]!.id))).toEqual([]);
    }
    const sides = new Map(own.map(({ record }) => [record.label, record.side]));
    expect(concepts.map((concept) => sides.get(concept))).toEqual([...Array<string>(7).fill('B'), ...Array<string>(7).fill('A')]);
  });
});

describe('scenes for tuning', () => {
  const own = { size: 48, per_artist: developmentConcepts.length, development: true };

  it('are others, of other concepts, with every class in every family', async () => {
    const [dev, reported] = [await read(own), await read({ ...own, development: false })];
    expect(dev.annotations.classes).toEqual(developmentConcepts);
    expect(pictures(dev.set).filter((hash) => pictures(reported.set).includes(hash))).toEqual([]);
    FAMILIES.forEach((family, at) => {
      const objects = Array.from({ length: own.per_artist }, (_, n) => dev.annotations.objects(at * own.per_artist + n)!);
      expect(new Set(objects.flat().map(({ category }) => category)).size, family).toBe(developmentConcepts.length);
    });
  });

  it('have tasks of their own, marked as such, in the place of the reported ones', async () => {
    expect((await source.tasks(own)).map(({ name, development }) => ({ name, development }))).toEqual([{ name: 'dev-segmentation', development: true }, { name: 'dev-detection', development: true }]);
    expect((await source.tasks({ ...own, development: false })).map(({ name, development }) => ({ name, development }))).toEqual([{ name: 'segmentation', development: false }, { name: 'detection', development: false }]);
    const index = await source.index(own);
    expect(source.task(index, own, 'dev-segmentation', 0)).toMatchObject({ name: 'dev-segmentation', classes: ['background', ...developmentConcepts] });
    expect(() => source.task(index, own, 'segmentation', 0)).toThrow(/dev-segmentation/);
  });
});

describe('tasks of emoji scenes', () => {
  const index = (): ImageIndex => ({ name: 'emoji_scenes', records });
  const task = (name: string, seed: number) => source.task(index(), options, name, seed) as DenseTask;

  it('have artists of their own in each part, those of the emoji tasks at that seed', () => {
    for (let seed = 0; seed < 6; seed++) {
      const families = (['train', 'validation', 'test'] as const).map((part) => [...new Set(task('detection', seed)[part].indices.map((i) => records[i]!.domain))]);
      expect(families.map(({ length }) => length)).toEqual([3, 1, 2]);
      expect(new Set(families.flat()).size).toBe(6);
      expect(task('segmentation', seed).test).toEqual(task('detection', seed).test);
    }
    expect(task('detection', 0).test.indices.map((i) => records[i]!.domain)).toEqual([...Array<string>(50).fill('noto'), ...Array<string>(50).fill('twemoji')]);
  });

  it('name the classes of objects and, with the background, of pixels', () => {
    expect(task('detection', 0)).toMatchObject({ kind: 'detection', classes: [...annotations.classes], side: 'mixed' });
    expect(task('segmentation', 0)).toMatchObject({ kind: 'segmentation', classes: ['background', ...sceneConcepts] });
    expect(annotations.labelClasses).toEqual(task('segmentation', 0).classes);
  });

  it('are all that there is: nothing is pre-trained on', () => {
    expect(() => source.pretrain(index(), options, 'full', 0)).toThrow(DataError);
    expect(() => source.pretrain(index(), options, 'full', 0)).toThrow(/no images to pre-train on/);
  });
});
