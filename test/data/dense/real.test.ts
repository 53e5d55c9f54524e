import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ToldAnnotations } from '../../../src/data/dense.js';
import type { DenseTask, ImageSet } from '../../../src/data/image-set.js';
import { dataSources } from '../../../src/data/sources/index.js';
import type { JsonObject } from '../../../src/files.js';
import { maskArea } from '../../../src/metrics/index.js';
import { withDefaults } from '../../../src/suite/validate.js';
import { whole } from '../whole.js';

/** Real pictures in the folder that MASKBENCH_DATA names. The numbers were counted in its files with Python, and stand in its README. */
const data = process.env['MASKBENCH_DATA'] ?? '';
const present = existsSync(join(data, 'coco_mini'));

describe.skipIf(!present)(present ? `dense data in ${data}` : 'dense data: SKIPPED, MASKBENCH_DATA names no folder with coco_mini', () => {
  const cache = mkdtempSync(join(tmpdir(), 'maskbench-dense-'));
  beforeEach(() => {
    vi.stubEnv('MASKBENCH_CACHE', cache);
  });
  afterAll(() => rmSync(cache, { recursive: true, force: true }));

  const open = async (name: string, given: JsonObject): Promise<{ readonly set: ImageSet; readonly task: DenseTask; readonly annotations: ToldAnnotations }> => {
    const source = await dataSources[name]!();
    const options = withDefaults(source.schema, { size: 32, ...given });
    const preparation = await source.prepare(options, 32, () => undefined);
    const set = await whole(Promise.resolve(preparation));
    expect(set.unreadable).toEqual([]);
    const [task] = await source.tasks(options);
    return { set, task: source.task(set, options, task!.name, 0) as DenseTask, annotations: await preparation.annotations!() };
  };
  const sizes = ({ train, validation, test }: DenseTask) => [train, validation, test].map(({ indices }) => indices.length);
  const objectsOf = ({ set, annotations }: Awaited<ReturnType<typeof open>>) => set.records.flatMap((_, i) => annotations.objects(i)!);
  const pixelsOf = async ({ set, annotations }: Awaited<ReturnType<typeof open>>) => {
    const counts = new Map<number, number>();
    for (let i = 0; i < set.records.length; i++) (await annotations.labels(i))!.forEach((label) => counts.set(label, (counts.get(label) ?? 0) + 1));
    return counts;
  };

  it('coco_mini has 266 and 284 images with 4,679 objects, 45 of them crowds, and areas near those of their masks', async () => {
    const coco = await open('coco', { path: 'coco_mini' });
    const objects = objectsOf(coco);
    expect([sizes(coco.task), objects.length, objects.filter(({ crowd }) => crowd).length, coco.annotations.classes.length]).toEqual([[213, 53, 284], 4679, 45, 80]);
    const named = (reason: string): number => coco.annotations.asIs!.filter((one) => one.includes(reason)).length;
    expect([coco.annotations.leftOut!.length, coco.annotations.asIs!.length]).toEqual([0, 31]);
    // 8 and 16 annotations of the two files have an area of 0 by pycocotools' decoding.
    expect([named('crosses itself'), named('has no pixel')]).toEqual([7, 24]);
    const far = objects.filter(({ area, mask }) => Math.abs(maskArea(mask!) - area) > 12 + 0.2 * area);
    expect(far.length).toBeLessThan(0.02 * objects.length);
  });

  it('coco_mini has label maps of 200 images', async () => {
    const options = { path: 'coco_mini', classes: 'semantic/classes.txt', ignore: [0], train_images: 'train2017', train_masks: 'semantic/train2017', test_images: 'val2017', test_masks: 'semantic/val2017' };
    const semantic = await open('masks', options);
    expect(sizes(semantic.task)).toEqual([80, 20, 100]);
    expect(semantic.task.classes).toHaveLength(133);
  });

  it('bccd has 205, 87 and 72 pictures with 4,153 red cells, 372 white ones and 361 platelets', async () => {
    const bccd = await open('voc', { path: 'bccd' });
    const count = (name: string): number => objectsOf(bccd).filter(({ category }) => bccd.annotations.classes[category] === name).length;
    expect([sizes(bccd.task), count('RBC'), count('WBC'), count('Platelets')]).toEqual([[205, 87, 72], 4153, 372, 361]);
  });

  it('camvid has 367, 101 and 233 pictures, most of them road and building', async () => {
    const camvid = await open('masks', { path: 'camvid', ignore: [11], val_images: 'val', val_masks: 'valannot' });
    expect([sizes(camvid.task), camvid.task.classes]).toEqual([[367, 101, 233], ['Sky', 'Building', 'Pole', 'Road', 'Pavement', 'Tree', 'SignSymbol', 'Fence', 'Car', 'Pedestrian', 'Bicyclist']]);
    const pixels = await pixelsOf(camvid);
    expect([0, 3, 10, 255].map((label) => pixels.get(label))).toEqual([1_362_456, 2_525_480, 46_005, 310_004]);
  });

  it('oxford_pets has trimaps of all 598 pictures', async () => {
    const pets = await open('oxford_pets_trimaps', { path: 'oxford_pets' });
    expect(sizes(pets.task)).toEqual([240, 60, 298]);
    const pixels = await pixelsOf(pets);
    expect([0, 1, 255].map((label) => pixels.get(label))).toEqual([4_266_682, 2_030_804, 905_970]);
  });
});
