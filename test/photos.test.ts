import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { registries, suiteMembers } from '../src/catalog.js';
import type { ImageIndex } from '../src/data/image-set.js';
import { dataSources } from '../src/data/sources/index.js';
import type { DataSource } from '../src/data/source.js';
import type { JsonObject } from '../src/files.js';
import { loadSuite } from '../src/suite/load.js';
import { whole } from './data/whole.js';
import { classification } from './data/classification.js';

/**
 * Real photographs: the folder that MASKBENCH_DATA names, or `shared/data` beside the repository. Its README tells what
 * is in it; the numbers here were counted and read off the files with shell tools and Pillow.
 */
const data = process.env['MASKBENCH_DATA'] ?? fileURLToPath(new URL('../../shared/data', import.meta.url));
const present = existsSync(join(data, 'cifar100'));
const title = present ? `photographs in ${data}` : `photographs: SKIPPED, there is no folder ${join(data, 'cifar100')} (set MASKBENCH_DATA)`;

const count = <T>(values: Iterable<T>): ReadonlyMap<T, number> => {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
};
const silent = (): void => undefined;

const photosSuite = fileURLToPath(new URL('../suites/photos.yaml', import.meta.url));

it('suites/photos.yaml is a right suite, with or without its data', async () => {
  const suite = await loadSuite(photosSuite, suiteMembers(await registries()));
  expect(suite.suite.tasks.map(({ name }) => name)).toEqual(['cifar10/all', 'flowers17/all', 'caltech101/all', 'dtd/all', 'food101/all', 'stanford_cars/all', 'scene15/all', 'tiny_imagenet/all', 'oxford_pets/breeds', 'camvid/segmentation', 'pets/trimaps', 'coco/detection', 'bccd/detection']);
});

describe.skipIf(!present)(title, () => {
  const cache = mkdtempSync(join(tmpdir(), 'maskbench-photos-'));
  beforeEach(() => {
    vi.stubEnv('MASKBENCH_DATA', data);
    vi.stubEnv('MASKBENCH_CACHE', cache);
  });
  afterAll(() => rmSync(cache, { recursive: true, force: true }));

  describe('CIFAR-100', () => {
    const options = { path: 'cifar100/cifar-100-binary' };
    let source: DataSource;
    let index: ImageIndex;
    beforeAll(async () => {
      vi.stubEnv('MASKBENCH_DATA', data);
      source = await dataSources['cifar100']!();
      index = await source.index(options);
    });

    it('has 150 training and 30 test images of each of 100 classes, 5 classes in each of 20 groups', () => {
      expect(index.records).toHaveLength(18_000);
      const by = (split: 'train' | 'test'): ReadonlyMap<string, number> => count(index.records.filter((r) => r.split === split).map(({ label }) => label));
      expect(new Set(by('train').values())).toEqual(new Set([150]));
      expect(new Set(by('test').values())).toEqual(new Set([30]));
      expect(by('train').size).toBe(100);
      const classesOf = count([...new Set(index.records.map(({ label, group }) => `${group} ${label}`))].map((pair) => pair.split(' ')[0]!));
      expect([...classesOf.values()]).toEqual(Array<number>(20).fill(5));
      expect(new Set(index.records.filter(({ group }) => group === 'vehicles_1').map(({ label }) => label))).toEqual(new Set(['bicycle', 'bus', 'motorcycle', 'pickup_truck', 'train']));
    });

    it('starts with the lizard and the pixels that stand in the file', async () => {
      // train.bin begins 15 44 77 76 ...; byte 1026 (green) is 66, byte 2050 (blue) 35. test.bin begins 10 33 105.
      expect(index.records[0]).toMatchObject({ id: 'train.bin#0', label: 'lizard', group: 'reptiles', split: 'train', side: 'B' });
      expect(index.records[15_000]).toMatchObject({ id: 'test.bin#0', label: 'forest', group: 'large_natural_outdoor_scenes', split: 'test' });
      const set = await whole(source.prepare(options, 32, silent));
      expect([...set.pixels.subarray(0, 6)]).toEqual([77, 66, 35, 76, 69, 47]);
      expect(set.pixels[15_000 * 3072]).toBe(105);
      expect(set.unreadable).toEqual([]);
    });

    it('falls into two sides that pre-training draws equally from', () => {
      const sides = count([...new Map(index.records.map(({ label, side }) => [label, side])).values()]);
      expect(Object.fromEntries(sides)).toEqual({ A: 35, B: 65 });
      const side = Object.fromEntries(index.records.map((r) => [r.label, r.side]));
      expect(['oak_tree', 'apple', 'girl', 'shark', 'mushroom'].map((l) => side[l])).toEqual(['B', 'B', 'B', 'B', 'B']);
      expect(['castle', 'plain', 'cloud', 'wardrobe', 'tank', 'sea'].map((l) => side[l])).toEqual(['A', 'A', 'A', 'A', 'A', 'A']);
      const views = (['full', 'split-a', 'split-b', 'random'] as const).map((subset) => source.pretrain(index, options, subset, 0));
      expect(views.map(({ indices }) => indices.length)).toEqual([15_000, 35 * 150, 35 * 150, 35 * 150]);
      expect(views.flatMap(({ indices }) => indices).every((i) => i < 15_000)).toBe(true);
    });
  });

  it('CIFAR-10 has 300 training and 200 test images a class, and the pixels of its files', async () => {
    const source = await dataSources['cifar10']!();
    const options = { path: 'cifar10/cifar-10-batches-bin' };
    const set = await whole(source.prepare(options, 32, silent));
    expect(set.records).toHaveLength(5000);
    // data_batch_1.bin begins 9 187; test_batch.bin's record 7 has label 7 and green 152 at x 9, y 5.
    expect(set.records[0]).toMatchObject({ id: 'data_batch_1.bin#0', label: 'truck' });
    expect(set.pixels[0]).toBe(187);
    expect(set.records[3007]).toMatchObject({ id: 'test_batch.bin#7', label: 'horse', split: 'test' });
    expect(set.pixels[3007 * 3072 + (5 * 32 + 9) * 3 + 1]).toBe(152);
    const task = classification(source.task(set, options, 'all', 0));
    expect([task.train, task.validation, task.test].map(({ indices }) => indices.length)).toEqual([2400, 600, 2000]);
    expect(task.side).toBe('mixed');
  });

  const folders: readonly (readonly [string, number, number, number])[] = [
    ['caltech101', 24, 1263, 960],
    ['flowers17', 17, 680, 680],
    ['dtd', 10, 600, 400],
    ['imagenette', 10, 600, 400],
    ['tiny_imagenet', 22, 1320, 880],
    ['food101', 10, 600, 400],
    ['stanford_cars', 18, 432, 288],
    ['scene15', 15, 900, 600],
  ];
  it.each(folders)('%s has %i classes, %i training and %i test images', async (name, classes, train, test) => {
    const source = await dataSources['folder']!();
    const options: JsonObject = { path: name, primary: 'mean_per_class', sides: {}, side: null };
    const index = await source.index(options);
    const task = classification(source.task(index, options, 'all', 0));
    expect([task.classes.length, task.train.indices.length + task.validation.indices.length, task.test.indices.length]).toEqual([classes, train, test]);
    expect(task.primary).toBe('mean_per_class');
  });

  it('flowers17 decodes wholly, as Pillow does', async () => {
    const source = await dataSources['folder']!();
    const options: JsonObject = { path: 'flowers17', primary: 'mean_per_class', sides: {}, side: 'B' };
    const set = await whole(source.prepare(options, 32, silent));
    expect(set.unreadable).toEqual([]);
    const at = set.records.findIndex(({ id }) => id === 'test/01_daffodil/image_0001.jpg');
    // Pillow: resize((32, 32), BICUBIC).getpixel((16, 16)); the two JPEG decoders may differ a little.
    const pixel = [...set.pixels.subarray((at * 1024 + 16 * 32 + 16) * 3, (at * 1024 + 16 * 32 + 16) * 3 + 3)];
    [186, 172, 55].forEach((value, c) => expect(Math.abs(pixel[c]! - value)).toBeLessThanOrEqual(2));
    expect(classification(source.task(set, options, 'all', 0)).side).toBe('B');
  });

  it('oxford_pets decodes wholly, as Pillow does, and splits by its lists', async () => {
    const source = await dataSources['oxford_pets']!();
    const options: JsonObject = { path: 'oxford_pets' };
    const set = await whole(source.prepare(options, 32, silent));
    expect(set.unreadable).toEqual([]);
    const of = (split: string) => Object.fromEntries(count(set.records.filter((r) => r.split === split).map(({ label, group }) => `${label} ${group}`)));
    expect(of('train')).toEqual({ 'Abyssinian cat': 100, 'Bengal cat': 100, 'american_bulldog dog': 100 });
    expect(of('test')).toEqual({ 'Abyssinian cat': 98, 'Bengal cat': 100, 'american_bulldog dog': 100 });
    const at = set.records.findIndex(({ id }) => id === 'images/Abyssinian_201.jpg');
    // Pillow: crop((16, 0, 112, 96)), resize((32, 32), BICUBIC).getpixel((4, 20)).
    const pixel = [...set.pixels.subarray((at * 1024 + 20 * 32 + 4) * 3, (at * 1024 + 20 * 32 + 4) * 3 + 3)];
    [227, 152, 84].forEach((value, c) => expect(Math.abs(pixel[c]! - value)).toBeLessThanOrEqual(2));
    const task = classification(source.task(set, options, 'breeds', 0));
    expect([task.train, task.validation, task.test].map(({ indices }) => indices.length)).toEqual([240, 60, 298]);
    expect(task.side).toBe('B');
  });

  it('tiny_imagenet and imagenette get their sides from wnids', async () => {
    const source = await dataSources['folder']!();
    const sidesOf = async (path: string): Promise<Record<string, unknown>> =>
      Object.fromEntries((await source.index({ path, primary: 'top1', sides: {}, side: null })).records.map(({ label, side }) => [label, side]));
    // Tench and English springer; cassette player, chain saw, church, French horn, garbage truck, gas pump, golf ball, parachute.
    expect(await sidesOf('imagenette')).toEqual({ n01440764: 'B', n02102040: 'B', n02979186: 'A', n03000684: 'A', n03028079: 'A', n03394916: 'A', n03417042: 'A', n03425413: 'A', n03445777: 'A', n03888257: 'A' });
    // By its classes.txt: alligator, brain coral, sea slug, poodle, lion, ox, baboon; mashed potato, orange, pomegranate, meat loaf, pizza. All else is made.
    const living = ['n01698640', 'n01917289', 'n01950731', 'n02113799', 'n02129165', 'n02403003', 'n02486410', 'n07711569', 'n07747607', 'n07768694', 'n07871810', 'n07873807'];
    const made = ['n02814860', 'n02823428', 'n02841315', 'n02948072', 'n03837869', 'n04008634', 'n04398044', 'n04465501', 'n04596742', 'n06596364'];
    expect(await sidesOf('tiny_imagenet')).toEqual(Object.fromEntries([...living.map((id) => [id, 'B']), ...made.map((id) => [id, 'A'])]));
  });

  it('carry every task and every pre-training set of suites/photos.yaml', async () => {
    const { suite } = await loadSuite(photosSuite, suiteMembers(await registries()));
    const sides: Record<string, string> = {};
    for (const { name, data: set, task } of suite.tasks) {
      const { source: sourceName, options } = suite.data.find((d) => d.name === set)!;
      const source = await dataSources[sourceName]!();
      const view = source.task(await source.index(options), options, task, 0);
      expect(Math.min(view.train.indices.length, view.validation.indices.length, view.test.indices.length)).toBeGreaterThan(50);
      sides[name] = view.side;
    }
    expect(sides).toEqual({ 'cifar10/all': 'mixed', 'flowers17/all': 'B', 'caltech101/all': 'mixed', 'dtd/all': 'mixed', 'food101/all': 'B', 'stanford_cars/all': 'A', 'scene15/all': 'A', 'tiny_imagenet/all': 'mixed', 'oxford_pets/breeds': 'B', 'camvid/segmentation': 'mixed', 'pets/trimaps': 'B', 'coco/detection': 'mixed', 'bccd/detection': 'mixed' });
  });

  it('coco_mini serves as unlabelled images', async () => {
    const source = await dataSources['unlabelled']!();
    const set = await whole(source.prepare({ path: 'coco_mini/train2017' }, 16, silent));
    expect([set.records.length, set.unreadable.length]).toEqual([294, 0]);
    expect(source.pretrain(set, { path: '' }, 'full', 0).indices).toHaveLength(294);
  });
});
