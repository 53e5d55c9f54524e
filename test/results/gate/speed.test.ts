import { beforeAll, describe, expect, it } from 'vitest';
import { baselineOf, type Baseline, type BaselineSpeed } from '../../../src/results/baseline/index.js';
import { decide, remeasuredRows, type SpeedGateRow } from '../../../src/results/gate/index.js';
import { unclearText } from '../../../src/report/gate-text.js';
import { stream } from '../../../src/random.js';
import type { RunRecord } from '../../../src/results/types.js';
import { fixture } from '../../report/fixture.js';
import { withGate } from './runs.js';
import { withSpeed } from './speed-run.js';

let bare: RunRecord;
/** Of speed alone. */
const base = (seconds: readonly number[]): Baseline => ({ ...baselineOf(withSpeed(bare, { mae: seconds }), 'base'), cells: [] });
const rowsOf = (gate: ReturnType<typeof decide>): readonly SpeedGateRow[] => gate.rows.flatMap((row) => (row.kind === 'speed' ? [row] : []));
const steady = [0.5, 0.55, 0.45];

beforeAll(async () => { bare = await fixture({ seeds: 1, tasks: 1 }); });

describe('speed against rounds of another time', () => {
  it('is a ratio of throughput with Welch\'s interval, worked by hand', () => {
    // Logarithms 0, ln 2, -ln 2 about ln 1 and about ln 1.5: both variances (ln 2)^2, 4 degrees of freedom, quantile 2.776445.
    const [row] = rowsOf(decide(withSpeed(bare, { mae: [1.5, 3, 0.75] }), base([1, 2, 0.5])));
    const error = Math.LN2 * Math.sqrt(2 / 3);
    expect(row).toMatchObject({ how: 'recorded', model: 'vit_tiny', entry: 'mae', quantity: 'images_per_second' });
    expect(row!.before).toBeCloseTo(4, 10);
    expect(row!.now).toBeCloseTo(4 / 1.5, 10);
    expect(row!.ratio!.value).toBeCloseTo(1 / 1.5, 10);
    expect(Math.log(row!.ratio!.high! / row!.ratio!.value)).toBeCloseTo(2.776445 * error, 5);
    // With 4 degrees of freedom P(T <= t) = 1/2 + 3/8 x (1 - x^2 / 12) for x = t / sqrt(1 + t^2 / 4).
    const t = (-Math.log(1.5) - Math.log(0.9)) / error;
    const x = t / Math.sqrt(1 + (t * t) / 4);
    expect(row!.p).toBeCloseTo(0.5 + 0.375 * x * (1 - (x * x) / 12), 7);
  });

  it('of one measurement, which the store still has, passes however wide its rounds lie', () => {
    const gate = decide(withSpeed(bare, { mae: [0.2, 0.9, 0.4] }), base([0.2, 0.9, 0.4]));
    expect(gate.verdict).toEqual({ verdict: 'pass' });
    expect(rowsOf(gate).map(({ ratio, p }) => [ratio, p])).toEqual([0, 1].map(() => [{ n: 3, value: 1, low: 1, high: 1 }, null]));
    // Measured again, such rounds leave it open.
    expect(decide(withSpeed(bare, { mae: [0.9, 0.2, 0.4] }), base([0.2, 0.9, 0.4])).verdict.verdict).toBe('cannot-tell');
  });

  it('passes where it is as fast, and sees a step that takes a fifth longer', () => {
    const rounds = [0.5, 0.51, 0.49, 0.505, 0.495];
    expect(decide(withSpeed(bare, { mae: [0.501, 0.509, 0.491, 0.504, 0.496] }), base(rounds)).verdict).toEqual({ verdict: 'pass' });
    const slowed = decide(withSpeed(bare, { mae: rounds.map((seconds) => 1.2 * seconds) }), base(rounds));
    expect(slowed.verdict).toEqual({ verdict: 'regressed', because: 'worse' });
    expect(rowsOf(slowed).map(({ verdict }) => verdict.verdict)).toEqual(['regressed', 'regressed']);
  });

  it('of an entry that the finished measurement does not have, says so', () => {
    const gone = decide(withSpeed(bare, { scratch: steady }), base(steady));
    expect(rowsOf(gone).map(({ verdict }) => verdict)).toEqual([0, 1].map(() => ({ verdict: 'cannot-tell', reason: { why: 'absent' } })));
  });

  it('of another model, or of another option of the method, is not compared: it would hide a slower step', () => {
    const run = (model: object, options: object) => withSpeed(bare, { mae: steady }, {}, { model: { name: 'custom', ...model }, entries: [{ name: 'mae', options: { ...options } }] });
    const before = { ...baselineOf(run({ width: 128 }, { mask_ratio: 0.75 }), 'base'), cells: [] };
    expect(decide(run({ width: 128 }, { mask_ratio: 0.75 }), before).verdict).toEqual({ verdict: 'pass' });
    for (const other of [run({ width: 64 }, { mask_ratio: 0.75 }), run({ width: 128 }, { mask_ratio: 0.5 })]) {
      const { verdict } = decide(other, before);
      expect(verdict).toMatchObject({ verdict: 'cannot-tell', reason: { why: 'other-measurement' } });
      const hashes = [other, run({ width: 128 }, { mask_ratio: 0.75 })].map((one) => rowsOf(decide(one, before)).map(({ measurement }) => measurement));
      expect(hashes.flat().every((hash) => /^[0-9a-f]{12}$/.test(hash!))).toBe(true);
      expect(new Set(hashes.flat()).size).toBe(2);
      expect(verdict.verdict === 'cannot-tell' ? unclearText(verdict.reason) : '').toMatch(/model and options [0-9a-f]+/);
    }
  });

  it('tolerates what the suite says', () => {
    const rounds = [0.5, 0.51, 0.49, 0.505, 0.495];
    const slowed = withSpeed(bare, { mae: rounds.map((seconds) => 1.2 * seconds) });
    expect(decide(withGate(slowed, { slower: 0.25 }), base(rounds)).verdict).toEqual({ verdict: 'pass' });
  });

  it('raises at most 10 alarms in 200 comparisons that are slower by just what is tolerated', () => {
    let alarms = 0;
    for (let seed = 0; seed < 200; seed++) {
      const { normal } = stream(seed, 'rounds');
      const rounds = (scale: number): readonly number[] => Array.from({ length: 5 }, () => scale * Math.exp(0.05 * normal()));
      if (decide(withSpeed(bare, { mae: rounds(1 / 0.9) }), base(rounds(1))).verdict.verdict === 'regressed') alarms++;
    }
    expect(alarms).toBeLessThanOrEqual(10);
  });

  it.each([
    ['another machine', () => ({ ...base(steady), speeds: base(steady).speeds.map((one) => ({ ...one, environment: 'elsewhere' })) }), 'other-environment'],
    ['another batch', () => ({ ...base(steady), speeds: base(steady).speeds.map((one) => ({ ...one, batchSize: 8 })) }), 'other-measurement'],
    ['two rounds', () => base([0.5, 0.5]), 'too-few-rounds'],
    ['another model', () => ({ ...base(steady), speeds: base(steady).speeds.map((one) => ({ ...one, model: 'vit_base' })) }), 'absent'],
    ['rounds that are too uneven', () => base([0.2, 0.5, 1.2]), 'too-few-rounds'],
  ] as const)('is not told for %s', (_, baseline, why) => {
    const { verdict } = decide(withSpeed(bare), baseline());
    if (verdict.verdict !== 'cannot-tell') throw new Error('it is told');
    expect(verdict.reason.why === 'rows-open' ? verdict.reason.reason.why : verdict.reason.why).toBe(why);
  });

  it('counts what the baseline does not have, unless all is measured again', () => {
    const two = withSpeed(bare, { mae: steady, scratch: steady });
    const note = '1 of the run\'s speeds (model, entry) are not in the baseline and are not compared.';
    expect(decide(two, base(steady)).notes).toContain(note);
    expect(decide(withSpeed(bare), base(steady)).notes).not.toContain(note);
    expect(decide(two, base(steady), { against: 'main', rows: [] }).notes).not.toContain(note);
  });

  it('has regressed where its job fails', () => {
    const record = withSpeed(bare);
    const { key, id, tags } = record.jobs.at(-1)!;
    const failed: RunRecord = { ...record, results: record.results.filter((result) => result.key !== key), failures: [{ id, key, message: 'no memory', log: '', tags }] };
    expect(decide(failed, base(steady)).verdict).toEqual({ verdict: 'regressed', because: 'failed', message: 'no memory' });
  });
});

describe('speed measured again in turns', () => {
  const speed = (entry: string, seconds: number): BaselineSpeed => ({ model: 'm', entry, batchSize: 10, loaders: 1, imagesHash: 'x', settings: 'y', environment: 'here', outside: [seconds / 2, 2 * seconds], inside: [3 * seconds] });
  const rows = (before: readonly number[], now: readonly number[]) => {
    const [first, ...others] = remeasuredRows(before.map((seconds) => [speed('e', seconds)]), now.map((seconds) => [speed('e', seconds)]), 0.1);
    expect(others).toHaveLength(1);
    return [first!];
  };

  it('is paired: what the machine did meanwhile drops out', () => {
    // Each pair at another pace; ratios 0.8, 0.81, 0.79.
    const [before, now] = [[1, 3, 9], [1 / 0.8, 3 / 0.81, 9 / 0.79]];
    const gate = decide(bare, null, { against: 'main', rows: rows(before, now) });
    expect(gate).toMatchObject({ against: 'main', verdict: { verdict: 'regressed' } });
    const logs = [0.8, 0.81, 0.79].map(Math.log);
    const centre = (logs[0]! + logs[1]! + logs[2]!) / 3;
    const sd = Math.sqrt(logs.reduce((sum, value) => sum + (value - centre) ** 2, 0) / 2);
    const [only] = rowsOf(gate);
    expect(only!.ratio!.value).toBeCloseTo(Math.exp(centre), 12);
    expect(Math.log(only!.ratio!.value / only!.ratio!.low!)).toBeCloseTo((4.302653 * sd) / Math.sqrt(3), 6);
    // 2 degrees of freedom.
    const t = (centre - Math.log(0.9)) / (sd / Math.sqrt(3));
    expect(only!.p).toBeCloseTo(0.5 + t / (2 * Math.sqrt(2 + t * t)), 7);
  });

  it('is of the geometric mean of a visit\'s rounds, without and with the loader', () => {
    const gate = decide(bare, null, { against: 'main', rows: remeasuredRows([[speed('e', 1)], [speed('e', 1)], [speed('e', 1)]], [[speed('e', 1)], [speed('e', 1.01)], [speed('e', 0.99)]], 0.1) });
    expect(rowsOf(gate).map(({ quantity, before }) => [quantity, Number(before!.toFixed(9))])).toEqual([['images_per_second', 10], ['images_per_second_with_loader', 3.333333333]]);
  });

  it('is not told for an entry that a visit lacks, and says so', () => {
    const both = [speed('e', 1), speed('f', 1)];
    const gate = decide(bare, null, { against: 'main', rows: remeasuredRows([[speed('e', 1)], both, both], [both, both, both], 0.1) });
    expect(rowsOf(gate).map(({ entry, verdict }) => [entry, verdict.verdict])).toEqual([['e', 'pass'], ['e', 'pass'], ['f', 'cannot-tell'], ['f', 'cannot-tell']]);
    expect(gate.verdict).toEqual({ verdict: 'cannot-tell', reason: expect.objectContaining({ why: 'rows-open', open: 2, of: 4, reason: { why: 'visits-missing', before: 2, now: 3, of: 3 } }) as object });
    expect(unclearText({ why: 'visits-missing', before: 2, now: 3, of: 3 })).toBe('measured at 2 of 3 turns before and 3 of 3 now');
  });

  it('is not told where other options, or another model, would hide a slower step', () => {
    const other = { ...speed('e', 0.9), settings: 'of a smaller decoder' };
    const [row] = rowsOf(decide(bare, null, { against: 'main', rows: remeasuredRows([[speed('e', 1)], [speed('e', 1)], [speed('e', 1)]], [[other], [other], [other]], 0.1) }));
    expect(row!.verdict).toMatchObject({ verdict: 'cannot-tell', reason: { why: 'other-measurement', now: expect.stringContaining('of a smaller decoder') as string } });
  });

  it('stands in the place of recorded speeds', () => {
    const gate = decide(withSpeed(bare), base(steady), { against: 'main', rows: rows([1, 1, 1], [1, 1, 1]) });
    expect(rowsOf(gate).map(({ how }) => how)).toEqual(['again']);
    expect(gate).toMatchObject({ against: 'baseline base and main', verdict: { verdict: 'pass' } });
  });
});
