import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { planSuite, type PlannedSuite } from '../../src/catalog.js';
import { storedRecord } from '../../src/cli/stored-record.js';
import { writeReports } from '../../src/report/index.js';
import type { ClassificationTransfer, PrepareBody, PretrainBody, Result, RunRecord } from '../../src/results/types.js';
import { runPlan } from '../../src/runner/run.js';
import { openStore, type Store } from '../../src/runner/store.js';
import { temporaryFolder } from '../temporary-folder.js';
import { writePictures } from './pictures.js';
import { expectMeasurable } from './stand-ins.js';

/** From suite to report: two methods, one with several views, that pre-train on crops of squares of the model's size, or of twice that. */
const suiteText = (data: string, more: string): string => `
name: cropped
seeds: 1
attention: 0
model: { name: custom, image_size: 8, patch_size: 4, width: 16, depth: 1, heads: 2, mlp_ratio: 2 }
data: { shapes: { source: folder, path: ${data}${more} } }
pretrain: { batch_size: 16, schedule: { epochs: 2 } }
methods:
  mae: { decoder: { width: 16, depth: 1, heads: 2 }, warmup_epochs: 1 }
  ibot: { local_crops: { count: 2, size: 4 }, head: { out_dim: 16, hidden: 16, bottleneck: 8 }, warmup_epochs: 1, teacher_temperature: { warmup_epochs: 1 } }
reference: mae
entries:
  - { name: scratch, method: scratch }
  - { name: mae, method: mae }
  - { name: ibot, method: ibot }
tasks: [shapes/all]
protocols: { fine-tune: { lr: 0.001, steps: 4, batch_size: 8 }, knn: { k: 3 } }
`;

interface Ran { readonly planned: PlannedSuite; readonly record: RunRecord; resultOf<Body>(id: string): Result & Body }

let root: string;
let store: Store;
let plain: Ran;
let larger: Ran;

async function run(name: string, more: string): Promise<Ran> {
  await writeFile(join(root, `${name}.yaml`), suiteText(join(root, 'data'), more));
  const planned = await planSuite(join(root, `${name}.yaml`));
  const { counts } = await runPlan({
    plan: planned.plan, store, version: '0.0.0', tensors: {},
    jobs: new URL('../../dist/jobs/index.js', import.meta.url).href, validator: new URL('../../dist/results/schema.js', import.meta.url).href,
    progress: { on: () => undefined, close: () => undefined },
    setUp: () => Promise.resolve({ workers: 1, machine: 'here' }),
  });
  expect(counts).toMatchObject({ failed: 0, skipped: 0, pending: 0 });
  const record = await storedRecord(planned, store);
  const resultOf = <Body>(id: string): Result & Body => {
    const { key } = planned.plan.jobs.find((job) => job.id === id)!;
    return record.results.find((result) => result.key === key) as unknown as Result & Body;
  };
  return { planned, record, resultOf };
}

beforeAll(async () => {
  root = temporaryFolder();
  await writePictures(join(root, 'data'));
  store = await openStore(join(root, 'store'));
  plain = await run('plain', '');
  larger = await run('larger', ', crops_from: 16');
}, 240_000);

describe('crops from squares of twice the model\'s size', () => {
  it('are prepared beside the whole pictures, and change no config of a suite without them', () => {
    expect(larger.resultOf<PrepareBody>('prepare/shapes')).toMatchObject({ size: 8, crops: 16, images: 96 });
    expect(plain.resultOf<PrepareBody>('prepare/shapes')).not.toHaveProperty('crops');
    const configOf = ({ planned }: Ran) => planned.plan.jobs.find(({ id }) => id === 'prepare/shapes')!.config;
    expect(configOf(plain)).toEqual({ source: 'folder', options: { path: join(root, 'data'), primary: 'top1', sides: {}, side: null }, size: 8, fingerprint: configOf(larger)['fingerprint'] });
  });

  it('change what is pre-trained and fine-tuned', () => {
    for (const entry of ['mae', 'ibot']) {
      const losses = [plain, larger].map(({ resultOf }) => resultOf<PretrainBody>(`pretrain/${entry}/s0`).curve.map(({ loss }) => loss));
      expect(losses[0]).toHaveLength(losses[1]!.length);
      expect(losses[0]).not.toEqual(losses[1]);
    }
    const [before, after] = [plain, larger].map(({ resultOf }) => resultOf<ClassificationTransfer>('transfer/scratch/shapes/all/fine-tune/s0'));
    expect(after!.key).not.toBe(before!.key);
  });

  it('change nothing where an encoder sees whole pictures', async () => {
    const [before, after] = [plain, larger].map(({ resultOf }) => resultOf<ClassificationTransfer>('transfer/scratch/shapes/all/knn/s0'));
    expect(after!.perImage).toEqual(before!.perImage);
    expect(after!.key).not.toBe(before!.key);
    const features = await Promise.all([plain, larger].map(({ planned }) => readFile(join(store.folder(planned.plan.jobs.find(({ id }) => id === 'features/scratch/shapes/all/s0')!.key), 'test.bin'))));
    expect(features[0]!.equals(features[1]!)).toBe(true);
  });

  it('are named in the report', async () => {
    const [html] = await writeReports(larger.record, join(root, 'report'));
    expect(await readFile(html!, 'utf8')).toContain('8 × 8 px, crops from 16 × 16');
  });

  it.each(['pretrain/mae/s0', 'transfer/mae/shapes/all/fine-tune/s0'])('can be measured on stand-ins: %s', async (id) => {
    await expectMeasurable(larger.planned.plan, id);
  });
});
