import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/files.js';
import { cellsOf } from '../../src/results/cells.js';
import { costsOf } from '../../src/results/costs.js';
import { snapshotsOf } from '../../src/results/snapshots.js';
import type { Environment, Result, RunRecord, TimeRatio } from '../../src/results/types.js';

/** Points of one entry at one seed: seconds of its own training, and accuracy by a task of each, at half and at the end. */
/** `processor`: share of it that the training had, 1 unless said; null: an older result, which does not tell. */
interface Seed { readonly processor?: number | null; readonly seconds: readonly (number | null)[]; readonly accuracy: readonly (number | readonly [number, number])[]; readonly host?: string; readonly learned?: boolean; readonly collapsed?: string; readonly unfinished?: boolean }
interface Entry { readonly name: string; readonly seeds: readonly Seed[]; readonly method?: string; readonly subset?: string; readonly start?: string; readonly clustering?: { readonly seconds: number; readonly resumed?: boolean; readonly host?: string } }

const tasks = ['set/one', 'set/two'];
type Engine = NonNullable<Environment['engine']>;
const engine = { device: 'cpu', threads: { intraOp: 1, interOp: 1 } } as Engine;

function recordOf(entries: readonly Entry[], reference = 'base', on: Engine = engine): RunRecord {
  const environment = (cpu: string): Environment => ({ platform: 'linux-x64', cpu, cores: 2, node: 'v20', engine: on });
  const jobs: RunRecord['jobs'][number][] = [];
  const results: Result[] = [];
  const add = (id: string, kind: string, tags: Readonly<Record<string, string>>, inputs: Readonly<Record<string, string>>, body: object, host = 'here'): void => {
    jobs.push({ id, key: id, kind, tags, inputs });
    results.push({ key: id, id, kind, seed: Number(tags['seed'] ?? 0), environment: environment(host), resumed: false, wallSeconds: 1000, ...body } as unknown as Result);
  };
  add('prepare', 'prepare', {}, {}, {}, 'anywhere');
  for (const { name, seeds, start, clustering } of entries) {
    seeds.forEach(({ seconds, accuracy, host, learned = true, collapsed, unfinished = false, processor = 1 }, seed) => {
      const tags = { entry: name, seed: String(seed) };
      if (clustering !== undefined) add(`cluster/${name}/${seed}`, 'cluster', tags, { data: 'prepare', encoder: `pretrain/${start!}/${seed}` }, { images: 7, flops: 70, wallSeconds: clustering.seconds, cpuSeconds: clustering.seconds, resumed: clustering.resumed ?? false }, clustering.host ?? host);
      const inputs = { data: 'prepare', ...(start === undefined ? {} : { start: `pretrain/${start}/${seed}` }), ...(clustering === undefined ? {} : { clusters: `cluster/${name}/${seed}` }) };
      add(`pretrain/${name}/${seed}`, 'pretrain', tags, inputs, {
        method: 'mae', steps: 20, imagesSeen: 200, flops: 2000, curve: [], parameters: 1, images: 1, classes: 1, finalLoss: 0, imagesPerSecond: 1, ...(collapsed === undefined ? {} : { collapsed: { reason: collapsed } }),
        snapshots: seconds.map((one, index) => ({ share: [0.5, 1][index]!, steps: 10 * (index + 1), imagesSeen: 100 * (index + 1), flops: 1000 * (index + 1), seconds: one, ...(processor === null ? {} : { cpuSeconds: one === null ? null : processor * one }) })),
      }, host);
      accuracy.forEach((value, index) => tasks.forEach((task, at) => {
        if (unfinished && index === 0 && at === 1) return;
        const share = index === 0 ? { snapshot: '0.5' } : {};
        const place = `${name}/${seed}/${task}/${index}`;
        add(`features/${place}`, 'features', { ...tags, task, ...share }, { encoder: `pretrain/${name}/${seed}` }, { images: 5, flops: 50, wallSeconds: 1 });
        add(`transfer/${place}`, 'transfer', { ...tags, task, protocol: 'knn', ...share }, { features: `features/${place}` }, {
          task, protocol: 'knn', metricVersion: 1, primary: 'top1', metrics: [{ metric: 'top1', value: typeof value === 'number' ? value : value[at]!, unit: 'fraction' }], failedToLearn: !learned, imagesSeen: 0, flops: 3, wallSeconds: 1,
        });
      }));
    });
  }
  const suite = {
    entries: entries.map(({ name, method = 'mae', subset = 'full' }) => ({ name, method, pretrain: { subset } })), seeds: entries[0]!.seeds.map((_, seed) => seed), reference,
    tasks: tasks.map((name) => ({ name })), protocols: [{ name: 'knn' }], snapshots: { at: [0.5], protocols: ['knn'] },
  };
  return { suite: suite as unknown as Json, results, jobs, failures: [], sharedEncoders: [] } as unknown as RunRecord;
}

/** 30 % after 100 s, 50 % after 200 s. */
const base: Entry = { name: 'base', seeds: [0, 1, 2].map(() => ({ seconds: [100, 200], accuracy: [0.3, 0.5] })) };
const other = (seeds: readonly Seed[], rest: Partial<Entry> = {}): Entry => ({ name: 'other', seeds, ...rest });
const ratioOf = (entries: readonly Entry[]): TimeRatio => snapshotsOf(recordOf(entries))!.ratios[0]!;
const unresolved = (reason: string) => ({ entry: 'other', reference: 'base', protocol: 'knn', verdict: 'unresolved', reason, ratio: null, accuracy: null });

describe('accuracy against pre-training time', () => {
  it('is the mean over tasks at every share and seed', () => {
    const { points, otherEnvironments } = snapshotsOf(recordOf([base, other([{ seconds: [30, 60], accuracy: [[0.2, 0.3], [0.4, 0.6]] }])]))!;
    expect(points.filter(({ entry }) => entry === 'other')).toEqual([
      { entry: 'other', protocol: 'knn', seed: 0, share: 0.5, steps: 10, images: 100, flops: 1000, seconds: 30, accuracy: 0.25, learned: true },
      { entry: 'other', protocol: 'knn', seed: 0, share: 1, steps: 20, images: 200, flops: 2000, seconds: 60, accuracy: 0.5, learned: true },
    ]);
    expect(points).toHaveLength(8);
    expect(otherEnvironments).toBe(0);
  });

  it('counts the start and the clustering as a whole, once', () => {
    // The clustering rests on the start too.
    const record = recordOf([base, other(base.seeds.map(() => ({ seconds: [10, 20], accuracy: [0.3, 0.5] })), { start: 'base', clustering: { seconds: 5 } })]);
    expect(snapshotsOf(record)!.points.filter(({ entry, seed }) => entry === 'other' && seed === 0).map(({ images, flops, seconds }) => [images, flops, seconds])).toEqual([
      [100 + 200 + 7, 1000 + 2000 + 70, 10 + 200 + 5], [200 + 200 + 7, 2000 + 2000 + 70, 20 + 200 + 5],
    ]);
  });

  it('counts all that stands behind, also behind a start', () => {
    const of = (first: number, name: string, rest: Partial<Entry>): Entry => ({ name, seeds: base.seeds.map(() => ({ seconds: [first, 3 * first], accuracy: [0.3, 0.5] })), ...rest });
    const entries = [base, of(10, 'other', { start: 'base', clustering: { seconds: 5 } }), of(1, 'third', { start: 'other' })];
    // base 200 s, the clustering 5 s, other 30 s.
    expect(snapshotsOf(recordOf(entries))!.points.filter(({ entry, seed }) => entry === 'third' && seed === 1).map(({ share, images, flops, seconds }) => [share, images, flops, seconds])).toEqual([
      [0.5, 100 + 200 + 7 + 200, 1000 + 2000 + 70 + 2000, 1 + 200 + 5 + 30], [1, 200 + 200 + 7 + 200, 2000 + 2000 + 70 + 2000, 3 + 200 + 5 + 30],
    ]);
  });

  it('tells how many times the reference\'s time is taken to the highest accuracy of both, with an interval over seeds', () => {
    // At 40 %, which the reference has after 150 s: 30, 60 and 120 s, so ratios 0.2, 0.4 and 0.8, whose logarithms lie ln 2 apart.
    const at = (seconds: number): Seed => ({ seconds: [seconds / 2, seconds], accuracy: [0.2, 0.4] });
    const ratio = ratioOf([base, other([at(30), at(60), at(120)])]);
    // t of 2 degrees of freedom at 97.5 %: 4.302653.
    const half = Math.exp((4.302653 * Math.LN2) / Math.sqrt(3));
    expect(ratio).toMatchObject({ verdict: 'unresolved', reason: 'the interval of the ratio includes 1', ratio: { n: 3 } });
    expect(ratio.accuracy).toBeCloseTo(0.4, 12);
    expect(ratio.ratio!.value).toBeCloseTo(0.4, 10);
    expect(ratio.ratio!.low).toBeCloseTo(0.4 / half, 5);
    expect(ratio.ratio!.high).toBeCloseTo(0.4 * half, 5);
    expect(ratioOf([base, other([at(58), at(60), at(62)])])).toMatchObject({ verdict: 'faster', reason: null });
    expect(ratioOf([base, other([at(300), at(310), at(320)])])).toMatchObject({ verdict: 'slower', reason: null });
  });

  it('is unresolved without three seeds, with the ratio beside it', () => {
    const two = (entry: Entry): Entry => ({ ...entry, seeds: entry.seeds.slice(0, 2) });
    expect(ratioOf([two(base), other([{ seconds: [20, 50], accuracy: [0.3, 0.5] }, { seconds: [20, 50], accuracy: [0.3, 0.5] }])])).toEqual({
      entry: 'other', reference: 'base', protocol: 'knn', verdict: 'unresolved', reason: 'an interval needs 3 seeds', ratio: { n: 2, value: expect.closeTo(0.25, 10) as number, low: null, high: null }, accuracy: 0.5,
    });
  });

  it('is unresolved where the curves do not overlap at a seed, which is not left out', () => {
    const seed = { seconds: [10, 20], accuracy: [0.3, 0.5] };
    expect(ratioOf([base, other([seed, seed, { seconds: [10, 20], accuracy: [0.6, 0.7] }])])).toEqual(unresolved('the curves do not overlap at 1 of 3 seeds: other 60.0 to 70.0 %, base 30.0 to 50.0 %'));
  });

  it.each<[string, Seed, string]>([
    ['collapsed', { seconds: [10, 20], accuracy: [0.3, 0.5], collapsed: 'all alike' }, 'other collapsed in pre-training'],
    ['failed to learn', { seconds: [10, 20], accuracy: [0.3, 0.5], learned: false }, 'other failed to learn on a task'],
    ['has a time that is not known', { seconds: [null, 20], accuracy: [0.3, 0.5] }, 'how long other took is not known'],
  ])('is unresolved where an entry %s at a seed', (_, seed, reason) => {
    const fine = { seconds: [10, 20], accuracy: [0.3, 0.5] };
    expect(ratioOf([base, other([fine, seed, fine])])).toEqual(unresolved(reason));
  });

  it('takes curves alone that are whole', () => {
    const seeds = base.seeds.map(() => ({ seconds: [10, 20], accuracy: [0.3, 0.5], unfinished: true }));
    const { points, ratios } = snapshotsOf(recordOf([base, other(seeds)]))!;
    expect(points.filter(({ entry }) => entry === 'other')).toEqual([]);
    expect(ratios).toEqual([unresolved('at no seed have both been judged at every snapshot')]);
  });

  it('is unresolved where a seed is lost, for those that are left are a selection', () => {
    const fine = { seconds: [20, 60], accuracy: [0.3, 0.5] };
    expect(ratioOf([base, other([fine, fine, fine])])).toMatchObject({ verdict: 'faster' });
    const four: Entry = { ...base, seeds: [...base.seeds, base.seeds[0]!] };
    expect(ratioOf([four, other([fine, fine, fine, { ...fine, unfinished: true }])])).toEqual(unresolved('at 3 of 4 seeds alone have both been judged at every snapshot'));
    expect(ratioOf([four, other([fine, fine, fine])])).toEqual(unresolved('at 3 of 4 seeds alone have both been judged at every snapshot'));
    // What ran on another machine is left out of times, but is not lost.
    expect(ratioOf([four, other([fine, fine, fine, { ...fine, host: 'there' }])])).toMatchObject({ verdict: 'faster', ratio: { n: 3 } });
  });

  it('takes no value of another protocol or metric version', () => {
    const whole = recordOf([base, other(base.seeds)]);
    const withOther = (change: object): RunRecord => ({ ...whole, results: whole.results.map((result) => (result.id === 'transfer/other/0/set/one/1' ? { ...result, ...change } : result)) });
    const seedsOfOther = (record: RunRecord) => [...new Set(snapshotsOf(record)!.points.filter(({ entry }) => entry === 'other').map(({ seed }) => seed))];
    expect(seedsOfOther(whole)).toEqual([0, 1, 2]);
    expect(seedsOfOther(withOther({ protocolHash: 'feedfeedfeed' }))).toEqual([1, 2]);
    expect(seedsOfOther(withOther({ metricVersion: 2 }))).toEqual([1, 2]);
  });

  it('does not know the time of a clustering that was resumed', () => {
    const seeds = base.seeds.map(() => ({ seconds: [10, 20], accuracy: [0.3, 0.5] }));
    expect(ratioOf([base, other(seeds, { start: 'base', clustering: { seconds: 5, resumed: true } })])).toEqual(unresolved('how long other took is not known'));
  });

  it('never puts times of two machines together, not within one curve either', () => {
    const seeds = [0, 1, 2].map((seed) => ({ seconds: [10, 20], accuracy: [0.3, 0.5], ...(seed === 1 ? { host: 'there' } : {}) }));
    const { points, ratios, otherEnvironments } = snapshotsOf(recordOf([base, other(seeds)]))!;
    expect(points.filter(({ entry }) => entry === 'other').map(({ seed }) => seed)).toEqual([0, 0, 2, 2]);
    expect(otherEnvironments).toBe(1);
    expect(ratios).toMatchObject([{ verdict: 'unresolved', ratio: { n: 2 } }]);
    const split = recordOf([base, other(base.seeds.map(() => ({ seconds: [10, 20], accuracy: [0.3, 0.5] })), { start: 'base', clustering: { seconds: 5, host: 'there' } })]);
    expect(snapshotsOf(split)).toMatchObject({ otherEnvironments: 3, ratios: [unresolved('at no seed have both been judged at every snapshot')] });
  });

  it('is unresolved where other work took turns with one of the two on a single thread of a CPU, and where that is not told', () => {
    // To the same accuracies in twice the time, but with half of the processor.
    const at = (processor: number | null, seconds = 2): Entry => other(base.seeds.map((seed) => ({ ...seed, seconds: seed.seconds.map((one) => one! * seconds), processor })));
    expect(ratioOf([base, at(1)])).toMatchObject({ verdict: 'slower', reason: null });
    // By the processor's time that is no difference.
    expect(snapshotsOf(recordOf([base, at(0.5)]))).toMatchObject({ time: 'processor', processorShares: { least: 0.5, most: 1 } });
    expect(ratioOf([base, at(0.5)])).toMatchObject({ verdict: 'unresolved', reason: 'the interval of the ratio includes 1', ratio: { value: expect.closeTo(1, 9) as number } });
    expect(ratioOf([base, at(0.92)])).toMatchObject({ verdict: 'slower', ratio: { value: expect.closeTo(1.84, 9) as number } });
    // Where one training does not tell, all times are of the clock, and those who had the processor unlike say nothing.
    const third: Entry = { ...at(null), name: 'third' };
    expect(snapshotsOf(recordOf([base, at(0.5), third]))).toMatchObject({ time: 'wall', ratios: [{ verdict: 'unresolved', reason: 'other work ran beside them: other had 50 % of a processor\'s time at a seed, base 100 %', ratio: { value: expect.closeTo(2, 9) as number } }, { entry: 'third' }] });
    // So they are where loader threads ran in a process: more than all of one processor is all of it.
    expect(snapshotsOf(recordOf([base, at(1.4)]))).toMatchObject({ time: 'wall', ratios: [{ verdict: 'slower', ratio: { value: expect.closeTo(2, 9) as number } }] });
    expect(ratioOf([base, at(null)])).toMatchObject({ verdict: 'unresolved', reason: 'it is not known whether other work ran beside other: loader threads ran in its process, or the result is an older one' });
    for (const on of [{ ...engine, device: 'cuda' as const }, { ...engine, threads: { intraOp: 2, interOp: 1 } }, { ...engine, threads: { intraOp: 1, interOp: 2 } }]) {
      expect(snapshotsOf(recordOf([base, at(0.5)], 'base', on))!.ratios[0]).toMatchObject({ verdict: 'slower', reason: null });
    }
  });

  it('counts the processor of a start and a clustering with an entry\'s own', () => {
    const start: Entry = { ...base, seeds: base.seeds.map((seed) => ({ ...seed, processor: 0.5 })) };
    const entry = other(base.seeds.map(() => ({ seconds: [100, 195], accuracy: [0.3, 0.5] })), { start: 'base', clustering: { seconds: 5 } });
    // 200 s with half of a processor, 5 s and 195 s with all of it.
    const third = { ...other(base.seeds.map((seed) => ({ ...seed, processor: null }))), name: 'third' };
    expect(snapshotsOf(recordOf([start, entry, third]))!.ratios[0]).toMatchObject({ verdict: 'unresolved', reason: 'other work ran beside them: base had 50 % of a processor\'s time at a seed, other 75 %' });
    // Of the processor 100 s of base, then of other 100 of its start, 5 and 195.
    expect(snapshotsOf(recordOf([start, entry]))!.points.filter(({ seed, share }) => seed === 0 && share === 1).map(({ seconds }) => seconds)).toEqual([100, 300]);
  });

  it('compares every other entry with the reference, then the methods with each other, by their first entries on all data', () => {
    const named = (name: string, method: string, subset = 'full'): Entry => ({ ...base, name, method, subset });
    const entries = [named('mae-split', 'mae', 'split-a'), named('base', 'mae'), named('mixed', 'mixedae'), named('mixed-again', 'mixedae'), named('teacher', 'ibot')];
    expect(snapshotsOf(recordOf(entries))!.ratios.map(({ entry, reference }) => [entry, reference])).toEqual([
      ['mae-split', 'base'], ['mixed', 'base'], ['mixed-again', 'base'], ['teacher', 'base'], ['mixed', 'teacher'],
    ]);
  });

  it('has no comparison without a reference that trains, and nothing where no snapshots are asked for', () => {
    expect(snapshotsOf(recordOf([base], 'scratch'))!.ratios).toEqual([]);
    const record = recordOf([base]);
    const suite = Object.entries(record.suite as Readonly<Record<string, Json>>).filter(([name]) => name !== 'snapshots');
    expect(snapshotsOf({ ...record, suite: Object.fromEntries(suite) })).toBeUndefined();
  });
});

describe('what judges snapshots', () => {
  it('is no cell of the tables and no cost of an entry', () => {
    const record = recordOf([base]);
    expect(cellsOf(record)).toHaveLength(3 * 2);
    expect(cellsOf(record).map((cell) => (cell.state === 'done' ? cell.result.metrics[0]!.value : NaN))).toEqual(Array.from({ length: 6 }, () => 0.5));
    // Features of both tasks, at the end alone.
    expect(costsOf(record)[0]!.transfer).toEqual({ cells: 6, imagesSeen: 10, flops: 2 * (50 + 3), wallSeconds: 4 });
  });
});
