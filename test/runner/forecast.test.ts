import { describe, expect, it } from 'vitest';
import { forecast } from '../../src/runner/forecast.js';
import type { PlannedJob } from '../../src/runner/job.js';
import { unitsOf, type Unit } from '../../src/runner/schedule.js';
import { groupOf, speedGroups, type Speed } from '../../src/runner/speeds.js';
import { planned } from './nodes.js';

/** What the forecast adds to each job. */
const around = 0.05;

const job = (id: string, kind: string, size: number, more: Partial<PlannedJob> = {}): PlannedJob =>
  planned(id, id, { kind, speed: { group: { kind }, size, model: '' }, ...more });
const units = (...jobs: readonly PlannedJob[]): readonly Unit[] => unitsOf({ suite: 's', jobs });
const speedsOf = (all: readonly Unit[], by: Readonly<Record<string, Partial<Speed>>>): ReadonlyMap<string, Speed> =>
  new Map(all.map(({ job: one }) => [groupOf(one)!, { start: 0, perUnit: 0, compile: 0, load: 0, ...by[one.kind] }]));

describe('the forecast of a run', () => {
  it('lets jobs wait for their inputs, and workers share what is ready', () => {
    // First a alone for 10 s; then the two workers take 6 + 4 and 6 s.
    const all = units(job('a', 'prepare', 10), ...['b', 'c'].map((id) => job(id, 'train', 3, { inputs: { data: 'a' } })), job('d', 'train', 2, { inputs: { data: 'a' } }));
    const expected = forecast(all, new Set(), speedsOf(all, { prepare: { perUnit: 1 }, train: { perUnit: 2 } }), 2);
    expect(expected.wallSeconds).toBeCloseTo(10 + 6 + 4 + 3 * around);
    expect(Object.fromEntries(expected.units)).toEqual({ a: 10 + around, b: 6 + around, c: 6 + around, d: 4 + around });
    expect(forecast(all, new Set(), speedsOf(all, { prepare: { perUnit: 1 }, train: { perUnit: 2 } }), 1).wallSeconds).toBeCloseTo(26 + 4 * around);
  });

  it('counts a start a job, compiling once a worker and model, loading once a worker', () => {
    const of = (model: string): PlannedJob['speed'] => ({ group: { kind: 'tune' }, size: 1, model });
    const all = units(job('a', 'tune', 1, { speed: of('x')! }), job('b', 'tune', 1, { speed: of('x')! }), job('c', 'tune', 1, { speed: of('y')! }));
    const speeds = speedsOf(all, { tune: { start: 1, perUnit: 10, compile: 3, load: 2 } });
    expect(forecast(all, new Set(), speeds, 1).wallSeconds).toBeCloseTo(2 + 3 * 11 + 2 * 3 + 3 * around);
    // a with x in one worker, b with x in the other, then c with y in either.
    expect(forecast(all, new Set(), speeds, 2).wallSeconds).toBeCloseTo(2 + 3 + 11 + 3 + 11 + 2 * around);
  });

  it('leaves out what is finished, and runs exclusive jobs alone', () => {
    const all = units(job('a', 'train', 1), job('b', 'train', 1, { inputs: { data: 'a' } }), job('c', 'train', 1), job('alone', 'train', 1, { exclusive: true }));
    const speeds = speedsOf(all, { train: { perUnit: 5 } });
    const left = forecast(all, new Set(['a']), speeds, 4);
    expect([...left.units.keys()].sort()).toEqual(['alone', 'b', 'c']);
    expect(left.wallSeconds).toBeCloseTo(5 + 5 + 2 * around);
    expect(forecast(all, new Set(['a', 'b', 'c', 'alone']), speeds, 4)).toEqual({ units: new Map(), wallSeconds: 0, untold: [] });
  });

  it('names what has no speed, with what waits for it, and holds the rest', () => {
    const all = units(job('a', 'train', 1), planned('b', 'b'), job('c', 'train', 1, { inputs: { data: 'b' } }));
    const { wallSeconds, units: seconds, untold } = forecast(all, new Set(), speedsOf([all[0]!], { train: { perUnit: 2 } }), 2);
    expect([wallSeconds, [...seconds], untold.map(({ key }) => key)]).toEqual([2 + around, [['a', 2 + around]], ['b', 'c']]);
    expect(forecast(all, new Set(['b']), speedsOf([all[0]!], { train: { perUnit: 2 } }), 1).untold).toEqual([]);
  });
});

describe('groups of equal speed', () => {
  it('hold jobs of one kind, group, code and thread count, and measure the one nearest to the mean', () => {
    const all = units(job('a', 'train', 1), job('b', 'train', 9), job('c', 'train', 4), job('code', 'train', 2, { code: 'other' }), job('threads', 'train', 3, { threads: 2 }), job('k', 'tune', 1), planned('none', 'none'));
    expect(speedGroups(all).map(({ jobs, typical }) => [jobs.map(({ id }) => id), typical.id])).toEqual([
      [['a', 'b', 'c'], 'c'], [['code'], 'code'], [['threads'], 'threads'], [['k'], 'k'],
    ]);
  });
});
