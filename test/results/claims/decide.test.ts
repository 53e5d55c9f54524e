import { describe, expect, it } from 'vitest';
import { stream } from '../../../src/random.js';
import { informationParts } from '../../../src/results/claims/information.js';
import { decideClaims } from '../../../src/results/claims/decide.js';
import { overlapsOf } from '../../../src/results/overlaps.js';
import { informationDifference } from '../../../src/metrics/information/index.js';
import { compare } from '../../../src/results/comparison.js';
import { pairedEffect } from '../../../src/results/effects/index.js';
import { validateRunRecord } from '../../../src/results/schema.js';
import type { ClaimPart, DecidedClaim, Result, RunRecord } from '../../../src/results/types.js';
import type { ClaimExpression, ResolvedClaim } from '../../../src/suite/resolved.js';
import { reportData } from '../../../src/report/format.js';
import { headline } from '../../../src/report/sentences.js';
import { fixture } from '../../report/fixture.js';
import { claim, planted, withClaims } from './plant.js';

const plain = await fixture({ seeds: 5, tasks: 4 });
const decide = (record: RunRecord, ...claims: readonly ResolvedClaim[]): readonly DecidedClaim[] => decideClaims(withClaims(record, ...claims));
const one = (record: RunRecord, ...made: Parameters<typeof claim>): DecidedClaim => decide(record, claim(...made))[0]!;
const onTable = (entry: string, against: string, more: object = {}): ClaimExpression => ({ difference: { entry, against, tables: ['fine-tune'], ...more } });

/** Of 200 images mae has 100 right, and so has every other entry but those named; what is named varies over seeds by 1, 0, -1, 1, -1. */
const wobble = [1, 0, -1, 1, -1];
const above = (gains: Readonly<Record<string, number | Readonly<Record<string, number>>>>, noise = 1) => planted(plain, (entry, task, seed) => {
  const gain = gains[entry] ?? 0;
  const own = typeof gain === 'number' ? gain : gain[task] ?? 0;
  return 100 + own + (entry === 'mae' ? 0 : noise * wobble[seed]!);
});

describe('a difference', () => {
  it('of the average over tasks is that of the statistics, with their interval over seeds and images', () => {
    const record = above({ 'mae-random': 20 });
    const [comparison] = compare(record);
    const effect = pairedEffect(comparison!, null, 'mae-random', 'mae')!;
    expect(effect.mean).toBeCloseTo(0.1, 12);
    const decided = one(record, onTable('mae-random', 'mae'));
    expect(decided).toMatchObject({ verdict: 'supported', reason: null, unit: 'fraction', test: 'mae-random \u2212 mae > 0' });
    expect(decided.parts).toEqual([{
      on: 'fine-tune, mean of 4 tasks', protocolHashes: [comparison!.protocol.hash], verdict: 'supported', effect: effect.mean, interval: effect.overall,
      over: '5 seeds and 4000 test images', reason: null, settledBy: [], detectable: null,
    }]);
  });

  it('is refuted the other way round, and unresolved where the interval holds the bound, with what would settle it', () => {
    const record = above({ 'mae-random': -20, 'mae-split-a': 2 }, 6);
    expect(one(record, onTable('mae-random', 'mae')).verdict).toBe('refuted');
    expect(one(record, onTable('mae', 'mae-random'), { kind: 'at_least', value: 0.12 }).verdict).toBe('unresolved');
    expect(one(record, onTable('mae', 'mae-random'), { kind: 'at_least', value: 0.12, tolerance: 0.1 }).verdict).toBe('supported');
    const open = one(record, onTable('mae-split-a', 'mae'));
    expect(open).toMatchObject({ verdict: 'unresolved', reason: 'its interval holds the bound' });
    const [part] = open.parts;
    expect(part!.interval!.low).toBeLessThan(0);
    expect(part!.effect).toBeCloseTo(0.01, 12);
    // Over seeds alone: sd 0.03; 0.01 from 0, which is found 4 times in 5 from 72.58 seeds on (statsmodels); images add some.
    const [seeds] = part!.settledBy;
    expect(seeds!.what).toBe('seeds');
    expect(seeds!.count).toBeGreaterThanOrEqual(73);
    expect(seeds!.count).toBeLessThan(160);
    // Paired t-test over five seeds of a standard deviation of 0.03, four of five found (statsmodels): 1.6819971 x 0.03.
    expect(part!.detectable).toBeCloseTo(0.05045991, 6);
  });

  it('waits for masks where no detection has finished, also beside a table that supports it', async () => {
    const record = planted(await fixture({ seeds: 5, tasks: 4, dense: 'without-pictures' }), (entry, _, seed) => 100 + (entry === 'mae-random' ? 20 + wobble[seed]! : 0));
    const keys = new Map(record.jobs.map(({ key, tags }) => [key, tags['protocol']]));
    const without: RunRecord = { ...record, results: record.results.filter(({ key }) => keys.get(key) !== 'mask-rcnn') };
    const on = (...tables: readonly string[]): ClaimExpression => onTable('mae-random', 'mae', { tables });
    expect(one(record, on('fine-tune')).verdict).toBe('supported');
    for (const tables of [['fine-tune', 'mask-rcnn-masks'], ['fine-tune', 'mask-rcnn']]) {
      const decided = one(without, on(...tables));
      expect([tables, decided.verdict, decided.parts.length]).toEqual([tables, 'unresolved', 2]);
      expect(decided.parts[1]!.reason).toMatch(/has 0 of 5 seeds/);
    }
    // With boxes alone there are no masks to wait for, so the claim cannot hold there.
    const boxes: RunRecord = { ...record, results: record.results.map((result): Result => (keys.get(result.key) === 'mask-rcnn' && result.kind === 'transfer' ? { ...result, metrics: result.metrics.filter(({ metric }) => metric !== 'mask_ap') } : result)) };
    const missing = 'there is no table mask-rcnn-masks: no task is judged so, or none has finished';
    expect(one(boxes, on('fine-tune', 'mask-rcnn-masks'))).toMatchObject({ verdict: 'unresolved', reason: `mask-rcnn-masks: ${missing}` });
    expect(one(boxes, on('mask-rcnn-masks'))).toMatchObject({ verdict: 'not-asked', reason: missing });
    // Where it is refuted already, nothing else can help.
    expect(one(boxes, onTable('mae', 'mae-random', { tables: ['fine-tune', 'mask-rcnn-masks'] }))).toMatchObject({ verdict: 'refuted' });
    expect(one(boxes, { best_on: { entry: 'mae-random', against: ['mae'], tables: ['fine-tune', 'mask-rcnn-masks'] } }, { kind: 'at_least', value: 0.5 })).toMatchObject({ verdict: 'unresolved', reason: `mask-rcnn-masks: ${missing}` });
    expect(one(boxes, { order: { entry: 'mae-random', against: 'mae', more_on: { tables: ['fine-tune', 'mask-rcnn-masks'] }, than_on: { tables: ['knn'] } } }).parts.map((part) => part.on)).toContain('mask-rcnn-masks');
  });

  it('is unresolved where every image is judged alike on both sides: that tells no distance', () => {
    const record = planted(plain, () => 200);
    for (const kind of ['above', 'at_least', 'at_most', 'below'] as const) {
      expect(one(record, onTable('mae-random', 'mae'), { kind })).toMatchObject({ verdict: 'unresolved', reason: 'all of the test images are judged alike on both sides, which does not tell how far apart they may be' });
    }
  });

  it('says nowhere that a difference of nothing would be found where every image is judged alike', () => {
    const data = reportData(planted(plain, () => 100));
    const { groups, effects } = data.statistics();
    expect(groups.flatMap(({ table, pairs }) => (table === 'fine-tune' ? pairs : [])).every(({ detectable }) => detectable === null)).toBe(true);
    expect(effects.flatMap((effect) => (effect.table === 'fine-tune' ? [effect.detectable] : [])).every((detectable) => detectable === null)).toBe(true);
    expect(headline(data).join(' ')).not.toContain('difference of 0.0 points');
  });

  it('is of the named tasks, and of one side, alone', () => {
    // Side A is clothing; B are mammals, birds-and-sea and food.
    const record = above({ 'mae-random': { clothing: 30, mammals: 10, 'birds-and-sea': 10, food: -20 } }, 0);
    const effect = (more: object) => one(record, onTable('mae-random', 'mae', more)).parts.map((part) => [part.on, Number(part.effect!.toFixed(12))]);
    expect(effect({ side: 'A' })).toEqual([['fine-tune, emoji/clothing', 0.15]]);
    expect(effect({ side: 'B' })).toEqual([['fine-tune, mean of 3 tasks', 0]]);
    expect(effect({ tasks: ['emoji/food', 'emoji/clothing'] })).toEqual([['fine-tune, mean of 2 tasks', 0.025]]);
    expect(effect({ tasks: ['emoji/food', 'emoji/clothing'], side: 'B' })).toEqual([['fine-tune, emoji/food', -0.1]]);
    expect(one(record, onTable('mae-random', 'mae', { tasks: ['emoji/food'], side: 'A' }))).toMatchObject({ verdict: 'not-asked', reason: 'fine-tune judges none of its tasks of side A', parts: [] });
  });

  it('of several tables holds in all of them', () => {
    const record = above({ 'mae-random': 20 });
    const both = one(record, onTable('mae-random', 'mae', { tables: ['fine-tune', 'knn'] }));
    expect(both.parts.map(({ on, verdict }) => [on, verdict])).toEqual([['fine-tune, mean of 4 tasks', 'supported'], ['knn, mean of 4 tasks', both.parts[1]!.verdict]]);
    expect(both.parts[1]!.verdict).not.toBe('supported');
    expect(both.verdict).toBe(both.parts[1]!.verdict);
  });

  it('counts images that seeds share in what would settle it', async () => {
    // 3 of 200 images more at each seed: 0.015, of which images alone have an error of sqrt(0.015 x 0.985 / 200) = 0.0086.
    const three = await fixture({ seeds: 3, tasks: 1 });
    const settledBy = (sameImages: boolean) => one(planted(three, (entry) => (entry === 'mae-random' ? 103 : 100), sameImages), onTable('mae-random', 'mae')).parts[0]!.settledBy;
    // Found 4 times in 5 with (2.8016 x 0.0086 / 0.015)^2 = 2.6 times as many, and with no number of seeds.
    expect(settledBy(true)).toEqual([{ what: 'test images', count: 600 }]);
    // Images of their own: an effect of 0.015 / 0.0086 is found 4 times in 5 from 4.81 seeds on (statsmodels).
    expect(settledBy(false)).toEqual([{ what: 'seeds', count: 5 }]);
  });

  it('has no interval from two seeds, and does not foretell from them how many would settle it', async () => {
    const two = planted(await fixture({ seeds: 2, tasks: 1 }), (entry, _, seed) => (entry === 'mae-random' ? 120 + 2 * seed : 100));
    const decided = one(two, onTable('mae-random', 'mae'));
    expect(decided).toMatchObject({ verdict: 'unresolved', reason: 'an interval needs 3 seeds, and there are 2' });
    expect(decided.parts[0]).toMatchObject({ interval: null, over: '2 seeds', settledBy: [], detectable: null });
    expect(decided.parts[0]!.effect).toBeCloseTo(0.105, 12);
    const best = one(two, { best_on: { entry: 'mae', against: ['mae-random'], tables: ['fine-tune'] } }, { kind: 'at_most', value: 0.5 });
    expect(best).toMatchObject({ verdict: 'unresolved', reason: 'an interval needs 3 seeds, and there are 2' });
    expect(best.parts[0]).toMatchObject({ effect: 0, interval: { low: 0, high: 1 } });
  });
});

describe('nothing is decided by an entry', () => {
  const asked = (record: RunRecord, more: object = {}) => one(record, onTable('mae-random', 'mae', more));

  it('that failed to learn, unless on another task', async () => {
    const record = await fixture({ seeds: 3, tasks: 2, unlearned: ['transfer/mae-random/mammals/fine-tune/s1'] });
    expect(asked(record)).toMatchObject({ verdict: 'unresolved', reason: 'mae-random failed to learn' });
    expect(asked(record).parts[0]).toMatchObject({ effect: null, interval: null, settledBy: [] });
    expect(asked(record, { tasks: ['emoji/birds-and-sea'] }).parts[0]!.interval).not.toBeNull();
  });

  it('that is one encoder over seeds', async () => {
    expect(asked(await fixture({ seeds: 3, tasks: 1, oneEncoder: 'mae-random' })).reason).toBe('mae-random: one encoder, 3 transfers');
  });

  it('that collapsed', () => {
    const collapsed: RunRecord = { ...plain, results: plain.results.map((result) => (result.kind === 'pretrain' && result.id.startsWith('pretrain/mae-random/') ? { ...result, collapsed: { reason: 'its features are all alike' } } : result)) };
    expect(asked(collapsed).reason).toMatch(/^mae-random collapsed in pre-training: its features are all alike/);
  });

  it('that lacks a seed', async () => {
    expect(asked(await fixture({ seeds: 4, tasks: 1, pending: ['transfer/mae/mammals/fine-tune/s3'] })).reason).toBe('mae has 3 of 4 seeds on emoji/mammals');
  });

  it('of which nothing has finished', async () => {
    const pending = plain.jobs.filter(({ kind }) => kind === 'transfer').map(({ id }) => id);
    const record = await fixture({ seeds: 5, tasks: 4, pending });
    expect(one(record, onTable('mae-random', 'mae', { side: 'A' })).reason).toBe('the sides of tasks are told by results, which are missing');
    expect(asked(record).verdict).toBe('unresolved');
  });
});

describe('an order', () => {
  const order = (more: readonly string[], than: readonly string[]): ClaimExpression =>
    ({ order: { entry: 'mae-random', against: 'mae', more_on: { tables: ['fine-tune'], tasks: more }, than_on: { tables: ['fine-tune'], tasks: than } } });

  it('is the difference of two differences at each seed', () => {
    const record = above({ 'mae-random': { mammals: 40, food: 20, clothing: 10 } });
    const decided = one(record, order(['emoji/mammals', 'emoji/food'], ['emoji/clothing']));
    // (20 % + 10 %) / 2 - 5 %; the seeds' wobble is the same on both sides and drops out.
    expect(decided.parts[0]!.effect).toBeCloseTo(0.1, 12);
    expect(decided).toMatchObject({ verdict: 'supported', test: '(mae-random \u2212 mae) on the first tasks \u2212 on the others > 0' });
    expect(decided.parts[0]!.on).toBe('fine-tune, mean of 2 tasks, against fine-tune, emoji/clothing');
    expect(decided.parts[0]!.over).toBe('5 seeds and 3000 test images');
    expect(one(record, order(['emoji/clothing'], ['emoji/mammals'])).verdict).toBe('refuted');
  });

  it('has wider intervals than either difference, whose images are not the same', () => {
    const width = (decided: DecidedClaim): number => decided.parts[0]!.interval!.high - decided.parts[0]!.interval!.low;
    // Without the seeds' wobble only the images are left, whose noise is that of two tasks.
    const steady = planted(plain, (entry, task) => (entry === 'mae-random' && (task === 'mammals' || task === 'clothing') ? 140 : 100));
    expect(width(one(steady, order(['emoji/mammals'], ['emoji/clothing'])))).toBeGreaterThan(1.2 * width(one(steady, onTable('mae-random', 'mae', { tasks: ['emoji/mammals'] }))));
  });

  it('of several tables is asked of every pair', () => {
    const both: ClaimExpression = { order: { entry: 'mae-random', against: 'mae', more_on: { tables: ['fine-tune', 'linear'] }, than_on: { tables: ['knn'] } } };
    expect(one(plain, both).parts.map(({ on }) => on)).toEqual(['fine-tune, mean of 4 tasks, against knn, mean of 4 tasks', 'linear, mean of 4 tasks, against knn, mean of 4 tasks']);
  });
});

describe('best on', () => {
  const bestOn: ClaimExpression = { best_on: { entry: 'mae', against: ['mae-split-a', 'mae-split-b'], tables: ['fine-tune'] } };
  const splits = { 'mae-split-a': { mammals: -40, 'birds-and-sea': -40, food: -40, clothing: 40 }, 'mae-split-b': { mammals: 40, 'birds-and-sea': 40, food: -40, clothing: -40 } };

  it('counts tasks on which another is above as lost, and needs all others below on the rest', () => {
    // mae is best on food alone.
    const decided = one(above(splits), bestOn, { kind: 'at_most', value: 0.5 });
    expect(decided).toMatchObject({ verdict: 'supported', unit: 'share', test: 'mae above mae-split-a, mae-split-b on \u2264 50 % of tasks' });
    expect(decided.parts[0]).toMatchObject({ on: 'fine-tune, 4 tasks', effect: 0.25, interval: { low: 0.25, high: 0.25 }, over: '4 tasks decided of 4' });
    expect(one(above(splits), bestOn, { kind: 'above', value: 0.5 }).verdict).toBe('refuted');
  });

  it('leaves a task open whose differences are not clear, and the claim with it where that matters', () => {
    const close = { ...splits, 'mae-split-b': { ...splits['mae-split-b'], mammals: 1, 'birds-and-sea': 1 } };
    const decided = one(above(close, 3), bestOn, { kind: 'at_most', value: 0.5 });
    expect(decided.verdict).toBe('unresolved');
    expect(decided.reason).toBe('open on emoji/mammals, emoji/birds-and-sea');
    expect(decided.parts[0]).toMatchObject({ effect: 0.25, interval: { low: 0.25, high: 0.75 } });
    expect(decided.parts[0]!.settledBy[0]!.count).toBeGreaterThan(5);
    // Each of eight comparisons at 5 / 8 %, with a standard deviation of 0.015 over five seeds (statsmodels).
    expect(decided.parts[0]!.detectable).toBeCloseTo(0.04464679, 5);
    // Whichever way they fall, it is not best on all.
    expect(one(above(close, 3), bestOn, { kind: 'below', value: 1 }).verdict).toBe('supported');
  });

  it('asks more of each of several comparisons than of one', () => {
    // Five of 200 images below, with a standard deviation of 3 over five seeds: t is 3.7, of 2.8 for one comparison at 95 %, and 5.2 for one of eight.
    const near = { 'mae-split-a': -5, 'mae-split-b': -40 };
    expect(one(above(near, 3), onTable('mae', 'mae-split-a', { tasks: ['emoji/food'] })).verdict).toBe('supported');
    expect(one(above(near, 3), bestOn, { kind: 'above', value: 0.5 }).parts[0]).toMatchObject({ effect: 1, interval: { low: 0, high: 1 } });
    const alone: ClaimExpression = { best_on: { entry: 'mae', against: ['mae-split-a'], tables: ['fine-tune'], tasks: ['emoji/food'] } };
    expect(one(above(near, 3), alone, { kind: 'above', value: 0.5 }).verdict).toBe('supported');
  });

  it('is open where every image is judged alike on both sides: that tells no distance', () => {
    // All are right about every image: no difference, and no width either.
    const level = planted(plain, () => 200);
    expect(one(level, bestOn, { kind: 'above', value: 0.5 })).toMatchObject({ verdict: 'unresolved', parts: [{ interval: { low: 0, high: 1 }, over: '0 tasks decided of 4' }] });
    // One right about every image, one about none: as far apart as can be, at every draw.
    const apart = planted(plain, (entry) => (entry === 'mae' ? 200 : 0));
    expect(one(apart, bestOn, { kind: 'above', value: 0.5 })).toMatchObject({ verdict: 'unresolved', parts: [{ effect: 1, interval: { low: 0, high: 1 }, over: '0 tasks decided of 4', settledBy: [], detectable: null }] });
  });

  it('says nothing on tasks where the only clear other is in doubt', async () => {
    const unlearned = ['mammals', 'birds-and-sea'].map((task) => `transfer/mae-split-b/${task}/fine-tune/s0`);
    const record = planted(await fixture({ seeds: 5, tasks: 4, unlearned }), (entry, task) => 100 + ((splits as Record<string, Record<string, number>>)[entry]?.[task] ?? 0));
    const decided = one(record, bestOn, { kind: 'at_most', value: 0.5 });
    expect(decided).toMatchObject({ verdict: 'unresolved', reason: 'mae-split-b failed to learn' });
    expect(decided.parts[0]).toMatchObject({ effect: null, settledBy: [] });
    // Clothing is lost to mae-split-a, whatever mae-split-b is worth: not best on all, with the share by the means.
    expect(one(record, bestOn, { kind: 'below', value: 1 })).toMatchObject({ verdict: 'supported', reason: null, parts: [{ effect: 0.25, interval: { low: 0.25, high: 0.75 }, over: '2 tasks decided of 4' }] });
  });
});

describe('a ratio', () => {
  const ratio = (quantity: Extract<ClaimExpression, { ratio: unknown }>['ratio']['quantity'], entry = 'mae', against = 'mae-random'): ClaimExpression => ({ ratio: { entry, against, quantity } });

  it('of FLOPs is counted', async () => {
    // 760 steps for 328.
    const decided = one(plain, ratio('pretrain_flops'), { kind: 'at_most', value: 2.5 });
    expect(decided).toMatchObject({ verdict: 'supported', unit: 'ratio', test: 'pretrain flops of mae / mae-random \u2264 2.5' });
    expect(decided.parts[0]).toMatchObject({ effect: 760 / 328, over: 'counted at 5 seeds' });
    expect(one(plain, ratio('pretrain_flops'), { kind: 'at_most', value: 2 }).verdict).toBe('refuted');
    expect(one(await fixture({ seeds: 2, tasks: 1, pending: ['pretrain/mae/s1'] }), ratio('pretrain_flops')).reason).toBe('both have pre-trained at 1 of 2 seeds');
  });

  const turns = (seconds: readonly number[]) => seconds.map((time) => ({ outside: { steps: 2, seconds: time }, inside: { steps: 4, seconds: 8 * time } }));
  const entry = (name: string, seconds: readonly number[]) =>
    ({ name, method: name, parameters: 10, epochs: 2, epochImages: 100, scheduleImages: 200, flopsPerImage: 1e6, flopsParts: [], peakMemoryBytes: 300, peakDeviceMemory: null, turns: turns(seconds) });
  const timed = (slow: readonly number[], fast: readonly number[]): RunRecord => {
    const result = { ...plain.results[0]!, id: 'speed/m', key: 'speed/m', kind: 'speed', model: 'm', batchSize: 5, entries: [entry('mae', slow), { ...entry('mae-random', fast), scheduleImages: 800 }] } as unknown as Result;
    const jobs = [...plain.jobs, ...['m', 'n'].map((model) => ({ id: `speed/${model}`, key: `speed/${model}`, kind: 'speed', inputs: {}, tags: { model } }))];
    return { ...plain, results: [...plain.results, result], jobs };
  };

  it('of speeds is of paired rounds, and of every model', () => {
    const decided = one(timed([1, 2, 4], [0.5, 0.5, 2]), ratio('seconds_per_step', 'mae-random', 'mae'), { kind: 'at_most', value: 0.9 });
    // 1/2, 1/4, 1/2: 2^(-4/3), and half-width 4.302653 ln 2 / 3 of the logarithm.
    const half = (4.302653 * Math.log(2)) / 3;
    expect(decided.parts[0]!.effect).toBeCloseTo(2 ** (-4 / 3), 10);
    expect(Math.log(decided.parts[0]!.interval!.high)).toBeCloseTo((-4 / 3) * Math.log(2) + half, 5);
    expect(decided.parts.map(({ on, verdict, over, reason }) => [on, verdict, over, reason])).toEqual([
      ['m', 'unresolved', '3 rounds', 'its interval holds the bound'], ['n', 'unresolved', '', 'the speed has not been measured'],
    ]);
    // sd ln 2 / sqrt 3 = 0.400, and ln 0.9 lies 0.819 away, 2.046 times as far: found 4 times in 5 from 4.13 rounds on (statsmodels).
    expect(decided.parts[0]!.settledBy).toEqual([{ what: 'rounds', count: 5 }]);
    expect(decided.reason).toBe('m: its interval holds the bound; n: the speed has not been measured');
    const ofM: ClaimExpression = { ratio: { entry: 'mae-random', against: 'mae', quantity: 'seconds_per_step', models: ['m'] } };
    expect(one(timed([1, 2, 4], [0.5, 0.5, 2]), ofM, { kind: 'at_most', value: 1.5 })).toMatchObject({ verdict: 'supported', parts: [{ on: 'm' }] });
  });

  it('of schedules counts their images, and FLOPs have no error', () => {
    const schedule = one(timed([1, 1, 1], [0.5, 0.5, 0.5]), ratio('seconds_per_schedule', 'mae-random', 'mae'));
    expect(schedule.parts[0]!.effect).toBeCloseTo(2, 9);
    const flops = one(timed([1, 1, 1], [0.5, 0.5, 0.5]), ratio('flops_per_schedule', 'mae-random', 'mae'), { kind: 'at_least', value: 4 });
    expect(flops.parts[0]).toMatchObject({ effect: 4, interval: { low: 4, high: 4 }, over: 'counted', verdict: 'supported' });
  });

  it('of schedules is not decided where one goes on from another entry', () => {
    const record = timed([1, 1, 1], [0.5, 0.5, 0.5]);
    const { entries, ...suite } = record.suite as unknown as { readonly entries: readonly { readonly name: string }[] };
    const started = { ...record, suite: { ...suite, entries: entries.map((own) => (own.name === 'mae-random' ? { ...own, start: 'mae' } : own)) } } as unknown as RunRecord;
    for (const quantity of ['seconds_per_schedule', 'flops_per_schedule'] as const) {
      const decided = one(started, ratio(quantity, 'mae-random', 'mae'));
      expect([decided.verdict, decided.parts[0]!.effect, decided.parts[0]!.reason]).toEqual(['unresolved', null, 'mae-random goes on from another entry, whose schedule is not in the measurement']);
    }
    expect(one(started, ratio('seconds_per_step', 'mae-random', 'mae')).parts[0]!.effect).toBeCloseTo(0.5, 9);
  });
});

describe('attention and objects', () => {
  const overlaps = (level: (entry: string, seed: number) => number, disc: (entry: string) => number = () => 0.3): RunRecord => {
    const made = ['scratch', 'mae'].flatMap((entry) => [0, 1, 2, 3, 4].map((seed) => {
      const id = `overlap/${entry}/s${seed}`;
      const at = level(entry, seed);
      const result = {
        ...plain.results[0]!, key: id, id, kind: 'overlap', seed, task: 'emoji/mammals', heads: 2, share: 0.6, flops: 1,
        perImage: { ids: ['a', 'b', 'c'], jaccard: [[0.1, at + 0.1], [at - 0.1, 0], [at, at]], disc: [-0.1, 0.1, 0].map((more) => disc(entry) + more), random: [0.3, 0.3, 0.3] },
      } as unknown as Result;
      return { result, job: { id, key: id, kind: 'overlap', inputs: {}, tags: { entry, task: 'emoji/mammals', seed: String(seed) } } };
    }));
    return { ...plain, results: [...plain.results, ...made.map(({ result }) => result)], jobs: [...plain.jobs, ...made.map(({ job }) => job)] };
  };

  it('are compared by each image\'s best head', () => {
    const decided = one(overlaps((entry, seed) => (entry === 'mae' ? 0.5 + 0.01 * wobble[seed]! : 0.3)), onTable('mae', 'scratch', { tables: ['overlap'] }));
    expect(decided).toMatchObject({ verdict: 'supported' });
    expect(decided.parts[0]).toMatchObject({ on: 'overlap of attention and objects, emoji/mammals', protocolHashes: [expect.stringMatching(/^[0-9a-f]{12}$/)], over: '5 seeds and 3 test images' });
    expect(decided.parts[0]!.effect).toBeCloseTo(0.2, 12);
    expect(one(overlaps(() => 0.3), onTable('mae-random', 'mae', { tables: ['overlap'] })).reason).toBe('mae-random has 0 of 5 seeds on emoji/mammals');
  });

  it('are compared above a disc as large too, for what is larger overlaps more', () => {
    const level = (entry: string, seed: number): number => (entry === 'mae' ? 0.5 + 0.01 * wobble[seed]! : 0.3);
    const both = onTable('mae', 'scratch', { tables: ['overlap', 'overlap-above-disc'] });
    // Discs alike: both say the same. The one of mae larger by as much as its overlap: nothing is left but what varies over seeds, 0 on the mean.
    const alike = one(overlaps(level), both);
    expect(alike.verdict).toBe('supported');
    expect(alike.parts.map(({ effect }) => effect)).toEqual([expect.closeTo(0.2, 12), expect.closeTo(0.2, 12)]);
    const larger = one(overlaps(level, (entry) => (entry === 'mae' ? 0.4 : 0.2)), both);
    expect(larger.verdict).toBe('unresolved');
    expect(larger.parts.map(({ on, effect, verdict }) => [on, effect, verdict])).toEqual([
      ['overlap of attention and objects, emoji/mammals', expect.closeTo(0.2, 12), 'supported'],
      ['overlap of attention and objects above that of a disc as large, emoji/mammals', expect.closeTo(0, 12), 'unresolved'],
    ]);
    expect(one(plain, both)).toMatchObject({ verdict: 'not-asked' });
  });

  it('decide nothing where they were not measured alike', () => {
    const record = overlaps((entry) => (entry === 'mae' ? 0.5 : 0.3));
    const mixed = { ...record, results: record.results.map((result) => (result.id === 'overlap/mae/s1' ? { ...result, share: 0.5 } as Result : result)) };
    expect(one(mixed, onTable('mae', 'scratch', { tables: ['overlap'] }))).toMatchObject({ verdict: 'unresolved', reason: expect.stringMatching(/^mae was measured otherwise \(protocol [0-9a-f]{12}\)$/) as string });
    expect(overlapsOf(mixed).map(({ entry, hashes, best }) => [entry, hashes.length, best.kind])).toEqual([['scratch', 1, 'interval'], ['mae', 2, 'values']]);
  });

  it('are of the side that the task has', () => {
    // Mammals are organisms, as the transfers of the task say.
    const record = overlaps((entry, seed) => (entry === 'mae' ? 0.5 + 0.01 * wobble[seed]! : 0.3));
    expect(one(record, onTable('mae', 'scratch', { tables: ['overlap'], side: 'B' }))).toMatchObject({ verdict: 'supported' });
    expect(one(record, onTable('mae', 'scratch', { tables: ['overlap'], side: 'A' }))).toMatchObject({ verdict: 'not-asked', reason: 'overlap of attention and objects judges none of its tasks of side A' });
  });

  it('are not asked where no task tells objects', () => {
    expect(one(plain, onTable('mae', 'scratch', { tables: ['overlap'] }))).toMatchObject({ verdict: 'not-asked', reason: 'no task of this suite tells objects from a background' });
  });
});

describe('information', () => {
  const information: ClaimExpression = { information: { entry: 'mae-random', against: 'mae' } };
  const ids = Array.from({ length: 100 }, (_, i) => `h${i}`);
  /** Errors about 1 of each image; what is named is times as large. */
  const told = (factor: (entry: string, seed: number) => number, masks: ((entry: string) => string) | null = null): RunRecord => {
    const tags = new Map(plain.jobs.map((job) => [job.key, job.tags]));
    return { ...plain, results: plain.results.map((result): Result => {
      const { entry, seed } = tags.get(result.key)!;
      return result.kind !== 'pretrain' ? result : { ...result, heldOut: { ids, errors: ids.map((_, i) => (0.5 + (i % 11) / 10) * factor(entry!, Number(seed))), masks: masks?.(entry!) ?? 'm', target: 'normalised patches' } };
    }) };
  };

  it('is half the logarithm of the errors\' ratio, at each seed', () => {
    const record = told((entry, seed) => (entry === 'mae-random' ? 0.8 + 0.001 * wobble[seed]! : 1));
    const decided = one(record, information, { kind: 'at_least' });
    expect(decided).toMatchObject({ verdict: 'supported', unit: 'nats', test: 'information on the hidden patches, mae-random \u2212 mae \u2265 0' });
    const [part] = decided.parts;
    const expected = wobble.reduce((sum, own) => sum - Math.log(0.8 + 0.001 * own) / 2 / 5, 0);
    expect(part!.effect).toBeCloseTo(expected, 12);
    const errors = ids.map((_, i) => 0.5 + (i % 11) / 10);
    expect(part!.protocolHashes).toEqual([expect.stringMatching(/^[0-9a-f]{12}$/)]);
    expect(part!.effect).toBeCloseTo(wobble.reduce((sum, own) => sum + informationDifference(errors.map((error) => error * (0.8 + 0.001 * own)), errors).nats / 5, 0), 12);
    expect(part).toMatchObject({ on: 'hidden patches of held-out images', over: '5 seeds and 100 held-out images' });
    // Every image is told as much better, so nothing but seeds is uncertain.
    expect(part!.interval!.high - part!.interval!.low).toBeLessThan(0.004);
    expect(one(told((entry) => (entry === 'mae-random' ? 1.2 : 1)), information, { kind: 'at_least' }).verdict).toBe('refuted');
  });

  it('has an interval that holds the truth as often as it says, where errors are Gaussian and images and trainings differ', () => {
    // Squared errors of 12 values of each image; what is hard in an image is so for both. Truth: ln(1.2) / 2, seeds about it.
    const truth = Math.log(1.2) / 2;
    const trials = 250;
    const keys = plain.jobs.flatMap(({ key, kind, tags }) => (kind === 'pretrain' && (tags['entry'] === 'mae' || tags['entry'] === 'mae-random') ? [[key, tags['entry'], Number(tags['seed'])] as const] : []));
    let held = 0;
    for (let trial = 0; trial < trials; trial++) {
      const { normal } = stream(5, 'test/information', trial);
      const hard = ids.map(() => Math.exp(0.4 * normal()));
      const errorsOf = new Map(keys.map(([key, entry]) => {
        const scale = (entry === 'mae' ? 1.2 : 1) * Math.exp(0.03 * normal());
        return [key, hard.map((level) => (scale * level * Array.from({ length: 12 }, () => normal() ** 2).reduce((sum, square) => sum + square, 0)) / 12)];
      }));
      const results = plain.results.map((result): Result => (result.kind === 'pretrain' && errorsOf.has(result.key) ? { ...result, heldOut: { ids, errors: errorsOf.get(result.key)!, masks: 'm', target: 'normalised patches' } } : result));
      const [part] = informationParts({ ...plain, results }, { entry: 'mae-random', against: 'mae' }, { kind: 'at_least', value: 0, tolerance: 0 }) as readonly ClaimPart[];
      if (part!.interval!.low <= truth && truth <= part!.interval!.high) held++;
    }
    expect(held / trials).toBeGreaterThan(0.91); // 0.95 with a standard deviation of 0.014
    expect(held / trials).toBeLessThan(0.985);
  });

  it('is not decided of other patches, nor asked of results without errors', () => {
    expect(one(told(() => 1, (entry) => entry), information, { kind: 'at_least' })).toMatchObject({ verdict: 'unresolved', reason: expect.stringContaining('were not asked for the same patches') as string });
    expect(one(plain, information, { kind: 'at_least' })).toMatchObject({ verdict: 'not-asked', parts: [], reason: expect.stringMatching(/^no errors of mae-random and mae on images that were not trained on/) as string });
  });

  it('waits for every pre-training', async () => {
    const pending = await fixture({ seeds: 3, tasks: 1, pending: ['pretrain/mae/s1'] });
    const record: RunRecord = { ...pending, results: pending.results.map((result): Result => (result.kind === 'pretrain' ? { ...result, heldOut: { ids, errors: ids.map(() => 1), masks: 'm', target: 'normalised patches' } } : result)) };
    expect(one(record, information, { kind: 'at_least' })).toMatchObject({ verdict: 'unresolved', reason: 'mae has pre-trained at 2 of 3 seeds' });
  });
});

it('what a suite lacks is not asked, with the reason', () => {
  const [lacking] = decide(plain, claim(onTable('moce', 'mae'), {}, { lacks: 'no entry is called "moce"; did you mean "mae"?' }));
  const [lesser] = decide(plain, claim(onTable('mae-random', 'mae'), {}, { without: ['upernet'] }));
  expect(lesser!.test).toMatch(/; asked without upernet, not in this suite$/);
  expect(lacking).toMatchObject({ verdict: 'not-asked', reason: 'no entry is called "moce"; did you mean "mae"?', parts: [] });
});

it('decided claims are valid in results.json; without claims there are none', () => {
  const record = withClaims(above({ 'mae-random': 20 }), claim(onTable('mae-random', 'mae')), claim(onTable('mae', 'scratch', { tables: ['overlap'] }), {}, { id: 'd' }));
  expect(() => validateRunRecord({ ...record, claims: decideClaims(record) })).not.toThrow();
  expect(decideClaims(plain)).toEqual([]);
  expect(plain.claims).toBeUndefined();
});
