import { describe, expect, it } from 'vitest';
import { estimate } from '../../src/runner/eta.js';
import type { Plan } from '../../src/runner/job.js';
import { flopsPerJob, nextUnit, unitsOf, weightOf, type Unit } from '../../src/runner/schedule.js';
import { planned } from './nodes.js';

const cost = (flops: number) => ({ images: 0, flops: flops - flopsPerJob, bytes: 0 });
const plan: Plan = {
  suite: 's',
  jobs: [
    planned('data', 'd', { cost: cost(1e10), kind: 'prepare' }),
    planned('short', 's', { cost: cost(2e10), inputs: { data: 'data' } }),
    planned('long', 'l', { cost: cost(2e10), inputs: { data: 'data' } }),
    planned('after-long', 'a', { cost: cost(5e10), inputs: { encoder: 'long' } }),
    planned('long again', 'l', { cost: cost(2e10), inputs: { data: 'data' } }),
  ],
};

describe('unitsOf', () => {
  const units = unitsOf(plan);
  it('joins jobs of one key', () => {
    expect(units.map(({ key, ids }) => [key, ids])).toEqual([['d', ['data']], ['s', ['short']], ['l', ['long', 'long again']], ['a', ['after-long']]]);
    expect(units[3]!.inputs).toEqual({ encoder: 'l' });
  });
  it('gives each the cost of the costliest chain behind it', () => {
    expect(Object.fromEntries(units.map(({ key, path }) => [key, path]))).toEqual({ d: 8e10, s: 2e10, l: 7e10, a: 5e10 });
  });
});

describe('nextUnit', () => {
  const unit = (key: string, path: number, exclusive = false): Unit => ({ key, job: planned(key, key, exclusive ? { exclusive } : {}), ids: [key], inputs: {}, path });
  it('takes the longest remaining path, and the first among equals', () => {
    expect(nextUnit([unit('a', 1), unit('b', 3), unit('c', 3)], [], 2)!.key).toBe('b');
  });
  it('starts no more than there are workers', () => {
    expect(nextUnit([unit('a', 1)], [unit('r', 1)], 1)).toBeNull();
  });
  it('runs exclusive units last and alone', () => {
    const speed = unit('speed', 9, true);
    expect(nextUnit([speed, unit('a', 1)], [], 2)!.key).toBe('a');
    expect(nextUnit([speed], [unit('r', 1)], 2)).toBeNull();
    expect(nextUnit([speed], [], 2)!.key).toBe('speed');
    expect(nextUnit([unit('a', 1)], [speed], 2)).toBeNull();
  });
});

describe('estimate', () => {
  const units = unitsOf(plan);
  it('knows nothing before anything was measured', () => {
    expect(estimate(units, new Set(), [], [], 2)).toEqual({ fraction: 0, seconds: null });
  });
  it('divides the work left by the workers, but never below the longest chain', () => {
    // 1 second a 1e10: 10 s of work left on one worker, 8 s (data, long, after-long) in a chain.
    const rate = [{ kind: 'chain', weight: 1e10, seconds: 1 }];
    expect(estimate(units, new Set(), [], rate, 1).seconds).toBeCloseTo(10, 9);
    expect(estimate(units, new Set(), [], rate, 8).seconds).toBeCloseTo(8, 9);
    const later = estimate(units, new Set(['d', 'l']), [], rate, 8);
    expect(later.seconds).toBeCloseTo(5, 9);
    expect(later.fraction).toBeCloseTo(0.3, 9);
  });
  it('uses a kind\'s own rate where it has one, and what running jobs have done', () => {
    const rates = [{ kind: 'chain', weight: 1e10, seconds: 2 }, { kind: 'prepare', weight: 1e10, seconds: 10 }];
    expect(estimate(units, new Set(['s', 'l', 'a']), [], rates, 1).seconds).toBeCloseTo(10, 9);
    const half = estimate(units, new Set(['d', 's', 'l']), [{ unit: units[3]!, seconds: 30, fraction: 0.5 }], [], 1);
    expect(half.seconds).toBeCloseTo(30, 9);
    expect(half.fraction).toBeCloseTo(0.75, 9);
  });
  it('says nothing while too little of the plan was seen to tell', () => {
    // Ten units of 1e10 are left: a second of 1e8, a thousandth of them, would make it 1,000 s.
    expect(estimate(units, new Set(), [], [{ kind: 'prepare', weight: 1e8, seconds: 1 }], 1)).toEqual({ fraction: 0, seconds: null });
    expect(estimate(units, new Set(), [], [{ kind: 'prepare', weight: 3e8, seconds: 1 }], 1).seconds).toBeCloseTo(1e11 / 3e8, 6);
  });
  it('counts images of jobs without a model', () => {
    expect(weightOf({ images: 10, flops: 0, bytes: 0 })).toBeGreaterThan(weightOf({ images: 1, flops: 0, bytes: 0 }));
  });
});
