import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planSuite, type PlannedSuite } from '../../src/catalog.js';
import { planTotals } from '../../src/cli/plan.js';
import { storedRecord } from '../../src/cli/stored-record.js';
import { writeReports } from '../../src/report/index.js';
import type { PretrainBody, Result, RunRecord, TransferBody } from '../../src/results/types.js';
import { runPlan } from '../../src/runner/run.js';
import { openStore, type Store } from '../../src/runner/store.js';
import { readSafetensors } from '../../src/training/safetensors.js';
import { temporaryFolder } from '../temporary-folder.js';
import { writePictures } from './pictures.js';
import { plant, unplant } from './plant.js';
import { expectMeasurable } from './stand-ins.js';

/** Encoders that are judged on their way, from suite to report: of a method that trains one, and of one that searches. */
const suiteText = (data: string): string => `
name: on-the-way
seeds: 1
attention: 0
model: { name: custom, image_size: 8, patch_size: 4, width: 16, depth: 1, heads: 2, mlp_ratio: 2 }
data: { shapes: { source: folder, path: ${data} } }
pretrain: { batch_size: 16, schedule: { epochs: 2 } }
methods:
  mae: { decoder: { width: 16, depth: 1, heads: 2 }, warmup_epochs: 1, base_lr: 0.1 }
  planted: { decoder: { width: 16, depth: 1, heads: 2 }, warmup_epochs: 1, base_lr: 0.1, clusters: 5 }
reference: mae
entries:
  - { name: scratch, method: scratch }
  - { name: mae, method: mae }
  - { name: planted, method: planted, start: mae, controls: [] }
tasks: [shapes/all]
protocols: { fine-tune: { lr: 0.001, steps: 4, batch_size: 8 }, knn: { k: 3 } }
snapshots: { at: [0.5], protocols: [fine-tune, knn] }
`;

let root: string;
let planned: PlannedSuite;
let store: Store;
let record: RunRecord;
const keyOf = (id: string): string => planned.plan.jobs.find((one) => one.id === id)!.key;
const resultOf = <Body>(id: string): Result & Body => record.results.find(({ key }) => key === keyOf(id)) as unknown as Result & Body;
const normAt = async (...path: readonly string[]): Promise<readonly number[]> => [...(await readSafetensors(join(...path, 'encoder.safetensors'))).get('norm.weight')!.data];

afterAll(unplant);
beforeAll(async () => {
  await plant();
  root = temporaryFolder();
  await writePictures(join(root, 'data'));
  await writeFile(join(root, 'suite.yaml'), suiteText(join(root, 'data')));
  planned = await planSuite(join(root, 'suite.yaml'));
  store = await openStore(join(root, 'store'));
  const { counts } = await runPlan({
    plan: planned.plan, store, version: '0.0.0', tensors: {},
    jobs: new URL('fixture/planted-jobs.mjs', import.meta.url).href, validator: new URL('../../dist/results/schema.js', import.meta.url).href,
    progress: { on: () => undefined, close: () => undefined },
    setUp: () => Promise.resolve({ workers: 1, machine: 'here' }),
  });
  expect(counts).toMatchObject({ failed: 0, skipped: 0, pending: 0 });
  record = await storedRecord(planned, store);
}, 120_000);

describe('encoders that are judged on their way', () => {
  it('have lines of their own in the plan', () => {
    const kinds = planTotals(planned.plan, new Set(), { state: 'none', why: '' }).map(({ kind, jobs }) => [kind, jobs]);
    expect(kinds).toEqual(expect.arrayContaining([['features', 3], ['features of snapshots', 2], ['search of snapshots', 1], ['fine-tune of snapshots', 2], ['knn', 3], ['knn of snapshots', 2]]));
  });

  it.each(['features/mae/shapes/all/s0/at-0.5', 'transfer/mae/shapes/all/fine-tune/s0/at-0.5', 'search/planted/shapes/all/s0/at-0.5'])('can be measured on stand-ins: %s', async (id) => {
    await expectMeasurable(planned.plan, id);
  });

  it('are those of the shares, for a search with what else was trained', async () => {
    const [half, end] = [await normAt(store.folder(keyOf('pretrain/planted/s0')), 'snapshots', '0.5'), await normAt(store.folder(keyOf('pretrain/planted/s0')))];
    expect(half).not.toEqual(end);
    expect(await normAt(store.folder(keyOf('search/planted/shapes/all/s0/at-0.5')))).toEqual(half);
    expect(await normAt(store.folder(keyOf('search/planted/shapes/all/s0')))).toEqual(end);
    const features = async (id: string) => readFile(join(store.folder(keyOf(id)), 'test.bin'));
    for (const entry of ['mae', 'planted']) expect((await features(`features/${entry}/shapes/all/s0/at-0.5`)).equals(await features(`features/${entry}/shapes/all/s0`)), entry).toBe(false);
    const losses = (id: string) => resultOf<TransferBody>(id).curve;
    expect(losses('transfer/mae/shapes/all/fine-tune/s0/at-0.5')).not.toEqual(losses('transfer/mae/shapes/all/fine-tune/s0'));
  });

  it('come into the record with what they took, the start in it, and what they reached', () => {
    const points = record.snapshots!.points.filter(({ protocol }) => protocol === 'knn');
    // 2 epochs of 80 images in batches of 16 are 10 steps; the clustering takes each image once.
    expect(points.map(({ entry, share, steps, images }) => [entry, share, steps, images])).toEqual([
      ['mae', 0.5, 5, 80], ['mae', 1, 10, 160], ['planted', 0.5, 5, 80 + 160 + 80], ['planted', 1, 10, 160 + 160 + 80],
    ]);
    const accuracy = (id: string): number => resultOf<TransferBody>(id).metrics.find(({ metric }) => metric === 'top1')!.value;
    expect(points.map((point) => point.accuracy)).toEqual(['mae', 'planted'].flatMap((entry) => ['/at-0.5', ''].map((at) => accuracy(`transfer/${entry}/shapes/all/knn/s0${at}`))));
    // Trainings of one thread tell the processor's time, where nothing in this process took of it meanwhile.
    const ofProcessor = record.snapshots!.time === 'processor';
    const own = (entry: string): readonly number[] => resultOf<PretrainBody>(`pretrain/${entry}/s0`).snapshots!.map(({ seconds, cpuSeconds }) => (ofProcessor ? cpuSeconds! : seconds!));
    const [mae, planted] = [own('mae'), own('planted')];
    for (const seconds of [...mae, ...planted]) expect(seconds).toBeGreaterThan(0);
    const { wallSeconds, cpuSeconds } = resultOf('cluster/planted/s0');
    const before = mae[1]! + (ofProcessor ? cpuSeconds : wallSeconds);
    expect(points.map(({ seconds }) => seconds)).toEqual([...mae, ...planted.map((seconds) => expect.closeTo(before + seconds, 9) as number)]);
    expect(record.snapshots!.ratios.map(({ entry, protocol, verdict }) => [entry, protocol, verdict])).toEqual([['planted', 'fine-tune', 'unresolved'], ['planted', 'knn', 'unresolved']]);
  });

  it('come into every report', async () => {
    const files = await writeReports(record, join(root, 'report'));
    const [html, csv, , markdown] = await Promise.all(files.map((file) => readFile(file, 'utf8')));
    const [section] = /<section id="over-time">[\s\S]*?<\/section>/.exec(html!)!;
    const time = record.snapshots!.time === 'processor' ? 'processor time of pre-training' : 'pre-training time';
    expect(section).toContain(`Accuracy against ${time}, fine-tune`);
    expect(section).toContain(`Accuracy against ${time}, knn`);
    expect(markdown).toContain('### Accuracy against pre-training time by knn');
    expect(csv!.split('\n').filter((line) => line.includes(',snapshot,'))).toHaveLength(8);
  });
});
