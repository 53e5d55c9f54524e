import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type JsonObject } from '../../src/files.js';
import type { TransferConfig } from '../../src/jobs/configs.js';
import { forwardFlops } from '../../src/jobs/estimates.js';
import { features } from '../../src/jobs/features.js';
import { transfer } from '../../src/jobs/transfer.js';
import { vitConfig } from '../../src/models/config.js';
import { validateResult } from '../../src/results/schema.js';
import type { FeaturesBody, ClassificationTransfer } from '../../src/results/types.js';
import type { JobContext, JobFunction, JobProgress } from '../../src/runner/job.js';
import { writeSafetensors } from '../../src/training/safetensors.js';
import { writeImageSet } from '../data/image-set-files.js';
import { filled } from '../protocols/filled.js';
import { toy, toyEncoder, toyModel } from '../protocols/toy.js';

/** A finished `prepare` and a finished `pretrain` job on a small coloured data set. */
let root: string;
const counts = { train: [8, 8, 8], validation: [0, 0, 0], test: [5, 5, 5] };
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'transfer-'));
  const { set } = toy(counts);
  const split = (id: string) => (id.startsWith('train') ? 'train' : 'test');
  await writeImageSet(join(root, 'data'), { ...set, records: set.records.map((record) => ({ ...record, split: split(record.id) })) });
  await writeSafetensors(join(root, 'encoder', 'encoder.safetensors'), toyEncoder());
});
afterAll(() => rm(root, { recursive: true }));

const task = { source: 'folder', options: { path: '/nowhere', primary: 'top1', sides: {}, side: null }, task: 'all' };
const model = { name: 'custom', image_size: 8, patch_size: 4, width: 16, depth: 2, heads: 2, mlp_ratio: 2 };

interface Ran<Body> { readonly body: Body; readonly progress: readonly JobProgress[]; readonly log: readonly string[]; readonly folder: string }

async function run<Body>(job: JobFunction, kind: string, config: JsonObject, inputs: Readonly<Record<string, string>> = {}): Promise<Ran<Body>> {
  const folder = join(root, kind === 'features' ? 'features' : 'transfer');
  const progress: JobProgress[] = [];
  const log: string[] = [];
  const context: JobContext = {
    job: { id: `${kind}/x`, kind, config, inputs, modules: [], threads: 1, cost: { images: 0, flops: 0, bytes: 0 }, tags: {}, key: 'a'.repeat(64), code: 'b'.repeat(64) },
    folder, scratch: join(root, 'scratch'), input: (role) => join(root, role),
    progress: (event) => { progress.push(event); }, startAnew: () => undefined, log: (line) => { log.push(line); }, phases: { enter: () => undefined },
  };
  const body = await job(context);
  const environment = { platform: 'linux-x64', cpu: 'some', cores: 2, node: '20.0.0', engine: null };
  validateResult({
    schema: 2, key: context.job.key, id: context.job.id, config, inputs: {}, code: context.job.code, version: '0.0.0', seed: 0, environment,
    startedAt: '2024-01-01T00:00:00.000Z', finishedAt: '2024-01-01T00:00:01.000Z', wallSeconds: 1, cpuSeconds: 1, peakMemoryBytes: 1, resumed: false, ...body,
  });
  return { body: body as unknown as Body, progress, log, folder };
}

const transferFields = (protocol: string, options: JsonObject) => ({ task, model, seed: 0, precision: 'f32', protocol, options: filled(protocol, options), protocolHash: '0123456789ab' }) satisfies TransferConfig;
const transferConfig = (protocol: string, options: JsonObject): JsonObject => ({ ...transferFields(protocol, options) });

describe('features job', () => {
  it('writes both poolings of every split, and says how many images there were', async () => {
    const { body, progress, folder } = await run<FeaturesBody>(features, 'features', { task, model, seed: 0 });
    expect(body).toEqual({ kind: 'features', task: 'all', width: 16, images: 39, flops: 39 * forwardFlops(vitConfig(model)) });
    const sizes = await Promise.all(['train', 'validation', 'test'].map(async (split) => (await readFile(join(folder, `${split}.bin`))).length / (4 * 2 * 16)));
    expect(sizes).toEqual([18, 6, 15]);
    expect(progress.at(-1)).toMatchObject({ done: 39, total: 39, unit: 'images' });
  });
});

describe('transfer job', () => {
  it.each<[string, JsonObject]>([
    ['fine-tune', { lr: 0.01, layer_decay: 1, steps: 40, batch_size: 16, augment: { crop_scale: [0.6, 1] } }],
    ['linear', { lr: [0.01, 0.1], pool: 'mean' }],
    ['knn', { k: [1, 3], pool: 'cls' }],
  ])('leaves a valid result of %s', async (protocol, options) => {
    const { body, progress } = await run<ClassificationTransfer>(transfer, 'transfer', transferConfig(protocol, options));
    expect(body).toMatchObject({
      kind: 'transfer', task: 'all', protocol, protocolHash: '0123456789ab', seed: 0, classes: ['class 0', 'class 1', 'class 2'],
      nTrain: 18, nValidation: 6, nTest: 15, primary: 'top1', trainAccuracy: 1, chance: 1 / 3, largestClass: 1 / 3, failedToLearn: false,
      metrics: [{ metric: 'top1', value: 1, unit: 'fraction' }, { metric: 'mean_per_class', value: 1, unit: 'fraction' }],
    });
    expect(body.perImage.labels).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2]);
    expect(body.perImage.predictions).toEqual(body.perImage.labels);
    expect(body.perImage.ids[0]).toBe('test/0/24');
    expect(body.flops).toBeGreaterThan(0);
    expect(progress.at(-1)!.done).toBe(progress.at(-1)!.total);
    for (let i = 1; i < progress.length; i++) expect(progress[i]!.done).toBeGreaterThanOrEqual(progress[i - 1]!.done);
  });

  it('tells what the encoder reached before training, where its features are an input, and nothing else of it', async () => {
    // The test images' features in reverse order: of three classes of five only the middle one is told right.
    await cp(join(root, 'features'), join(root, 'untrained'), { recursive: true });
    const [bytes, row] = [await readFile(join(root, 'features', 'test.bin')), 4 * 2 * 16];
    const rows = Array.from({ length: bytes.length / row }, (_, i) => bytes.subarray(i * row, (i + 1) * row));
    await writeFile(join(root, 'untrained', 'test.bin'), Buffer.concat(rows.reverse()));
    const config = transferConfig('knn', { k: [1, 3], pool: 'cls' });
    const [plain, told] = [await run<ClassificationTransfer>(transfer, 'transfer', config), await run<ClassificationTransfer>(transfer, 'transfer', config, { untrained: 'features/scratch' })];
    expect(plain.body).not.toHaveProperty('untrained');
    expect(told.body).toEqual({ ...plain.body, untrained: 1 / 3 });
    expect(told.progress).toEqual(plain.progress);
  });

  it('marks what has not learnt its own training data', async () => {
    // One step at a rate near zero leaves the head where it started.
    const { body } = await run<ClassificationTransfer>(transfer, 'transfer', transferConfig('fine-tune', { lr: 1e-12, steps: 1, batch_size: 4 }));
    expect(body.trainAccuracy).toBeLessThan(2 / 3);
    expect(body.failedToLearn).toBe(true);
  });

  it('refuses features that are not of this task', async () => {
    const config = { ...transferConfig('knn', {}), model: { ...model, width: 32 } };
    await expect(run(transfer, 'transfer', config)).rejects.toThrow('18 images of task all need');
  });

  it('agrees with the encoder that it is given: the model of the suite must be its own', async () => {
    const config = { ...transferConfig('fine-tune', { steps: 1 }), model: { ...model, width: 32 } };
    await expect(run(transfer, 'transfer', config)).rejects.toThrow('cls_token has shape [1, 1, 16], expected [1, 1, 32]');
    expect(toyModel.width).toBe(16);
  });
});
