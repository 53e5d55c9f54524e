import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AnnotatedObject } from '../../src/data/dense.js';
import { readAnnotations, readPreparedSet, writePrepared } from '../../src/data/prepared.js';
import { cocoSource } from '../../src/data/sources/coco/index.js';
import { emojiScenesSource } from '../../src/data/sources/emoji-scenes/index.js';
import { type JsonObject } from '../../src/files.js';
import { overlap } from '../../src/jobs/overlap.js';
import { prepare } from '../../src/jobs/prepare.js';
import { withoutTest } from '../../src/jobs/task-inputs.js';
import { transfer } from '../../src/jobs/transfer.js';
import { detection } from '../../src/jobs/transfer/detection.js';
import { ignoredLabel } from '../../src/data/dense.js';
import { averagePrecision, centredDisc, encodeMask, jaccard, poolCounts, segmentationScores } from '../../src/metrics/index.js';
import { validateResult } from '../../src/results/schema.js';
import type { DetectionTransfer, OverlapBody, PrepareBody, SegmentationTransfer } from '../../src/results/types.js';
import type { JobContext, JobFunction } from '../../src/runner/job.js';
import { withDefaults } from '../../src/suite/validate.js';
import { writeSafetensors } from '../../src/training/safetensors.js';
import { readImageSet } from '../data/image-set-files.js';
import { filled } from '../protocols/filled.js';
import { toyEncoder, toyModel } from '../protocols/toy.js';

/** A few small scenes, prepared by the job itself, and an encoder. */
let root: string;
const options = { size: 48, per_artist: 16 };
const logged: string[] = [];
const model = { name: 'custom', image_size: 8, patch_size: 4, width: 16, depth: 2, heads: 2, mlp_ratio: 2 };

async function run<Body>(job: JobFunction, kind: string, config: JsonObject, folder: string, inputs: Readonly<Record<string, string>> = {}): Promise<Body> {
  const context: JobContext = {
    job: { id: `${kind}/x`, kind, config, inputs: {}, modules: [], threads: 1, cost: { images: 0, flops: 0, bytes: 0 }, tags: {}, key: 'a'.repeat(64), code: 'b'.repeat(64) },
    folder, scratch: join(root, 'scratch'), input: (role) => join(root, inputs[role] ?? role),
    progress: () => undefined, startAnew: () => undefined, log: (line) => logged.push(line), phases: { enter: () => undefined },
  };
  const body = await job(context);
  const environment = { platform: 'linux-x64', cpu: 'some', cores: 2, node: '20.0.0', engine: null };
  validateResult({
    schema: 2, key: context.job.key, id: context.job.id, config, inputs: {}, code: context.job.code, version: '0.0.0', seed: 0, environment,
    startedAt: '2024-01-01T00:00:00.000Z', finishedAt: '2024-01-01T00:00:01.000Z', wallSeconds: 1, cpuSeconds: 1, peakMemoryBytes: 1, resumed: false, ...body,
  });
  return body as unknown as Body;
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'dense-'));
  const body = await run<PrepareBody>(prepare, 'prepare', { source: 'emoji_scenes', options, size: 48, fingerprint: await emojiScenesSource.fingerprint(options) }, join(root, 'data'));
  expect(body).toMatchObject({ kind: 'prepare', size: 48, images: 96, classes: 14, unreadable: [] });
  await writeSafetensors(join(root, 'encoder', 'encoder.safetensors'), toyEncoder());
});
afterAll(() => rm(root, { recursive: true }));

const config = (task: string): JsonObject => ({ task: { source: 'emoji_scenes', options, task }, model, seed: 0, precision: 'f32' });
const cell = (task: string, protocol: string, own: JsonObject): JsonObject => ({ ...config(task), protocol, options: filled(protocol, own), protocolHash: '0123456789ab' });

it('counts and names what COCO annotations hold that is odd', async () => {
  const path = join(root, 'coco');
  const square = { category_id: 1, bbox: [1, 1, 4, 4], segmentation: [[1, 1, 5, 1, 5, 5, 1, 5]] };
  for (const split of ['train2017', 'val2017']) {
    await mkdir(join(path, split), { recursive: true });
    await mkdir(join(path, 'annotations'), { recursive: true });
    await sharp(Buffer.alloc(8 * 8 * 3), { raw: { width: 8, height: 8, channels: 3 } }).png().toFile(join(path, split, `${split}.png`));
    await writeFile(join(path, 'annotations', `instances_${split}.json`), JSON.stringify({
      images: [{ id: 1, file_name: `${split}.png`, height: 8, width: 8 }],
      categories: [{ id: 1, name: 'kite' }],
      annotations: [{ id: 1 }, { id: 2, bbox: [1, 1, 0, 4] }, { id: 3, segmentation: [[1, 1, 5, 5, 5, 1, 1, 5]] }].map((own) => ({ image_id: 1, ...square, ...own })),
    }));
  }
  const given = withDefaults(cocoSource.schema, { path, size: 8 });
  logged.length = 0;
  const body = await run<PrepareBody>(prepare, 'prepare', { source: 'coco', options: given, size: 8, fingerprint: await cocoSource.fingerprint(given) }, join(root, 'coco-data'));
  expect(body).toMatchObject({ images: 2, classes: 1, leftOut: 1, asIs: 3 });
  const named = (split: string, what: string): string => `${join(path, 'annotations', `instances_${split}.json`)}: annotation ${what}`;
  expect(logged).toEqual(expect.arrayContaining([
    `left out: ${named('train2017', '2: its box has no area')}`,
    `taken as it is: ${named('val2017', '2: its box has no area: the metric counts it, as an object that nothing finds')}`,
    ...['train2017', 'val2017'].map((split) => `taken as it is: ${named(split, '3: a polygon of its segmentation crosses itself')}`),
  ]));
});

describe('a cell of segmentation', () => {
  it('holds the counts that its metrics follow from, and pictures of eight images', async () => {
    const body = await run<SegmentationTransfer>(transfer, 'transfer', cell('segmentation', 'linear-segmentation', { steps: 2, batch_size: 2 }), join(root, 'segmentation'));
    const classes = body.classes.length;
    expect(body).toMatchObject({ taskKind: 'segmentation', task: 'segmentation', nTrain: 48, nValidation: 16, nTest: 32, primary: 'miou', chance: 0 });
    expect(body.classes[0]).toBe('background');
    const counts = body.perImage.counts.map((image) => {
      const dense = { tp: new Array<number>(classes).fill(0), fp: new Array<number>(classes).fill(0), fn: new Array<number>(classes).fill(0) };
      for (let at = 0; at < image.length; at += 4) [dense.tp[image[at]!], dense.fp[image[at]!], dense.fn[image[at]!]] = [image[at + 1]!, image[at + 2]!, image[at + 3]!];
      return dense;
    });
    const pooled = poolCounts(counts);
    const scores = segmentationScores(pooled);
    expect(body.metrics.map(({ metric, value }) => [metric, value])).toEqual([['miou', scores.mIoU], ['pixel_accuracy', scores.pixelAccuracy], ['mean_accuracy', scores.meanAccuracy]]);
    expect(body.perClass).toEqual(scores.perClass);
    const right = pooled.tp.map((_, label) => body.confusion[label * (classes + 1)]!);
    expect(right).toEqual(pooled.tp);
    expect(body.confusion.reduce((sum, count) => sum + count, 0)).toBe(32 * 48 * 48);
    expect(body.pictures).toMatchObject({ file: 'predictions.png', columns: ['image', 'truth', 'predicted'] });
    const values = body.pictures!.rows.map(({ value }) => value);
    expect(values).toHaveLength(8);
    expect(values).toEqual(values.toSorted((a, b) => b - a));
    // Untrained, it is no better than saying background everywhere.
    const [set, annotations] = [await readPreparedSet(join(root, 'data')), await readAnnotations(join(root, 'data'))];
    const learnt = set.records.flatMap(({ id }, at) => (body.perImage.ids.includes(id) ? [] : [...annotations.labels(at)!]));
    expect(body.largestClass).toBeCloseTo(learnt.filter((label) => label === 0).length / learnt.length / classes, 12);
    expect(body.failedToLearn).toBe(body.trainAccuracy <= body.largestClass!);
  });
});

describe('a cell of detection', () => {
  it('trains nothing where the test pictures hold nothing to find', async () => {
    const nothing = {
      context: { input: () => join(root, 'data') }, config: {}, set: {}, common: {},
      task: { name: 'detection', test: { indices: [] } },
    } as unknown as Parameters<typeof detection>[1];
    const protocol = { run: () => Promise.reject(new Error('it was trained')) } as unknown as Parameters<typeof detection>[0];
    await expect(detection(protocol, nothing)).rejects.toThrow('no test picture has an object that counts: nothing could be found');
  });

  it('holds matches that AP follows from', async () => {
    const body = await run<DetectionTransfer>(transfer, 'transfer', cell('detection', 'mask-rcnn', { steps: 2, batch_size: 2, anchor: 2 }), join(root, 'detection'));
    expect(body).toMatchObject({ taskKind: 'detection', nTest: 32, primary: 'box_ap', chance: 0 });
    const value = (name: string): number | undefined => body.metrics.find(({ metric }) => metric === name)?.value;
    expect(value('box_ap')).toBe(averagePrecision(body.perImage.box).AP);
    expect(value('mask_ap50')).toBe(averagePrecision(body.perImage.mask!).AP50);
    expect(body.perClass.box).toHaveLength(body.classes.length);
    expect(body.precision.box.at50).toHaveLength(101);
    const objects = body.perImage.box.flat().reduce((sum, { truths }) => sum + truths, 0);
    const rows = body.confusion!.slice(0, body.classes.length * (body.classes.length + 1));
    expect(rows.reduce((sum, count) => sum + count, 0)).toBe(objects);
    // Two steps teach nothing, and so small boxes meet nothing by chance: blind guesses are better.
    expect(body.largestClass).toBeGreaterThan(0);
    expect(body.trainAccuracy).toBeLessThan(body.largestClass!);
    expect(body.failedToLearn).toBe(true);
    expect(value('box_ar_small')).toBeGreaterThanOrEqual(0);
    expect(body.perImage.box.flat().reduce((sum, { truths }) => sum + truths, 0)).toBeGreaterThan(32 * 3 - 1);
  });
});

/** How a judgement of one test picture of 48 by 48 pixels with such objects is judged; folder: a new one. */
async function judgedOne(folder: string, objects: readonly AnnotatedObject[], judgement: object): Promise<DetectionTransfer> {
  const place = join(root, folder);
  await mkdir(place);
  await copyFile(join(root, 'encoder', 'encoder.safetensors'), join(place, 'encoder.safetensors'));
  const { name, size, channels, records, pixels } = await readImageSet(join(root, 'data'));
  const annotations = await readAnnotations(join(root, 'data'));
  await writePrepared(place, {
    name, size, channels, records: records.slice(0, 1),
    async decode(put) {
      await put(0, pixels.subarray(0, pixels.length / records.length));
      return [];
    },
    annotations: () => Promise.resolve({ ...annotations, sizes: annotations.sizes.slice(0, 1), objects: () => objects, labels: () => null }),
  });
  const protocol = { judges: 'detection', run: () => Promise.resolve(judgement) } as unknown as Parameters<typeof detection>[0];
  const judging = {
    context: { input: () => place, folder: place, log: () => undefined }, config: {}, set: await readPreparedSet(place),
    task: { name: 'detection', classes: ['a'], test: { indices: [0] } }, common: {},
  };
  return (await detection(protocol, judging as unknown as Parameters<typeof detection>[1])).judged as unknown as DetectionTransfer;
}

it('where some test objects have no mask, or the network tells none, boxes alone are judged', async () => {
  const object = (id: number, mask: boolean) => ({ id, category: 0, box: [10 * id, 0, 5, 5] as const, area: 25, mask: mask ? encodeMask(new Uint8Array(48 * 48).fill(1, 0, 9), 48, 48) : null, crowd: false, difficult: false });
  const judged = (second: boolean, folder: string, masks = true) => judgedOne(folder, [object(1, true), object(2, second)], { detections: [[]], masks, trainScore: 0, blindScore: 0 });
  const some = await judged(false, 'some');
  expect([some.unmasked, some.perImage.mask, some.perClass.mask]).toEqual([{ objects: 1, of: 2 }, null, null]);
  const all = await judged(true, 'all');
  expect(all.unmasked).toBeUndefined();
  expect(all.perImage.mask).not.toBeNull();
  // What tells no masks has none to judge, also where it found nothing.
  const boxes = await judged(true, 'boxes', false);
  expect([boxes.unmasked, boxes.perImage.mask, boxes.perClass.mask, boxes.metrics.filter(({ metric }) => metric.startsWith('mask'))]).toEqual([{ objects: 0, of: 2 }, null, null, []]);
});

it('boxes are judged by boxes and masks by masks, and precision at 0.75 by what overlaps so far', async () => {
  /** A box of whole pixels and its mask. */
  const at = (left: number, top: number, wide: number, high: number) => ({
    box: [left, top, wide, high] as const,
    mask: encodeMask(Uint8Array.from({ length: 48 * 48 }, (_, i) => Number(i % 48 >= left && i % 48 < left + wide && Math.floor(i / 48) >= top && Math.floor(i / 48) < top + high)), 48, 48),
  });
  // The box overlaps by 0.6, so it counts at 0.5, 0.55 and 0.6; its mask lies elsewhere.
  const found = { category: 0, score: 0.9, box: at(2, 2, 10, 6).box, mask: at(20, 20, 10, 10).mask };
  const judged = await judgedOne('apart', [{ id: 1, category: 0, ...at(2, 2, 10, 10), area: 100, crowd: false, difficult: false }], { detections: [[found]], masks: true, trainScore: 1, blindScore: 0 });
  const value = (metric: string): number | undefined => judged.metrics.find((one) => one.metric === metric)?.value;
  expect([value('box_ap50'), value('box_ap75'), value('mask_ap50'), value('mask_ap')]).toEqual([expect.closeTo(1, 12), 0, 0, 0]);
  expect(value('box_ap')).toBeCloseTo(0.3, 12);
  expect([judged.perClass.box[0], judged.perClass.mask![0]]).toEqual([expect.closeTo(0.3, 12), 0]);
  const [box, mask] = [judged.precision.box, judged.precision.mask!];
  expect([box.at50, box.at75, mask.at50, mask.at75].map((curve) => [curve.length, Math.max(...curve), Math.min(...curve)])).toEqual([[101, expect.closeTo(1, 12), expect.closeTo(1, 12)], [101, 0, 0], [101, 0, 0], [101, 0, 0]]);
});

describe('what protocols are handed', () => {
  it('has no truth of a test picture', async () => {
    const [set, annotations] = await Promise.all([readPreparedSet(join(root, 'data')), readAnnotations(join(root, 'data'))]);
    const task = emojiScenesSource.task(set, options, 'detection', 0);
    if (task.kind === 'classification') throw new Error('a dense task is wanted');
    const open = withoutTest(annotations, task);
    expect(open.objects(task.train.indices[0]!)).toEqual(annotations.objects(task.train.indices[0]!));
    for (const index of task.test.indices) {
      expect(() => open.objects(index)).toThrow('test picture');
      expect(() => open.labels(index)).toThrow('test picture');
      expect(open.sizes[index]).toEqual({ height: 48, width: 48 });
    }
  });
});

describe('attention and objects', () => {
  it('of an encoder that looks evenly is the first 60 % of the patches', async () => {
    // Without queries and keys every patch has the same weight: of 12 x 12 patches the first 87 hold 60 %.
    const even = new Map([...toyEncoder()].map(([name, tensor]) => [name, name.includes('attn.qkv') ? { ...tensor, data: new Float32Array(tensor.data.length) } : tensor]));
    await writeSafetensors(join(root, 'even', 'encoder.safetensors'), even);
    const body = await run<OverlapBody>(overlap, 'overlap', config('segmentation'), join(root, 'overlap'), { encoder: 'even' });
    expect(toyModel).toMatchObject({ patchSize: 4, heads: 2 });
    const [set, annotations] = await Promise.all([readPreparedSet(join(root, 'data')), readAnnotations(join(root, 'data'))]);
    const kept = Array.from({ length: 48 * 48 }, (_, pixel) => Number(Math.floor(Math.floor(pixel / 48) / 4) * 12 + Math.floor((pixel % 48) / 4) < 87));
    expect(body.perImage.ids).toHaveLength(32);
    body.perImage.ids.forEach((id, at) => {
      const objects = annotations.labels(set.records.findIndex((record) => record.id === id))!.map((label) => Number(label > 0));
      const expected = jaccard(kept, objects);
      expect(body.perImage.jaccard[at]).toEqual([expected, expected]);
      expect(body.perImage.disc[at]).toBe(jaccard(centredDisc(87 * 16, 48, 48), objects));
      expect(body.perImage.random[at]).toBeGreaterThan(0);
    });

    // With one head even, the disc is as large as the patches of the head that lies best: 87 patches where that is the even one.
    const halfEven = new Map([...toyEncoder()].map(([name, tensor]) => {
      if (!name.includes('attn.qkv')) return [name, tensor];
      const out = 3 * toyModel.width;
      const place = (at: number): number => (tensor.shape.at(-1) === out ? at % out : Math.floor(at / (tensor.data.length / out)));
      return [name, { ...tensor, data: tensor.data.map((value, at) => (place(at) % toyModel.width < toyModel.width / toyModel.heads && place(at) < 2 * toyModel.width ? 0 : 8 * value)) }];
    }));
    await writeSafetensors(join(root, 'half-even', 'encoder.safetensors'), halfEven);
    const half = await run<OverlapBody>(overlap, 'overlap', config('segmentation'), join(root, 'overlap'), { encoder: 'half-even' });
    const best = half.perImage.jaccard.map(([first, second]) => (second! > first! ? 1 : 0));
    expect(new Set(best)).toEqual(new Set([0, 1]));
    expect(half.perImage.jaccard.map(([first]) => first)).toEqual(body.perImage.jaccard.map(([first]) => first));
    expect(half.perImage.disc.map((disc, at) => disc === body.perImage.disc[at])).toEqual(best.map((head) => head === 0));

    // The same pictures, of which two test ones show nothing.
    const { name, size, channels, records, pixels } = await readImageSet(join(root, 'data'));
    const task = emojiScenesSource.task(set, options, 'segmentation', 0);
    const empty = new Set(task.test.indices.slice(1, 3));
    const length = pixels.length / records.length;
    const write = (folder: string, labels: (index: number) => Uint8Array): Promise<unknown> => writePrepared(join(root, folder), {
      name, size, channels, records,
      async decode(put) {
        for (const index of records.keys()) await put(index, pixels.subarray(index * length, (index + 1) * length));
        return [];
      },
      annotations: () => Promise.resolve({ ...annotations, labels }),
    });
    await write('two-empty', (index) => (empty.has(index) ? new Uint8Array(48 * 48) : annotations.labels(index)!));
    const fewer = await run<OverlapBody>(overlap, 'overlap', config('segmentation'), join(root, 'overlap'), { encoder: 'even', data: 'two-empty' });
    const left = <T>(values: readonly T[]): readonly T[] => values.filter((_, at) => at !== 1 && at !== 2);
    expect(fewer.perImage).toEqual({ ids: left(body.perImage.ids), jaccard: left(body.perImage.jaccard), disc: left(body.perImage.disc), random: left(body.perImage.random) });

    // And with a band across the middle that does not count, neither for the patches nor for the disc.
    const band = (pixel: number): boolean => pixel >= 20 * 48 && pixel < 28 * 48;
    const banded = (index: number): Uint8Array => annotations.labels(index)!.map((label, pixel) => (band(pixel) ? ignoredLabel : label));
    await write('banded', banded);
    const counted = await run<OverlapBody>(overlap, 'overlap', config('segmentation'), join(root, 'overlap'), { encoder: 'even', data: 'banded' });
    const region = kept.map((one, pixel) => (band(pixel) ? 0 : one));
    const area = region.reduce((sum, one) => sum + one, 0);
    counted.perImage.ids.forEach((id, at) => {
      const objects = banded(set.records.findIndex((record) => record.id === id)).map((label) => Number(label > 0 && label !== ignoredLabel));
      expect(counted.perImage.jaccard[at]![0]).toBe(jaccard(region, objects));
      expect(counted.perImage.disc[at]).toBe(jaccard(centredDisc(area, 48, 48, (pixel) => !band(pixel)), objects));
    });
  });
});
