import { describe, expect, test } from 'vitest';
import { cellsOf } from '../../src/results/cells.js';
import { collect } from '../../src/results/collect.js';
import type { Failure, Result } from '../../src/results/types.js';
import type { PlannedJob } from '../../src/runner/job.js';
import type { ResolvedSuite } from '../../src/suite/resolved.js';
import { fixture } from '../report/fixture.js';

const broken = 'pretrain/mae-split-a/s0';

describe('collect', () => {
  test('a complete run', async () => {
    const record = await fixture({ seeds: 2, tasks: 2 });
    expect(record).toMatchObject({ complete: true, pending: [], failures: [] });
    expect(record.jobs).toHaveLength(1 + 6 * 2 + 6 * 2 * 2 * 3);
    expect(record.createdAt).toBe('2025-01-02T04:05:06.000Z');
  });

  test('what failed, and what has not run for it', async () => {
    const record = await fixture({ seeds: 1, tasks: 1, failed: { [broken]: 'Loss became NaN' }, pending: ['transfer/mae/mammals/knn/s0'] });
    expect(record.complete).toBe(false);
    expect(record.failures.map(({ id }) => id)).toEqual([broken]);
    expect(record.pending).toEqual(['transfer/mae/mammals/knn/s0', ...['fine-tune', 'linear', 'knn'].map((protocol) => `transfer/mae-split-a/mammals/${protocol}/s0`)]);
    const cells = cellsOf(record).filter(({ state }) => state !== 'done');
    expect(cells.map(({ entry, state }) => [entry, state])).toEqual([['mae', 'pending'], ['mae-split-a', 'skipped'], ['mae-split-a', 'skipped'], ['mae-split-a', 'skipped']]);
    expect(cells.at(-1)).toMatchObject({ because: { id: broken, message: 'Loss became NaN' } });
  });

  test('cells stand in the order of the suite', async () => {
    const record = await fixture({ seeds: 2, tasks: 2 });
    const places = cellsOf({ ...record, jobs: record.jobs.toReversed() }).map(({ entry, task, protocol, seed }) => `${entry} ${task} ${protocol} ${seed}`);
    expect(places.slice(0, 7)).toEqual([
      'scratch emoji/mammals fine-tune 0', 'scratch emoji/mammals fine-tune 1', 'scratch emoji/mammals linear 0', 'scratch emoji/mammals linear 1',
      'scratch emoji/mammals knn 0', 'scratch emoji/mammals knn 1', 'scratch emoji/birds-and-sea fine-tune 0',
    ]);
    expect(places).toHaveLength(72);
  });

  test('two entries that come to one job have a cell each, and the result is kept once', async () => {
    const record = await fixture({ seeds: 1, tasks: 1 });
    const shared = record.jobs.find(({ id }) => id === 'transfer/mae/mammals/knn/s0')!;
    const twin = { ...shared, id: 'transfer/twin/mammals/knn/s0', tags: { ...shared.tags, entry: 'twin' } };
    const jobs = [...record.jobs, twin].map((job): PlannedJob => ({ ...job, config: {}, modules: [], threads: 1, cost: { images: 0, flops: 0, bytes: 0 }, code: '' }));
    const results = new Map(record.results.map((result) => [result.key, result]));
    const asked: string[] = [];
    const again = await collect({
      suite: record.suite as unknown as ResolvedSuite, suiteText: '', plan: { suite: 'fixture', jobs }, failures: [],
      readResult: (key): Result | null => {
        asked.push(key);
        return results.get(key) ?? null;
      },
    });
    expect(new Set(asked).size).toBe(asked.length);
    expect(again.results).toHaveLength(record.results.length);
    const cells = cellsOf(again).filter(({ key }) => key === shared.key);
    expect(cells.map(({ entry, state }) => [entry, state])).toEqual([['mae', 'done'], ['twin', 'done']]);
  });

  test('a failure of a job that finished since, or that is not in the plan, is dropped', async () => {
    const record = await fixture({ seeds: 1, tasks: 1 });
    const jobs = record.jobs.map((job): PlannedJob => ({ ...job, config: {}, modules: [], threads: 1, cost: { images: 0, flops: 0, bytes: 0 }, code: '' }));
    const results = new Map(record.results.map((result) => [result.key, result]));
    const old = (key: string): Failure => ({ id: 'x', key, message: 'before', log: '', tags: {} });
    const again = await collect({
      suite: record.suite as unknown as ResolvedSuite, suiteText: '', plan: { suite: 'fixture', jobs }, failures: [old(jobs[3]!.key), old('not planned')],
      readResult: (key) => results.get(key) ?? null,
    });
    expect(again).toMatchObject({ complete: true, failures: [] });
  });

  test('pictures of the lowest seed of each entry that has one', async () => {
    const record = await fixture({ seeds: 2, tasks: 1, preview: Uint8Array.of(1, 2, 3) });
    const wanted = record.jobs.filter(({ kind, tags }) => kind === 'pretrain' && tags['seed'] === '0' && tags['entry'] !== 'scratch').map(({ key }) => key);
    expect(Object.keys(record.previews ?? {}).sort()).toEqual(wanted.sort());
    expect(new Set(Object.values(record.previews ?? {}))).toEqual(new Set(['AQID']));
  });

  test('predictions of the lowest seed of each entry, task and protocol; none of an encoder on its way or of an oracle\'s choice', async () => {
    const record = await fixture({ seeds: 2, tasks: 1, dense: 'with-pictures' });
    const dense = (entry?: string) => record.jobs.filter(({ kind, tags }) => kind === 'transfer' && tags['task']!.startsWith('scenes/') && (entry === undefined || tags['entry'] === entry));
    expect(Object.keys(record.previews!).sort()).toEqual(dense().flatMap(({ key, tags }) => (tags['seed'] === '0' ? [key] : [])).sort());

    const suite = record.suite as unknown as ResolvedSuite;
    const asked: string[] = [];
    // `mae-random` is a choice of an oracle, and `mae` has been judged at half its schedule by the jobs that are `mae-split-a`'s here.
    const early = new Set(dense('mae-split-a').map(({ id }) => id));
    const tagged = record.jobs.map((job) => (early.has(job.id) ? { ...job, tags: { ...job.tags, entry: 'mae', snapshot: '0.5' } } : job)).toReversed();
    await collect({
      suite: { ...suite, entries: suite.entries.map((entry) => (entry.name === 'mae-random' ? { ...entry, oracle_of: 'mae' } : entry)) },
      suiteText: '', failures: [],
      plan: { suite: 'fixture', jobs: tagged.map((job): PlannedJob => ({ ...job, config: {}, modules: [], threads: 1, cost: { images: 0, flops: 0, bytes: 0 }, code: '' })) },
      readResult: (key) => record.results.find((result) => result.key === key) ?? null,
      readArtifact: (key, file) => {
        asked.push(`${file} ${record.jobs.find((job) => job.key === key)!.id}`);
        return null;
      },
    });
    expect(asked.sort()).toEqual(['mae', 'mae-equal-steps', 'mae-split-b', 'scratch'].flatMap((entry) =>
      ['detection/mask-rcnn', 'segmentation/upernet'].map((cell) => `predictions.png transfer/${entry}/${cell}/s0`)).sort());
  });
});
