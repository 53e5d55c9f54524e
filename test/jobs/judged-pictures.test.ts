import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { AnnotatedObject, Annotations } from '../../src/data/dense.js';
import type { PreparedSet } from '../../src/data/image-set.js';
import { detection } from '../../src/jobs/transfer/detection.js';
import { segmentation } from '../../src/jobs/transfer/segmentation.js';
import { type Detection, encodeMask } from '../../src/metrics/index.js';
import type * as Metrics from '../../src/metrics/index.js';
import type { DetectionTransfer, SegmentationTransfer } from '../../src/results/types.js';
import { temporaryFolder } from '../temporary-folder.js';

/** What is known of the pictures, in place of a store's files; and how many masks became pixels. */
const shared = vi.hoisted((): { truth: unknown; decoded: number } => ({ truth: null, decoded: 0 }));
vi.mock('../../src/jobs/task-inputs.js', async (original) => ({ ...await original<object>(), readTruth: () => Promise.resolve(shared.truth) }));
vi.mock('../../src/jobs/encoder-file.js', async (original) => ({ ...await original<object>(), readEncoder: () => Promise.resolve(new Map()) }));
vi.mock('../../src/metrics/index.js', async (original) => {
  const metrics = await original<typeof Metrics>();
  return {
    ...metrics,
    decodeMask(mask: Metrics.Rle) {
      shared.decoded++;
      return metrics.decodeMask(mask);
    },
  };
});

const side = 96;
let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
  shared.decoded = 0;
});

/** Grey pictures, of which the first one trains and the others test. */
const setOf = (count: number): PreparedSet => ({
  name: 'grey', size: side, channels: 3, unreadable: [], pixels: new Uint8Array(count * side * side * 3).fill(100),
  records: Array.from({ length: count }, (_, i) => ({ id: `picture ${i}`, label: '', group: null, domain: null, split: null, side: null })),
});
const judging = (set: PreparedSet, classes: readonly string[]) => ({
  context: { input: () => folder, folder, log: () => undefined }, config: {}, set, common: {},
  task: { name: 'grey', classes, train: { indices: [0] }, validation: { indices: [] }, test: { indices: set.records.slice(1).map((_, at) => at + 1) } },
});

describe('a cell of segmentation', () => {
  const judged = async (truth: readonly Uint8Array[], maps: readonly Uint8Array[], labels: Annotations['labels']): Promise<SegmentationTransfer> => {
    shared.truth = { classes: ['a', 'b'], sizes: truth.map(() => ({ height: 2, width: 2 })), objects: () => null, labels } satisfies Annotations;
    const protocol = { judges: 'segmentation', run: () => Promise.resolve({ maps, trainScore: 1, blindScore: 0.25 }) } as unknown as Parameters<typeof segmentation>[0];
    return (await segmentation(protocol, judging(setOf(truth.length), ['a', 'b']) as unknown as Parameters<typeof segmentation>[1])).judged as unknown as SegmentationTransfer;
  };
  // One to train on, of which three quarters are one class; then 4, 3, ... pixels of four right, again and again, of other classes each.
  const truth = [Uint8Array.of(0, 0, 1, 0), ...Array.from({ length: 12 }, (_, at) => new Uint8Array(4).fill(at % 2))];
  const maps = truth.slice(1).map((map, at) => map.map((label, pixel) => (pixel < at % 5 ? 1 - label : label)));

  it('looks at one label map at a time: each may lie where the one before lay', async () => {
    const place = new Uint8Array(4);
    const again = await judged(truth, maps, (index) => {
      place.set(truth[index]!);
      return place;
    });
    const apart = await judged(truth, maps, (index) => truth[index]!);
    expect(again).toEqual(apart);
    expect([apart.largestClass, apart.failedToLearn]).toEqual([0.25, false]);
    // Right are 4, 3, 2, 1, 0, 4, 3, 2, 1, 0, 4, 3 pixels, of the classes in turn.
    expect(apart.confusion).toEqual([14, 10, 11, 13]);
    expect(apart.pictures!.rows.map(({ value }) => value)).toEqual([1, 1, 1, 0.75, 0.25, 0.25, 0, 0]);
  });

  it('does not show a picture of which nothing is judged, which is neither good nor bad', async () => {
    const some = [...truth, new Uint8Array(4).fill(255)];
    const body = await judged(some, [...maps, new Uint8Array(4)], (index) => some[index]!);
    expect(body.perImage.counts.at(-1)).toEqual([]);
    expect(body.pictures!.rows).toHaveLength(8);
    expect(body.pictures!.rows.map(({ id }) => id)).not.toContain('picture 13');
    expect(body.pictures!.rows.at(-1)!.value).toBe(0);
    const few = [truth[0]!, truth[1]!, new Uint8Array(4).fill(255)];
    expect((await judged(few, [maps[0]!, new Uint8Array(4)], (index) => few[index]!)).pictures!.rows.map(({ id, value }) => [id, value])).toEqual([['picture 1', 1]]);
  });
});

describe('a cell of detection', () => {
  const inside = (from: number, to: number) => encodeMask(Uint8Array.from({ length: side * side }, (_, pixel) => Number(pixel % side >= from && pixel % side < to)), side, side);
  const box = [0, 0, side, side] as const;
  const object = (id: number, category: number, from: number, to: number): AnnotatedObject => ({ id, category, box, area: side * (to - from), mask: inside(from, to), crowd: false, difficult: false });
  const find = (score: number, category: number, from: number, to: number): Detection => ({ category, score, box, mask: inside(from, to) });

  it('makes pixels of the masks of the eight pictures that it shows, and of no others', async () => {
    // Two objects each, the later one over the right half of the first; the surest find is the left half.
    const truths = Array.from({ length: 21 }, (_, i) => [object(2 * i + 1, 0, 0, 48), object(2 * i + 2, 1, 24, 48)]);
    const found = truths.slice(1).map((_, at) => (at % 2 === 0 ? [] : [find(0.9, 1, 0, 24), find(0.8, 0, 0, 48)]));
    shared.truth = { classes: ['a', 'b'], sizes: truths.map(() => ({ height: side, width: side })), objects: (index) => truths[index]!, labels: () => null } satisfies Annotations;
    const protocol = { judges: 'detection', run: () => Promise.resolve({ detections: found, masks: true, trainScore: 0, blindScore: 0 }) } as unknown as Parameters<typeof detection>[0];
    const { pictures } = (await detection(protocol, judging(setOf(21), ['a', 'b']) as unknown as Parameters<typeof detection>[1])).judged as unknown as DetectionTransfer;
    expect(pictures!.rows.map(({ id, value }) => [id, value])).toEqual([...[2, 4, 6, 8].map((i) => [`picture ${i}`, 1]), ...[13, 15, 17, 19].map((i) => [`picture ${i}`, 0])]);
    // Of eight pictures two objects, and of four of them two finds.
    expect(shared.decoded).toBe(8 * 2 + 4 * 2);
    const { data, info } = await sharp(readFileSync(join(folder, pictures!.file))).raw().toBuffer({ resolveWithObject: true });
    const at = (column: number, x: number): readonly number[] => [...data.subarray((10 * info.width + column * 100 + x) * 4, (10 * info.width + column * 100 + x) * 4 + 3)];
    // What lies on top: the later object, the surer find; grey where there is nothing.
    const [first, second, grey] = [at(1, 10), at(1, 30), at(1, 60)];
    expect(grey).toEqual([100, 100, 100]);
    expect(new Set([first, second, grey].map(String)).size).toBe(3);
    expect([at(2, 10), at(2, 30), at(2, 60)]).toEqual([second, first, grey]);
  });
});
