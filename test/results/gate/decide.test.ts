import { beforeAll, describe, expect, it } from 'vitest';
import { baselineOf, type Baseline } from '../../../src/results/baseline/index.js';
import { decide, tolerancesOf, withoutBaseline, type QualityRow } from '../../../src/results/gate/index.js';
import type { RunRecord } from '../../../src/results/types.js';
import { averageOf, type Compared } from '../../../src/results/gate/compared.js';
import { fixture } from '../../report/fixture.js';
import { onlyProtocols, redrawn, withGate } from './runs.js';

let record: RunRecord;
let small: RunRecord;
let baseline: Baseline;
beforeAll(async () => {
  record = redrawn(onlyProtocols(await fixture({ seeds: 3, tasks: 3 }), ['fine-tune', 'linear']), { seed: 1000 });
  baseline = baselineOf(record, 'base');
  small = await fixture({ seeds: 3, tasks: 2 });
});

const verdicts = (rows: readonly { readonly verdict: { readonly verdict: string } }[]): Readonly<Record<string, number>> =>
  Object.fromEntries(['pass', 'regressed', 'cannot-tell'].map((wanted) => [wanted, rows.filter(({ verdict }) => verdict.verdict === wanted).length]));
const quality = (gate: ReturnType<typeof decide>): readonly QualityRow[] => gate.rows.flatMap((row) => (row.kind === 'quality' ? [row] : []));

describe('a run against its own baseline', () => {
  it('passes with no change: 6 entries on 3 tasks and their average, in 2 tables', () => {
    const gate = decide(record, baseline);
    expect(gate.verdict).toEqual({ verdict: 'pass' });
    expect(gate.rows).toHaveLength(6 * 4 * 2);
    expect(quality(gate).every(({ identical, change, p }) => identical && change!.mean === 0 && p === null)).toBe(true);
    expect(gate.notes).toEqual([]);
  });

  it('names the protocol of each row, also where a table holds several', () => {
    const mixed: RunRecord = { ...record, results: record.results.map((result) => (/^transfer\/mae-random\/mammals\/linear\/s1$/.test(result.id) ? { ...result, protocolHash: 'feedfeedfeed' } : result)) };
    const rows = quality(decide(mixed, baselineOf(mixed, 'base'))).filter(({ table, protocolHash }) => table === 'linear' && protocolHash!.includes('feedfeedfeed'));
    const own = quality(decide(record, baseline)).find(({ table }) => table === 'linear')!.protocolHash!;
    expect(own).toMatch(/^[0-9a-f]{12}$/);
    expect(rows.map(({ entry, task, protocolHash }) => [entry, task, protocolHash!.split(' and ').sort()])).toEqual([
      ['mae-random', 'emoji/mammals', [own, 'feedfeedfeed'].sort()], ['mae-random', null, [own, 'feedfeedfeed'].sort()],
    ]);
  });

  it('is not identical where other images are right, though as many', () => {
    const moved: RunRecord = { ...record, results: record.results.map((result) => {
      if (result.kind !== 'transfer' || result.taskKind !== 'classification' || result.id !== 'transfer/mae/mammals/linear/s1') return result;
      const { labels, predictions } = result.perImage;
      const [right, wrong] = [labels.findIndex((label, at) => label === predictions[at]), labels.findIndex((label, at) => label !== predictions[at])];
      return { ...result, perImage: { ...result.perImage, predictions: predictions.map((one, at) => (at === right ? predictions[wrong]! : at === wrong ? labels[wrong]! : one)) } };
    }) };
    const row = quality(decide(moved, baseline)).find(({ entry, task, table }) => entry === 'mae' && task === 'emoji/mammals' && table === 'linear')!;
    expect(row).toMatchObject({ identical: false, change: { mean: 0 } });
  });

  it('passes with one seed too: what is identical needs no statistics', () => {
    const one: Baseline = { ...baseline, cells: baseline.cells.filter(({ seed }) => seed === 0) };
    expect(decide(record, one).verdict).toEqual({ verdict: 'pass' });
  });
});

it('200 comparisons of unchanged code, trained again, raise at most 10 alarms where nothing is tolerated', { timeout: 60_000 }, () => {
  const part = onlyProtocols(small, ['fine-tune']);
  const alarms = Array.from({ length: 200 }, (_, seed) => {
    const before = baselineOf(redrawn(part, { seed: 2 * seed }), 'before');
    return decide(withGate(redrawn(part, { seed: 2 * seed + 1 }), { tolerance: 0 }), before).verdict.verdict;
  }).filter((verdict) => verdict === 'regressed').length;
  // 5 % of 200 are 10; none at all would mean that the test sees nothing.
  expect(alarms).toBeLessThanOrEqual(10);
  expect(alarms).toBeGreaterThan(0);
});

it('never says that as many seeds as there are, or fewer, would settle a row', () => {
  const open = Array.from({ length: 5 }, (_, seed) => quality(decide(withGate(redrawn(record, { seed, shift: () => -0.05 }), { tolerance: 0.05 }), baseline))).flat()
    .flatMap(({ verdict }) => (verdict.verdict === 'cannot-tell' && verdict.reason.why === 'too-few-seeds' ? [verdict.reason] : []));
  expect(open.length).toBeGreaterThan(20);
  expect(open.filter(({ settles, seeds }) => settles !== null && settles <= seeds)).toEqual([]);
  // Nor the whole, where one average is nearly a regression.
  const whole = Array.from({ length: 5 }, (_, seed) => decide(withGate(redrawn(record, { seed, shift: ({ entry }) => (entry === 'mae' ? -0.07 : 0) }), { tolerance: 0.08 }), baseline).verdict)
    .flatMap((verdict) => (verdict.verdict === 'cannot-tell' && verdict.reason.why === 'rows-open' ? [verdict.reason] : []));
  expect(whole.length).toBeGreaterThan(2);
  expect(whole.filter(({ settles }) => settles !== null && settles <= 3)).toEqual([]);
});

describe('planted regressions', () => {
  const judged = (shift: Parameters<typeof redrawn>[1]['shift']) => decide(redrawn(record, { seed: 7, shift: shift! }), baseline);

  it('a wrong norm, which takes a third of the accuracy of all that is trained, is seen in every average', () => {
    const gate = judged(({ entry }) => (entry === 'scratch' ? 0 : -0.17));
    expect(gate.verdict).toEqual({ verdict: 'regressed', because: 'worse' });
    const averages = quality(gate).filter(({ task, entry }) => task === null && entry !== null);
    expect(averages.filter(({ verdict }) => verdict.verdict === 'regressed').map(({ entry, table }) => `${entry ?? ''} ${table ?? ''}`).sort()).toEqual(
      ['mae', 'mae-equal-steps', 'mae-random', 'mae-split-a', 'mae-split-b'].flatMap((entry) => [`${entry} fine-tune`, `${entry} linear`]));
  });

  it('a lower learning rate of one protocol, 12 points, is seen there and nowhere else', () => {
    const gate = judged(({ protocol }) => (protocol === 'fine-tune' ? -0.12 : 0));
    expect(gate.verdict.verdict).toBe('regressed');
    const regressed = quality(gate).filter(({ entry, verdict }) => entry !== null && verdict.verdict === 'regressed');
    expect(new Set(regressed.map(({ table }) => table))).toEqual(new Set(['fine-tune']));
    expect(regressed.filter(({ task }) => task === null)).toHaveLength(6);
  });

  it('a fault that hits everything is seen in the mean of all averages, also where seeds move all alike', () => {
    const gate = decide(redrawn(record, { seed: 9, shift: () => -0.15, sd: { common: 0.04 } }), baseline);
    expect(gate.verdict).toEqual({ verdict: 'regressed', because: 'worse' });
    const whole = quality(gate).find(({ entry }) => entry === null);
    expect(whole).toMatchObject({ table: null, measure: null, task: null, seeds: 3, verdict: { verdict: 'regressed' } });
    // The mean of 6 entries' averages in 2 tables, each over 3 tasks.
    const averages = quality(gate).filter(({ entry, task }) => entry !== null && task === null);
    expect(averages).toHaveLength(12);
    expect(whole!.change!.mean).toBeCloseTo(averages.reduce((sum, { change }) => sum + change!.mean / 12, 0), 12);
    expect(whole!.adjusted).toBeCloseTo(2 * whole!.p!, 12);
  });

  it('two seeds have no such row, which would see nothing with one degree of freedom, and leave the rate of alarms to the others', () => {
    const two: Baseline = { ...baseline, cells: baseline.cells.filter(({ seed }) => seed < 2) };
    const gate = decide(redrawn(record, { seed: 9, shift: () => -0.17 }), two);
    expect(quality(gate).filter(({ entry }) => entry === null)).toEqual([]);
    expect(gate.verdict).toEqual({ verdict: 'regressed', because: 'worse' });
    const least = quality(gate).reduce((a, b) => ((a.p ?? 1) < (b.p ?? 1) ? a : b));
    expect(least.adjusted).toBeCloseTo(quality(gate).filter(({ p }) => p !== null).length * least.p!, 12);
  });

  it('a drop that one of 49 rows shows, and that chance shows among so many, is said to be that', () => {
    const gate = judged(({ entry, task, protocol }) => (entry === 'mae' && task === 'emoji/food' && protocol === 'linear' ? -0.08 : 0));
    const row = quality(gate).find(({ entry, task, table }) => entry === 'mae' && task === 'emoji/food' && table === 'linear')!;
    expect(row.change!.interval!.high).toBeLessThan(-0.01);
    expect(row.verdict).toEqual({ verdict: 'cannot-tell', reason: { why: 'one-of-many', adjusted: row.adjusted } });
    expect(row.adjusted).toBeGreaterThan(0.05);
  });

  it('an entry that fails now has regressed, with the job\'s own words', () => {
    const cell = record.jobs.find(({ kind, tags }) => kind === 'transfer' && tags['entry'] === 'mae')!;
    const broken: RunRecord = { ...record, complete: false, results: record.results.filter(({ key }) => key !== cell.key), failures: [{ id: cell.id, key: cell.key, message: 'the loss became NaN at step 3', log: 'x', tags: cell.tags }] };
    const gate = decide(broken, baseline);
    expect(gate.verdict).toEqual({ verdict: 'regressed', because: 'failed', message: 'the loss became NaN at step 3' });
    expect(verdicts(gate.rows)).toEqual({ pass: 46, regressed: 1, 'cannot-tell': 1 });
    expect(gate.rows.find(({ verdict }) => verdict.verdict === 'cannot-tell')!.verdict).toEqual({ verdict: 'cannot-tell', reason: { why: 'cells-missing', of: { why: 'failed' } } });
  });

  it('so has one whose pre-training fails, and every cell that is skipped for it', async () => {
    const message = 'the loss became NaN at step 3';
    const broken = onlyProtocols(await fixture({ seeds: 3, tasks: 3, failed: Object.fromEntries([0, 1, 2].map((seed) => [`pretrain/mae/s${seed}`, message])) }), ['fine-tune', 'linear']);
    const rows = quality(decide(broken, baseline)).filter(({ entry, task }) => entry === 'mae' && task !== null);
    expect(rows).toHaveLength(6);
    expect(rows.map(({ verdict }) => verdict)).toEqual(rows.map(() => ({ verdict: 'regressed', because: 'failed', message })));
  });
});

describe('a run of which nothing can be said', () => {
  const changed = (change: (cell: Baseline['cells'][number]) => Partial<Baseline['cells'][number]>): Baseline => ({ ...baseline, cells: baseline.cells.map((cell) => ({ ...cell, ...change(cell) })) });
  it.each([
    ['another protocol', () => changed(() => ({ protocolHash: 'other' })), { why: 'other-protocol' }],
    ["other options of an entry's own", () => changed(() => ({ optionsHash: 'other' })), { why: 'other-options', before: 'other' }],
    ['another version of the metrics', () => changed(() => ({ metricVersion: 9 })), { why: 'other-metric-version', before: '9', now: '1' }],
    ['another metric', () => changed(() => ({ primary: 'mean_per_class' })), { why: 'other-measurement' }],
    ['other test images', () => changed(({ images }) => ({ images: `${images}x` })), { why: 'other-images' }],
    ['other seeds', () => changed(({ seed }) => ({ seed: seed + 50 })), { why: 'no-common-seed' }],
    ['other entries', () => changed(({ entry }) => ({ entry: `${entry}-old` })), { why: 'absent' }],
    ['no cells', () => ({ ...baseline, cells: [] }), { why: 'nothing-compared' }],
  ] as const)('%s', (_, other, reason) => {
    expect(decide(record, other()).verdict).toEqual({ verdict: 'cannot-tell', reason: expect.objectContaining(reason) });
  });

  it('cells that have not run', () => {
    const pending = record.jobs.filter(({ kind }) => kind === 'transfer');
    const keys = new Set(pending.map(({ key }) => key));
    expect(decide({ ...record, results: record.results.filter(({ key }) => !keys.has(key)) }, baseline).verdict).toEqual({ verdict: 'cannot-tell', reason: { why: 'not-run' } });
  });

  it('no baseline', () => {
    expect(withoutBaseline(record, 'baselines/recorded/none.json').verdict).toEqual({ verdict: 'cannot-tell', reason: { why: 'baseline-missing', file: 'baselines/recorded/none.json' } });
  });

  it('one seed of a run that has changed', () => {
    const one: Baseline = { ...baseline, cells: baseline.cells.filter(({ seed }) => seed === 0) };
    const gate = decide(redrawn(record, { seed: 7, shift: () => -0.3 }), one);
    expect(gate.verdict).toEqual({ verdict: 'cannot-tell', reason: { why: 'rows-open', open: 12, of: 12, row: expect.objectContaining({ task: null }) as QualityRow, reason: { why: 'too-few-seeds', seeds: 1, detectable: null, settles: null }, settles: null } });
  });

  it('too few seeds for the tolerated drop, with what would be seen and how many would do', () => {
    const gate = decide(withGate(redrawn(record, { seed: 8 }), { tolerance: 0.002 }), baseline);
    if (gate.verdict.verdict !== 'cannot-tell' || gate.verdict.reason.why !== 'rows-open') throw new Error('it is told');
    const { open, of, row, reason, settles } = gate.verdict.reason;
    expect([open, of]).toEqual([12, 12]);
    if (reason.why !== 'too-few-seeds') throw new Error('seeds would not mend it');
    expect(reason.detectable).toBeGreaterThan(0.002);
    // The row is the one that needs most, and all together need more than it does.
    const averages = quality(gate).filter(({ task, entry }) => task === null && entry !== null);
    expect(averages).toContain(row);
    const needs = averages.flatMap(({ verdict }) => (verdict.verdict === 'cannot-tell' && verdict.reason.why === 'too-few-seeds' ? [verdict.reason.settles!] : []));
    expect(reason.settles).toBe(Math.max(...needs));
    expect(reason.settles).toBeGreaterThan(3);
    expect(settles).toBeGreaterThan(reason.settles!);
  });

  it('what no seeds mend comes before what they do', () => {
    const other: Baseline = { ...baseline, cells: baseline.cells.map((cell) => (cell.protocol === 'linear' ? { ...cell, protocolHash: 'other' } : cell)) };
    const { verdict } = decide(withGate(redrawn(record, { seed: 8 }), { tolerance: 0.002 }), other);
    expect(verdict).toEqual({ verdict: 'cannot-tell', reason: expect.objectContaining({ why: 'rows-open', open: 12, of: 12, reason: expect.objectContaining({ why: 'cells-missing' }) as object, settles: null }) as object });
  });
});

it('an average of tasks varies by their images as a mean of independent ones does, and is of the seeds that all have', () => {
  const task = (change: readonly (readonly [number, number])[], imageVariance: number): Compared =>
    ({ state: 'changed', before: 0.5, now: 0.5, change: { bySeed: new Map(change), imageVariance, source: '', identical: false } });
  const average = averageOf([task([[0, 0.1], [1, 0.2]], 0.02), task([[1, 0.4], [2, 0.9]], 0.04), task([[1, 0], [2, 0]], 0.03)]);
  if (average.state !== 'changed') throw new Error('it is decided');
  expect([...average.change.bySeed.keys()]).toEqual([1]);
  expect(average.change.bySeed.get(1)).toBeCloseTo(0.2, 12);
  // (0.02 + 0.04 + 0.03) / 3^2.
  expect(average.change.imageVariance).toBeCloseTo(0.01, 12);
});

it('a run that was trained again passes by its averages where the tolerance is wide, though single tasks cannot tell', () => {
  const gate = decide(withGate(redrawn(record, { seed: 8 }), { tolerance: 0.06 }), baseline);
  expect(gate.verdict).toEqual({ verdict: 'pass' });
  expect(quality(gate).some(({ task, verdict }) => task !== null && verdict.verdict === 'cannot-tell')).toBe(true);
});

it('what a reader must know stands beside the rows', () => {
  const fewer: Baseline = { ...baseline, suite: 'other', setup: 'other', environments: ['elsewhere'], cells: baseline.cells.filter(({ entry }) => entry !== 'mae') };
  expect(decide(record, fewer).notes).toEqual([
    'The baseline is of the suite other, the run of fixture.',
    'Entries, model, data or tasks of the suite have changed since the baseline was recorded.',
    'The baseline was made on another machine or runtime: bits may differ without any change of the code.',
    '6 of the run\'s places (entry, task, protocol) are not in the baseline and are not compared.',
  ]);
});

it('a suite that says nothing tolerates a point, and a tenth of the throughput', () => {
  expect(tolerancesOf(record)).toEqual({ tolerance: 0.01, slower: 0.1 });
  expect(tolerancesOf(withGate(record, { slower: 0.2 }))).toEqual({ tolerance: 0.01, slower: 0.2 });
});

it.each([['tolerance', 5], ['tolerance', -5], ['slower', 'x'], ['slower', null]])('gate.%s of %j in a file of results is refused: it would let everything pass, or nothing', (name, value) => {
  expect(() => decide(withGate(record, { [name]: value }), baseline)).toThrow(expect.objectContaining({ kind: 'store', message: `gate.${name} of the run's suite is ${JSON.stringify(value)}, and must be at least 0 and less than 1` }));
});
