import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { cacheFolder } from '../../src/cache-folder.js';
import { bytesText, countText, textTable } from '../../src/cli/output.js';
import { planTotals, timesText } from '../../src/cli/plan.js';
import { planTimes, type PlanTimes } from '../../src/cli/plan-times.js';
import type { Plan, PlannedJob } from '../../src/runner/job.js';
import { maskbench } from './command.js';

const suite = 'test/fixtures/emoji.yaml';

interface PlanJson {
  readonly suite: { readonly seeds: readonly number[]; readonly entries: readonly unknown[] };
  readonly totals: { readonly jobs: number; readonly cached: number; readonly seconds: number | null; readonly kinds: readonly { readonly kind: string; readonly jobs: number; readonly seconds: number | null }[] };
  readonly times: unknown;
  readonly jobs: readonly (PlannedJob & { readonly cached: boolean })[];
}

describe('maskbench plan', () => {
  let json: PlanJson;
  beforeAll(async () => {
    const { code, stdout, stderr } = await maskbench(['plan', suite, '--no-measure', '--json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    json = JSON.parse(stdout) as PlanJson;
  });

  it('--json gives the resolved suite, the totals and every job with its key', () => {
    // 4 entries of which two are the same, 1 seed, 2 tasks, 2 protocols of which one works on features.
    expect(json.totals.kinds.map(({ kind, jobs }) => [kind, jobs])).toEqual([['prepare', 1], ['pretrain', 3], ['attention', 6], ['features', 6], ['fine-tune', 6], ['knn', 6]]);
    expect(json.totals).toMatchObject({ jobs: 28, cached: 0 });
    expect(json.jobs).toHaveLength(37);
    for (const job of json.jobs) expect(job.key).toMatch(/^[0-9a-f]{64}$/);
    const key = (id: string): string | undefined => json.jobs.find((job) => job.id === id)?.key;
    expect(key('pretrain/twin/s0')).toBe(key('pretrain/mae/s0'));
    expect(key('pretrain/mae-a/s0')).not.toBe(key('pretrain/mae/s0'));
  });

  it('gives the same keys every time, and adds seeds to those that are there', async () => {
    const again = JSON.parse((await maskbench(['plan', suite, '--no-measure', '--json', '--seeds', '2'])).stdout) as PlanJson;
    expect(again.suite.seeds).toEqual([0, 1]);
    const keys = new Set(again.jobs.map(({ key }) => key));
    for (const job of json.jobs) expect(keys).toContain(job.key);
  });

  it('prints the resolved suite as YAML, a table of jobs and the graph', async () => {
    const { code, stdout } = await maskbench(['plan', suite, '--no-measure']);
    expect(code).toBe(0);
    const [yaml] = /Resolved suite\n\n([\s\S]*?)\nJobs/.exec(stdout)?.slice(1) ?? [];
    expect(parse(yaml ?? '')).toEqual(json.suite);
    expect(stdout).toMatch(/^ {2}pretrain +3 +0 /m);
    expect(stdout).toContain('9 more nodes come to a job that is counted already');
    expect(stdout).toContain([
      '  prepare emoji',
      '  ├─ pretrain mae',
      '  │  ├─ attention x 2',
      '  │  ├─ features x 2',
      '  │  │  └─ transfer knn x 2',
      '  │  └─ transfer fine-tune x 2',
    ].join('\n'));
  });

  it('says why it gives no times: it was told not to measure, or the runtime is not set up, which a plan does not do', async () => {
    expect(json.totals).toMatchObject({ seconds: null });
    expect(json.times).toEqual({ state: 'none', why: expect.stringContaining('without --no-measure') as string });
    const { code, stdout, stderr } = await maskbench(['plan', suite]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('Times: the tensor runtime is not set up on this machine yet: `maskbench engine install` or the first run does it.\n');
  });

  it('measures in processes of their own how long each kind takes, loads no addon itself, and leaves no store', async () => {
    const { code, stdout, stderr, loaded } = await maskbench(['plan', suite, '--json'], { record: true, env: { MASKBENCH_CACHE: cacheFolder() } });
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringMatching(/^\s+at /m) as string });
    const measured = JSON.parse(stdout) as PlanJson;
    expect(measured.times).toMatchObject({ state: 'estimated' });
    const kinds = measured.totals.kinds.map(({ kind, seconds }) => [kind, seconds] as const);
    expect(kinds.map(([kind]) => kind)).toEqual(['prepare', 'pretrain', 'attention', 'features', 'fine-tune', 'knn']);
    for (const [, seconds] of kinds) expect(seconds).toBeGreaterThan(0);
    const { wallSeconds, workers } = measured.times as { readonly wallSeconds: number; readonly workers: number };
    const all = kinds.reduce((sum, [, seconds]) => sum + seconds!, 0);
    expect(measured.totals.seconds).toBeCloseTo(all);
    expect(wallSeconds).toBeLessThanOrEqual(all + 1e-9);
    expect(wallSeconds).toBeGreaterThanOrEqual(all / workers - 1e-9);
    expect(loaded.filter((line) => line.startsWith('addon '))).toEqual([]);
  }, 180_000);

  it('is quiet when its reader leaves', async () => {
    const { code, stderr } = await maskbench(['plan', suite, '--no-measure', '--json', '--seeds', '40'], { hangUp: true });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});

it('totals count a key once, and what is cached', () => {
  const job = (key: string, kind: string, images: number): PlannedJob =>
    ({ id: `${kind}-${key}-${images}`, key, kind, code: '', config: {}, inputs: {}, modules: [], threads: 1, tags: {}, cost: { images, flops: 2 * images, bytes: 3 * images } });
  const plan: Plan = { suite: 'x', jobs: [job('p', 'prepare', 5), job('a', 'transfer', 10), job('a', 'transfer', 10), job('b', 'transfer', 20)] };
  expect(planTotals(plan, new Set(['a']), { state: 'none', why: '' })).toEqual([
    { kind: 'prepare', jobs: 1, cached: 0, images: 5, flops: 10, bytes: 15, seconds: null },
    { kind: 'transfer', jobs: 2, cached: 1, images: 30, flops: 60, bytes: 90, seconds: null },
  ]);
  const times: PlanTimes = { state: 'estimated', workers: 2, reason: '', busy: null, jobs: new Map([['p', 1.5], ['b', 4]]), wallSeconds: 5.5, untold: [] };
  expect(planTotals(plan, new Set(['a']), times).map(({ seconds }) => seconds)).toEqual([1.5, 4]);
});

describe('a job that nothing foretells, one of speed', () => {
  const job = (id: string): PlannedJob =>
    ({ id, key: id, kind: id.split('/')[0]!, code: '', config: {}, inputs: {}, modules: [], threads: 1, tags: {}, cost: { images: 1, flops: 1, bytes: 1 } });
  const plan: Plan = { suite: 'x', jobs: [job('prepare/a'), job('speed/small'), job('speed/large')] };

  it('is named as not estimated, and leaves the others their times', () => {
    const times: PlanTimes = { state: 'estimated', workers: 2, reason: 'measured', busy: null, jobs: new Map([['prepare/a', 1.5]]), wallSeconds: 1.5, untold: ['speed/small', 'speed/large'] };
    expect(planTotals(plan, new Set(), times).map(({ kind, seconds }) => [kind, seconds])).toEqual([['prepare', 1.5], ['speed', null]]);
    expect(planTotals(plan, new Set(['speed/small', 'speed/large']), { ...times, untold: [] }).map(({ seconds }) => seconds)).toEqual([1.5, 0]);
    expect(timesText(times)).toBe('About 1.5 s with 2 workers (measured).\nNot in it, because it is not estimated: speed/small, speed/large.\n');
  });

  it('is all that is left: nothing is measured for it', async () => {
    const told: string[] = [];
    expect(await planTimes(plan, new Set(['prepare/a']), { device: 'cpu', store: '/nowhere', tell: (line) => told.push(line) })).toEqual({ state: 'none', why: 'not estimated for what is left: speed/small, speed/large' });
    expect(told).toEqual([]);
  });
});

describe('numbers and tables', () => {
  it.each([[0, '0'], [999, '999'], [1000, '1.0 k'], [218_880, '219 k'], [9.3e12, '9.3 T']])('%d images are %s', (value, text) => {
    expect(countText(value)).toBe(text);
  });
  it.each([[0, '0 B'], [1023, '1023 B'], [1024, '1.0 KiB'], [29_255_680, '27.9 MiB']])('%d bytes are %s', (value, text) => {
    expect(bytesText(value)).toBe(text);
  });
  it('columns line up', () => {
    expect(textTable([['kind', 'n'], ['a', '10'], ['longer', '5']])).toBe('kind      n\na        10\nlonger    5');
    expect(textTable([['alone'], ['x']])).toBe('alone\nx');
  });
  it('columns that a terminal has no room for stand below, beside the first', () => {
    const rows = [['entry', 'linear', 'knn', 'AP'], ['mae', '41.5', '30', '7']];
    expect(textTable(rows, 27)).toBe('entry   linear   knn   AP\nmae       41.5    30    7');
    expect(textTable(rows, 24)).toBe('entry   linear   knn\nmae       41.5    30\n\nentry   AP\nmae      7');
    // Too narrow for any: one column a block.
    expect(textTable(rows, 3).split('\n\n').map((block) => block.split('\n')[0])).toEqual(['entry   linear', 'entry   knn', 'entry   AP']);
  });
});
