import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { ignoredLabel } from '../../src/data/dense.js';
import type { ImageIndex } from '../../src/data/image-set.js';
import type { DataSource } from '../../src/data/source.js';
import { dataSources } from '../../src/data/sources/index.js';
import { DataError } from '../../src/errors.js';
import type { JsonObject } from '../../src/files.js';
import { vocText, writeJson, writeMap, writePicture, writeText } from './dense/files.js';
import { whole } from './whole.js';

/** Rules that every data source keeps. A new source: one line in `cases`. */
interface Case {
  /** Options as the suite gives them, with every default, and those without one; files are made under `folder` before. */
  readonly options: (folder: string) => JsonObject;
  readonly make: (folder: string) => void | Promise<void>;
  /** Whether `prepare` is cheap enough to run here; else the source's own tests do it. */
  readonly prepares: boolean;
  /** false: there are images for tasks alone. */
  readonly pretrains?: false;
}

const picture = fileURLToPath(new URL('../fixtures/images/rgb.png', import.meta.url));
const copy = (path: string): void => {
  mkdirSync(dirname(path), { recursive: true });
  copyFileSync(picture, path);
};
/** Records of `classes` classes in turn: the label bytes, then 3,072 bytes of pixels. */
const records = (count: number, classes: number, labels: (label: number) => readonly number[]): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, i) => Buffer.concat([Buffer.from(labels(i % classes)), Buffer.alloc(3072, i % 251)])));
const names = (count: number, prefix: string): string => Array.from({ length: count }, (_, i) => `${prefix}${i}\n`).join('');

/** A picture of one row, and its label map. */
const labelled = async (picture: string, map: string, values: readonly number[]): Promise<void> => {
  await writePicture(picture, 1, values.length);
  await writeMap(map, [values]);
};

const cases: Readonly<Record<string, Case>> = {
  emoji: { options: () => ({}), make: () => undefined, prepares: false },
  emoji_scenes: { options: () => ({ size: 48, per_artist: 14, development: false }), make: () => undefined, prepares: true, pretrains: false },
  cifar10: {
    options: (folder) => ({ path: folder }),
    make: (folder) => {
      writeFileSync(join(folder, 'batches.meta.txt'), 'airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n');
      writeFileSync(join(folder, 'data_batch_1.bin'), records(60, 10, (label) => [label]));
      writeFileSync(join(folder, 'test_batch.bin'), records(20, 10, (label) => [label]));
    },
    prepares: true,
  },
  cifar100: {
    options: (folder) => ({ path: folder }),
    make: (folder) => {
      writeFileSync(join(folder, 'fine_label_names.txt'), `apple\nbee\nbottle\nbus\n${names(96, 'fine')}`);
      writeFileSync(join(folder, 'coarse_label_names.txt'), names(20, 'coarse'));
      writeFileSync(join(folder, 'train.bin'), records(600, 100, (label) => [label % 20, label]));
      writeFileSync(join(folder, 'test.bin'), records(200, 100, (label) => [label % 20, label]));
    },
    prepares: true,
  },
  folder: {
    options: (folder) => ({ path: folder, primary: 'top1', sides: {}, side: null, crops_from: 12 }),
    make: (folder) => {
      for (const split of ['train', 'test']) {
        for (const name of ['sunflower', 'airplanes', 'watch']) for (let n = 0; n < 6; n++) copy(join(folder, split, name, `${n}.png`));
      }
    },
    prepares: true,
  },
  oxford_pets: {
    options: (folder) => ({ path: folder, crops_from: 12 }),
    make: (folder) => {
      const rows = (from: number): string => ['Abyssinian 1 1 1', 'american_bulldog 2 2 1', 'Bengal 6 1 2'].flatMap((breed) => Array.from({ length: 6 }, (_, n) => {
        const [name, ...rest] = breed.split(' ') as [string, string, string, string];
        copy(join(folder, 'images', `${name}_${from + n}.jpg`));
        return `${name}_${from + n} ${rest.join(' ')}\n`;
      })).join('');
      mkdirSync(join(folder, 'annotations'));
      writeFileSync(join(folder, 'annotations/trainval.txt'), rows(0));
      writeFileSync(join(folder, 'annotations/test.txt'), rows(100));
    },
    prepares: true,
  },
  oxford_pets_trimaps: {
    options: (folder) => ({ path: folder, size: 32 }),
    make: async (folder) => {
      for (let n = 0; n < 8; n++) await labelled(join(folder, `images/Bengal_${n}.jpg`), join(folder, `annotations/trimaps/Bengal_${n}.png`), [1, 2, 3]);
      const rows = (from: number, to: number): string => Array.from({ length: to - from }, (_, n) => `Bengal_${from + n} 1 1 1\n`).join('');
      writeText(join(folder, 'annotations/trainval.txt'), rows(0, 6));
      writeText(join(folder, 'annotations/test.txt'), rows(6, 8));
    },
    prepares: true,
  },
  coco: {
    options: (folder) => ({ path: folder, size: 32, train_images: 'train', train_annotations: 'train.json', test_images: 'test', test_annotations: 'test.json' }),
    make: async (folder) => {
      for (const [split, count] of [['train', 6], ['test', 2]] as const) {
        const images = Array.from({ length: count }, (_, id) => ({ id, file_name: `${id}.png`, height: 4, width: 6 }));
        for (const image of images) await writePicture(join(folder, split, image.file_name), 4, 6);
        writeJson(join(folder, `${split}.json`), { images, categories: [{ id: 1, name: 'cat' }], annotations: images.map(({ id }) => ({ id, image_id: id, category_id: 1, bbox: [1, 1, 4.5, 2], segmentation: [[1, 1, 5.5, 1, 5.5, 3]] })) });
      }
    },
    prepares: true,
  },
  voc: {
    options: (folder) => ({ path: folder, size: 32, train: 'train', validation: 'val', test: 'test', classes: [], sides: {} }),
    make: async (folder) => {
      for (const list of ['train', 'val', 'test']) {
        writeText(join(folder, `ImageSets/Main/${list}.txt`), `${list}1\n${list}2\n`);
        for (const n of [1, 2]) {
          await writePicture(join(folder, `JPEGImages/${list}${n}.jpg`), 4, 6);
          writeText(join(folder, `Annotations/${list}${n}.xml`), vocText(4, 6, [['cat', 1, 1, 6, 4], ['dog', 2, 2, 2, 2]]));
        }
      }
    },
    prepares: true,
  },
  masks: {
    options: (folder) => ({
      path: folder, size: 32, classes: 'classes.txt', ignore: [3], train_images: 'train', train_masks: 'trainannot', val_images: 'val', val_masks: 'valannot', test_images: 'test', test_masks: 'testannot',
    }),
    make: async (folder) => {
      writeText(join(folder, 'classes.txt'), '1 sky\n2 road\n');
      for (const split of ['train', 'val', 'test']) for (const n of [1, 2]) await labelled(join(folder, split, `${n}.jpg`), join(folder, `${split}annot`, `${n}.png`), [1, 2, 3]);
    },
    prepares: true,
  },
  unlabelled: {
    options: (folder) => ({ path: folder, crops_from: 12 }),
    make: (folder) => {
      for (let n = 0; n < 6; n++) copy(join(folder, `${n}.png`));
    },
    prepares: true,
  },
};

const subsets = ['full', 'random', 'split-a', 'split-b'] as const;
const silent = (): void => undefined;

test('every source has a case', () => {
  expect(Object.keys(cases).sort()).toEqual(Object.keys(dataSources).sort());
});

describe.each(Object.entries(cases))('source %s', (name, { options, make, prepares, pretrains = true }) => {
  let folder: string;
  let cache: string;
  let own: JsonObject;
  let source: DataSource;
  let index: ImageIndex;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'maskbench-source-'));
    cache = mkdtempSync(join(tmpdir(), 'maskbench-source-cache-'));
    vi.stubEnv('MASKBENCH_CACHE', cache);
    await make(folder);
    own = options(folder);
    source = await dataSources[name]!();
    index = await source.index(own);
  });
  beforeEach(() => {
    vi.stubEnv('MASKBENCH_CACHE', cache);
  });
  afterAll(() => {
    for (const path of [cache, folder]) rmSync(path, { recursive: true, force: true });
  });

  const valid = (indices: readonly number[]): void => {
    expect(indices.length).toBeGreaterThan(0);
    expect(new Set(indices).size).toBe(indices.length);
    expect(indices.every((i) => Number.isInteger(i) && i >= 0 && i < index.records.length)).toBe(true);
  };

  test('is registered under its name, with a closed schema that describes every option', () => {
    expect(source.name).toBe(name);
    expect(source.schema['additionalProperties']).toBe(false);
    const properties = Object.entries((source.schema['properties'] ?? {}) as Readonly<Record<string, JsonObject>>);
    for (const [key, property] of properties) expect(property['description'], key).toEqual(expect.any(String));
    expect(properties.map(([key]) => key).sort()).toEqual(Object.keys(own).sort());
    expect(source.modules.length).toBeGreaterThan(0);
  });

  test('records are unique, and the same at every reading', async () => {
    expect(new Set(index.records.map(({ id }) => id)).size).toBe(index.records.length);
    expect(await source.index(own)).toEqual(index);
    expect(await source.fingerprint(own)).toBe(await source.fingerprint(own));
  });

  test('pre-training: the seed alone decides, splits hold one side, subsets are of one size', () => {
    const sizes = new Map<string, number>();
    for (const subset of subsets) {
      let view;
      try {
        view = source.pretrain(index, own, subset, 1);
      } catch (error) {
        expect(error, subset).toBeInstanceOf(DataError);
        if (pretrains) expect(subset).toMatch(/^split-/);
        continue;
      }
      expect(pretrains).toBe(true);
      valid(view.indices);
      expect(source.pretrain(index, own, subset, 1)).toEqual(view);
      sizes.set(subset, view.indices.length);
      if (subset === 'split-a' || subset === 'split-b') {
        expect(new Set(view.indices.map((i) => index.records[i]!.side))).toEqual(new Set([subset === 'split-a' ? 'A' : 'B']));
      }
    }
    expect(sizes.get('split-a')).toBe(sizes.get('split-b'));
    if (sizes.has('split-a')) expect(sizes.get('random')).toBe(sizes.get('split-a'));
  });

  test('tasks: disjoint parts, every class in training, no test image in any pre-training', async () => {
    const pretrained = [1, 2].map((seed) => new Set(pretrains ? source.pretrain(index, own, 'full', seed).indices : []));
    for (const { name: task, kind } of await source.tasks(own)) {
      for (const [at, seed] of [1, 2].entries()) {
        const view = source.task(index, own, task, seed);
        expect(source.task(index, own, task, seed)).toEqual(view);
        expect([view.name, view.kind]).toEqual([task, kind]);
        const parts = [view.train, view.validation, view.test];
        parts.forEach(({ indices }) => valid(indices));
        expect(new Set(parts.flatMap(({ indices }) => indices)).size).toBe(parts.reduce((sum, { indices }) => sum + indices.length, 0));
        expect(view.test.indices.filter((i) => pretrained[at]!.has(i))).toEqual([]);
        if (view.kind !== 'classification') continue;
        for (const { indices, labels } of [view.train, view.validation, view.test]) {
          expect(labels).toHaveLength(indices.length);
          expect(labels.every((label) => label >= 0 && label < view.classes.length)).toBe(true);
        }
        expect(new Set(view.train.labels).size, task).toBe(view.classes.length);
      }
    }
  });

  test('an unknown task is an error that names it', () => {
    expect(() => source.task(index, own, 'nosuchtask', 0)).toThrow(DataError);
    expect(() => source.task(index, own, 'nosuchtask', 0)).toThrow(/nosuchtask/);
  });

  test.runIf(prepares)('prepare: pixels of every record of the index, and progress to the end', async () => {
    const seen: (readonly [number, number])[] = [];
    const size = source.size?.(own) ?? 8;
    const set = await whole(source.prepare(own, size, (done, total) => seen.push([done, total])));
    expect(set.size).toBe(size);
    expect(set.records).toEqual(index.records);
    expect(set.pixels).toHaveLength(index.records.length * size * size * set.channels);
    expect(set.unreadable).toEqual([]);
    expect(seen.at(-1)).toEqual([index.records.length, index.records.length]);
    expect(Buffer.compare(set.pixels, (await whole(source.prepare(own, size, silent))).pixels)).toBe(0);
  });

  test.runIf(prepares)('prepare: pictures to crop are those of their size, and change nothing of the others', async () => {
    const crops = source.cropsFrom?.(own);
    if (crops === undefined) {
      expect(await source.prepare(own, 8, silent)).not.toHaveProperty('crops');
      return;
    }
    const without = Object.fromEntries(Object.entries(own).filter(([key]) => key !== 'crops_from'));
    const [small, large] = await Promise.all([8, crops].map((size) => whole(source.prepare(without, size, silent))));
    const preparation = await source.prepare(own, 8, silent);
    const found: Buffer[] = [];
    await preparation.decode((i, pixels, larger) => {
      expect(Buffer.compare(pixels, small!.pixels.subarray(i * 8 * 8 * 3, (i + 1) * 8 * 8 * 3))).toBe(0);
      found[i] = Buffer.from(larger!);
      return Promise.resolve();
    });
    expect(preparation.crops).toBe(crops);
    expect(Buffer.compare(Buffer.concat(found), large!.pixels)).toBe(0);
    expect(await source.prepare(own, crops, silent)).not.toHaveProperty('crops');
  });

  test.runIf(prepares)('dense tasks: their classes are those of the annotations, which every picture has and which lie in it', async () => {
    const dense = (await source.tasks(own)).flatMap(({ name: task }) => {
      const view = source.task(index, own, task, 1);
      return view.kind === 'classification' ? [] : [view];
    });
    const preparation = await source.prepare(own, source.size?.(own) ?? 8, silent);
    await whole(Promise.resolve(preparation));
    if (dense.length === 0) {
      expect(preparation.annotations).toBeUndefined();
      return;
    }
    const { classes, labelClasses, sizes, objects, labels } = await preparation.annotations!();
    expect(sizes).toHaveLength(index.records.length);
    for (const view of dense) {
      expect(view.classes).toEqual(view.kind === 'detection' ? classes : labelClasses ?? classes);
      for (const i of [view.train, view.validation, view.test].flatMap(({ indices }) => indices)) {
        const { height, width } = sizes[i]!;
        if (view.kind === 'segmentation') {
          const map = await labels(i);
          expect(map).toHaveLength(height * width);
          expect(map!.every((value) => value < view.classes.length || value === ignoredLabel)).toBe(true);
          continue;
        }
        expect(objects(i)).not.toBeNull();
        for (const { category, box: [left, top, across, down], area } of objects(i)!) {
          expect(category).toBeLessThan(classes.length);
          expect([left >= 0, top >= 0, across > 0, down > 0, left + across <= width, top + down <= height, area > 0]).toEqual(Array<boolean>(7).fill(true));
        }
      }
    }
  });
});
