import { describe, expect, test } from 'vitest';
import { compare, difference } from '../../src/results/comparison.js';
import { costsOf } from '../../src/results/costs.js';
import { mean } from '../../src/results/intervals.js';
import type { Result, RunRecord, TransferBody } from '../../src/results/types.js';
import { fixture } from '../report/fixture.js';

const isTransfer = (result: Result): result is Result<TransferBody> => result.kind === 'transfer';

/** The primary metric of one cell, straight from its result. */
const value = (record: RunRecord, id: string): number => {
  const result = record.results.find((one) => one.id === id);
  if (result === undefined || !isTransfer(result)) throw new Error(`no ${id}`);
  return result.metrics.find(({ metric }) => metric === result.primary)!.value;
};

describe('comparison', () => {
  test('a result without the measure is missing from its table, and no number is made of it', async () => {
    const record = await fixture({ seeds: 3, tasks: 1, dense: 'without-pictures' });
    const without = (id: string): RunRecord => ({ ...record, results: record.results.map((result) => (result.id === id && isTransfer(result) ? { ...result, metrics: result.metrics.filter(({ metric }) => metric !== 'mask_ap') } : result)) });
    const id = record.results.find((result) => isTransfer(result) && result.protocol === 'mask-rcnn' && result.id.includes('/mae/') && result.seed === 1)!.id;
    const masks = compare(without(id)).find(({ measure }) => measure === 'mask_ap')!;
    const { average, groups } = masks.rows.find(({ entry }) => entry.name === 'mae')!;
    expect(groups[0]).toMatchObject({ complete: false });
    expect([...groups[0]!.sample.keys()]).toEqual([0, 2]);
    expect([...average.sample.values()].some(Number.isNaN)).toBe(false);
  });

  test('cells, averages and facts come from the right results', async () => {
    const record = await fixture({ seeds: 3, tasks: 3 });
    const [fineTune, linear] = compare(record);
    const row = linear!.rows.find(({ entry }) => entry.name === 'mae-split-b')!;
    const own = [0, 1, 2].map((seed) => ['mammals', 'birds-and-sea', 'food'].map((task) => value(record, `transfer/mae-split-b/${task}/linear/s${seed}`)));
    expect(row.groups.map(({ sample }) => [...sample.values()])).toEqual([0, 1, 2].map((task) => own.map((values) => values[task])));
    expect([...row.average.sample.values()]).toEqual(own.map((values) => mean(values)));
    expect(linear!.tasks[0]!.facts).toMatchObject({ metric: 'top1', side: 'B', classes: { low: 24, high: 24 }, nTest: { low: 192, high: 200 }, chance: 1 / 24 });
    expect(fineTune!.protocol.name).toBe('fine-tune');
  });

  test('a protocol is named with a precision other than f32', async () => {
    const record = await fixture({ seeds: 1, tasks: 1 });
    expect(compare(record).map(({ title }) => title)).toEqual(['fine-tune', 'linear', 'knn']);
    const suite = record.suite as { readonly engine: object };
    const lowered = { ...record, suite: { ...suite, engine: { ...suite.engine, precision: 'bf16' } } } as RunRecord;
    expect(compare(lowered).map(({ title }) => title)).toEqual(['fine-tune (bf16)', 'linear (bf16)', 'knn (bf16)']);
  });

  test('an incomplete entry is neither best nor averaged, and what is there is shown', async () => {
    const record = await fixture({ seeds: 4, tasks: 2, failed: { 'transfer/mae/mammals/knn/s2': 'Loss became NaN' } });
    const knn = compare(record)[2]!;
    const row = knn.rows.find(({ entry }) => entry.name === 'mae')!;
    expect(row.groups[0]).toMatchObject({ complete: false, standing: null, summary: { kind: 'interval', n: 3 } });
    expect(row.average).toMatchObject({ summary: { kind: 'none' }, completeTasks: 1, tasks: 2, standing: null });
    expect(knn.rows.filter(({ average }) => average.standing === 'best')).toHaveLength(1);
  });

  test('an entry that failed to learn keeps its values and is not ranked', async () => {
    const ids = [0, 1, 2].map((seed) => `transfer/mae/mammals/linear/s${seed}`);
    const record = await fixture({ seeds: 3, tasks: 1, unlearned: ids.slice(0, 1) });
    const row = compare(record)[1]!.rows.find(({ entry }) => entry.name === 'mae')!;
    expect(row.groups[0]).toMatchObject({ failedToLearn: [0], standing: null, complete: true });
    expect([...row.groups[0]!.sample.values()]).toEqual(ids.map((id) => value(record, id)));
    expect(row.average).toMatchObject({ failedToLearn: true, standing: null });
  });

  test('several transfers of one encoder are shown, with no interval, no mark, and no tie with them', async () => {
    const record = await fixture({ seeds: 4, tasks: 2, oneEncoder: 'mae' });
    expect(record.sharedEncoders).toEqual([{ entry: 'mae', transfers: 4, reason: 'one encoder, 4 transfers' }]);
    for (const { rows } of compare(record)) {
      const of = (name: string) => rows.find(({ entry }) => entry.name === name)!;
      for (const { summary, standing, oneEncoder, sample } of [...of('mae').groups, of('mae').average]) {
        expect({ kind: summary.kind, n: summary.n, standing, oneEncoder }).toEqual({ kind: 'values', n: 4, standing: null, oneEncoder: 'one encoder, 4 transfers' });
        expect(sample.size).toBe(4);
      }
      expect(rows.filter(({ average }) => average.standing === 'best').map(({ entry }) => entry.name)).not.toContain('mae');
      expect(of('scratch').average.summary.kind).toBe('interval');
      expect(difference(of('mae').average, of('scratch').average)).toMatchObject({ kind: 'values', n: 4 });
      expect(difference(of('scratch').average, of('mae').average).kind).toBe('values');
      expect(difference(of('scratch').average, of('mae-split-a').average).kind).toBe('interval');
    }
    expect((await fixture({ seeds: 1, oneEncoder: 'mae' })).sharedEncoders).toEqual([]);
    expect((await fixture({ seeds: 4 })).sharedEncoders).toEqual([]);
  });

  describe('an entry that collapsed in pre-training', () => {
    const watched = async (collapsed: (seed: number) => { readonly reason: string } | null): Promise<RunRecord> => {
      const record = await fixture({ seeds: 3, tasks: 2 });
      return { ...record, results: record.results.map((result) => (result.kind === 'pretrain' && result.id.startsWith('pretrain/mae/') ? { ...result, collapsed: collapsed(result.seed!) } : result)) };
    };
    const byKnn = (record: RunRecord): RunRecord => ({ ...record, results: record.results.map((result) => (result.kind === 'pretrain' && result.id.startsWith('pretrain/mae/') ? { ...result, knnShowsCollapse: true }
        : isTransfer(result) && result.id.startsWith('transfer/mae/') && result.protocol === 'knn' ? { ...result, untrained: value(record, result.id.replace('/mae/', '/scratch/')) } as typeof result : result)) });
    /** k-NN values of one entry, all lowered by the same amount. */
    const lowered = (record: RunRecord, entry: string, by: number): RunRecord => ({
      ...record,
      results: record.results.map((result) => (isTransfer(result) && result.id.startsWith(`transfer/${entry}/`) && result.protocol === 'knn'
        ? { ...result, metrics: result.metrics.map((metric) => ({ ...metric, value: metric.value - by })) } : result)),
    });
    const averagesOf = (record: RunRecord) => compare(record).map(({ rows }) => rows.find(({ entry }) => entry.name === 'mae')!.average);

    test('keeps its values and its interval; it is not ranked and has no differences', async () => {
      const record = await watched((seed) => (seed === 1 ? { reason: 'its teacher says nothing' } : null));
      for (const { rows } of compare(record)) {
        const of = (name: string) => rows.find(({ entry }) => entry.name === name)!;
        for (const group of [...of('mae').groups, of('mae').average]) expect(group).toMatchObject({ collapsed: 'its teacher says nothing (1 of 3 seeds)', standing: null, summary: { kind: 'interval', n: 3 } });
        expect(rows.filter(({ average }) => average.standing === 'best').map(({ entry }) => entry.name)).not.toContain('mae');
        expect(difference(of('mae').average, of('scratch').average)).toEqual({ kind: 'none', n: 0 });
        expect(difference(of('scratch').groups[0]!, of('mae').groups[0]!)).toEqual({ kind: 'none', n: 0 });
        expect(difference(of('scratch').average, of('mae-split-a').average).kind).toBe('interval');
        expect(of('scratch').average.collapsed).toBeNull();
      }
    });

    test('is also one whose k-NN is not above that of its encoder before training, where that shows it', async () => {
      const other = await watched(() => null);
      const fine = byKnn(other);
      const [above] = averagesOf(fine);
      expect(above!.collapsed).toBeNull();
      const means = (record: RunRecord, entry: string) => mean([0, 1, 2].flatMap((seed) => ['mammals', 'birds-and-sea'].map((task) => value(record, `transfer/${entry}/${task}/knn/s${seed}`))));
      const gain = means(fine, 'mae') - means(fine, 'scratch');
      expect(gain).toBeGreaterThan(0.01);
      expect(averagesOf(lowered(fine, 'mae', gain - 0.001))[0]!.collapsed).toBeNull();
      for (const average of averagesOf(lowered(fine, 'mae', gain + 0.001))) expect(average).toMatchObject({ collapsed: 'k-NN with its encoder is not above k-NN with the same encoder before training', standing: null });
      expect(averagesOf(lowered(other, 'mae', gain + 0.001))[0]!.collapsed).toBeNull();
    });

    test('is looked for only where the method watches for it', async () => {
      const [average] = averagesOf(lowered(await fixture({ seeds: 3, tasks: 2 }), 'mae', 0.3));
      expect(average!.collapsed).toBeNull();
    });
  });

  test('two seeds: no marks at all', async () => {
    const tables = compare(await fixture({ seeds: 2 }));
    expect(tables.flatMap(({ rows }) => rows.flatMap(({ groups, average }) => [...groups, average].map(({ standing }) => standing))).every((standing) => standing === null)).toBe(true);
  });

  test('differences are paired', async () => {
    const record = await fixture({ seeds: 3, tasks: 1 });
    const rows = compare(record)[0]!.rows;
    const [a, b] = ['mae', 'scratch'].map((name) => rows.find(({ entry }) => entry.name === name)!.average);
    const expected = mean([0, 1, 2].map((seed) => value(record, `transfer/mae/mammals/fine-tune/s${seed}`) - value(record, `transfer/scratch/mammals/fine-tune/s${seed}`)));
    const found = difference(a!, b!);
    expect(found.kind === 'interval' && found.mean).toBeCloseTo(expected, 14);
  });
});

describe('costs', () => {
  test('means over seeds; wall times of resumed jobs are left out', async () => {
    const record = await fixture({ seeds: 2, tasks: 1 });
    const resumed = { ...record, results: record.results.map((result) => (result.id === 'pretrain/mae/s0' ? { ...result, resumed: true, wallSeconds: 1e6 } : result)) };
    const cost = costsOf(resumed).find(({ entry }) => entry === 'mae')!;
    const whole = record.results.find(({ id }) => id === 'pretrain/mae/s1')!;
    expect(cost.pretrain).toMatchObject({ seeds: 2, images: 4890, steps: 760, imagesSeen: 760 * 256, wallSeconds: whole.wallSeconds });
    // One task, three protocols, two seeds: 1.6e12 a transfer.
    expect(cost.transfer).toMatchObject({ cells: 6, flops: 3 * 1.6e12 });
  });

  test('features that protocols share are paid for once, and belong to the transfers', async () => {
    const record = await fixture({ seeds: 2, tasks: 1 });
    const before = costsOf(record).find(({ entry }) => entry === 'mae')!.transfer!;
    const extractions = [0, 1].map((seed) => {
      const { key, ...head } = record.results.find(({ id }) => id === `pretrain/mae/s${seed}`)!;
      const id = `features/mae/task/s${seed}`;
      return {
        job: { id, key: `${key}-features`, kind: 'features', inputs: {}, tags: { entry: 'mae', seed: String(seed) } },
        result: { ...head, id, key: `${key}-features`, kind: 'features', images: 500, flops: 7e9, wallSeconds: 4, seed } as unknown as Result,
      };
    });
    const after = costsOf({ ...record, jobs: [...record.jobs, ...extractions.map(({ job }) => job)], results: [...record.results, ...extractions.map(({ result }) => result)] });
    const { transfer } = after.find(({ entry }) => entry === 'mae')!;
    expect(transfer).toEqual({ cells: before.cells, imagesSeen: before.imagesSeen + 500, flops: before.flops + 7e9, wallSeconds: expect.closeTo(before.wallSeconds! + 4, 9) as number });
    expect(after.find(({ entry }) => entry === 'scratch')).toEqual(costsOf(record).find(({ entry }) => entry === 'scratch'));
  });

  test('a transfer that was interrupted has no time of its own: only whole seeds count', async () => {
    const record = await fixture({ seeds: 2, tasks: 1 });
    const whole = costsOf({ ...record, results: record.results.filter(({ id }) => !id.endsWith('/s0') || !id.startsWith('transfer/mae/')) }).find(({ entry }) => entry === 'mae')!.transfer!;
    const interrupted = record.results.map((result) => (isTransfer(result) && result.id.startsWith('transfer/mae/') && result.seed === 0 && result.protocol === 'linear' ? { ...result, resumed: true, wallSeconds: 1e6 } : result));
    const { transfer } = costsOf({ ...record, results: interrupted }).find(({ entry }) => entry === 'mae')!;
    expect(transfer!.wallSeconds).toBeCloseTo(whole.wallSeconds!, 9);
    expect(transfer!.cells).toBe(6);
    const none = record.results.map((result) => (isTransfer(result) ? { ...result, resumed: true } : result));
    expect(costsOf({ ...record, results: none }).find(({ entry }) => entry === 'mae')!.transfer!.wallSeconds).toBeNull();
  });

  test('nothing finished, nothing claimed', async () => {
    const record = await fixture({ seeds: 1, tasks: 1, failed: { 'pretrain/mae/s0': 'x' } });
    expect(costsOf(record).find(({ entry }) => entry === 'mae')).toMatchObject({ pretrain: null, transfer: null });
  });
});
