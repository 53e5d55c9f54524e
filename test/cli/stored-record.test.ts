import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { planSuite, type PlannedSuite } from '../../src/catalog.js';
import { failedIds, failedText, failuresAmong } from '../../src/cli/failed-jobs.js';
import { storedRecord } from '../../src/cli/stored-record.js';
import { methods } from '../../src/methods/index.js';
import { vitParams } from '../../src/models/vit.js';
import { openStore, type Store } from '../../src/runner/store.js';
import { commitObject } from '../../src/runner/store/object.js';
import { writeSafetensors } from '../../src/training/safetensors.js';
import { fixture } from '../report/fixture.js';
import { temporaryFolder } from '../temporary-folder.js';
import { inProcess } from './in-process.js';

const folder = temporaryFolder();
const file = join(folder, 'suite.yaml');
let planned: PlannedSuite;
let store: Store;

/** Two seeds judge one encoder from a file: one job, planned under two ids, that has failed. */
beforeAll(async () => {
  const model = { name: 'custom', imageSize: 32, patchSize: 8, width: 32, depth: 2, heads: 2, mlpRatio: 4 };
  await writeSafetensors(join(folder, 'theirs.safetensors'), new Map(vitParams(model, 0).map(({ name, shape, value }) => [name, { shape, data: value }] as const)));
  writeFileSync(file, `name: theirs
seeds: 2
model: { name: custom, image_size: 32, patch_size: 8, width: 32, depth: 2, heads: 2 }
data: { emoji: { source: emoji } }
entries: [{ name: theirs, method: checkpoint, path: ${join(folder, 'theirs.safetensors')} }]
tasks: [emoji/mammals]
protocols: { knn: {} }
`);
  planned = await planSuite(file);
  store = await openStore(join(folder, 'store'));
});

it('says of the methods of the suite which are re-statements of papers that could not be read whole', async () => {
  const text = `name: theirs
seeds: 1
model: { name: custom, image_size: 32, patch_size: 8, width: 32, depth: 2, heads: 2 }
data: { emoji: { source: emoji } }
pretrain: { data: emoji, batch_size: 64, schedule: { epochs: 2 } }
methods: { mae: { warmup_epochs: 1 }, moce: { warmup_epochs: 1, clusters: { count: 8 }, experts: { count: 2 } } }
entries: [{ name: mae, method: mae }, { name: moce, method: moce, start: mae }]
tasks: [emoji/mammals]
protocols: { knn: {} }
`;
  writeFileSync(join(folder, 'moce.yaml'), text);
  const record = await storedRecord(await planSuite(join(folder, 'moce.yaml')), store);
  expect(record.restatements).toEqual({ moce: methods['moce']!.restatement });
  expect(await storedRecord(planned, store)).not.toHaveProperty('restatements');
});

const fail = async (id: string): Promise<void> => {
  const { key } = planned.plan.jobs.find((job) => job.id === 'pretrain/theirs/s0')!;
  await store.writeFailure({ format: 1, key, id, kind: 'pretrain', message: 'no memory\nat all', stack: null, log: '/logs/x.log', at: '2025-01-01T00:00:00.000Z' });
};

describe('a failed job of two seeds', () => {
  it('is told under the id that it ran under', async () => {
    const named = async (id: string) => {
      await fail(id);
      return (await storedRecord(planned, store)).failures;
    };
    expect(await named('pretrain/theirs/s0')).toMatchObject([{ id: 'pretrain/theirs/s0', tags: { seed: '0' } }]);
    expect(await named('pretrain/theirs/s1')).toMatchObject([{ id: 'pretrain/theirs/s1', tags: { seed: '1' } }]);
    // Another suite's name for it says nothing here: the plan's first stands.
    expect(await named('pretrain/another/s0')).toMatchObject([{ id: 'pretrain/theirs/s0', tags: { seed: '0' } }]);
  });

  it('is counted as the run counts it, once for each of its ids, and listed once with the others', async () => {
    await fail('pretrain/theirs/s0');
    const record = await storedRecord(planned, store);
    expect(failedIds(record)).toEqual(['pretrain/theirs/s0', 'pretrain/theirs/s1']);
    expect(failedText(record, failuresAmong(record, failedIds(record)))).toEqual(['  pretrain/theirs/s0 (the same job: pretrain/theirs/s1): no memory', '    log: /logs/x.log']);
    vi.stubEnv('MASKBENCH_STORE', store.layout.root);
    const { code, stdout, stderr } = await inProcess('report', file, '--out', join(folder, 'report'), '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ failures: 2 });
    expect(stderr).toBe(`The report is not complete: 2 failed and ${record.jobs.length - 2} not run of ${record.jobs.length} jobs.\n`);
    expect((await inProcess('baseline', 'record', 'x', join(folder, 'report'))).stderr).toContain('2 failed and');
  });

  it('is listed for a part of the suite that has it under its other id only', async () => {
    const record = await storedRecord(planned, store);
    expect(failuresAmong(record, ['pretrain/theirs/s1'])).toMatchObject([{ id: 'pretrain/theirs/s0' }]);
    expect(failuresAmong(record, ['prepare/emoji'])).toEqual([]);
  });
});

it('a job of many ids names a few', () => {
  const jobs = [0, 1, 2, 3, 4, 5].map((seed) => ({ id: `pretrain/x/s${seed}`, key: 'k', kind: 'pretrain', inputs: {}, tags: {} }));
  const failure = { id: 'pretrain/x/s0', key: 'k', message: 'm', log: 'l', tags: {} };
  expect(failedText({ jobs }, [failure])[0]).toBe('  pretrain/x/s0 (the same job: pretrain/x/s1, pretrain/x/s2, pretrain/x/s3 and 2 more): m');
});

it('a result that was changed since is refused, not shown', async () => {
  const { key, id } = planned.plan.jobs.find(({ kind }) => kind === 'prepare')!;
  const prepared = (await fixture({ seeds: 1, tasks: 1 })).results.find(({ kind }) => kind === 'prepare')!;
  const work = join(folder, 'work');
  mkdirSync(work);
  writeFileSync(join(work, 'result.json'), JSON.stringify({ ...prepared, key, id, wallSeconds: 12 }));
  await commitObject(store.layout, key, work);
  expect((await storedRecord(planned, store)).results).toMatchObject([{ key, wallSeconds: 12 }]);
  const stored = join(store.folder(key), 'result.json');
  const whole = readFileSync(stored, 'utf8');
  writeFileSync(stored, whole.replace('"wallSeconds":12', '"wallSeconds":13'));
  await expect(storedRecord(planned, store)).rejects.toMatchObject({ kind: 'store', where: store.folder(key), message: 'a result is not as its job has left it: the content of result.json has changed', fix: expect.stringContaining('store verify --repair') as string });
  writeFileSync(stored, whole);
});
