import { describe, expect, it } from 'vitest';
import { exportCommand, pretrainJob } from '../../src/cli/export.js';
import { UsageError } from '../../src/errors.js';
import type { Plan, PlannedJob } from '../../src/runner/job.js';

const job = (entry: string, seed: number, kind = 'pretrain'): PlannedJob => ({
  id: `${kind}/${entry}/s${seed}`, kind, config: {}, inputs: {}, modules: [], threads: 1, cost: { images: 0, flops: 0, bytes: 0 },
  tags: { entry, seed: String(seed) }, key: `${entry}${seed}`, code: '',
});
const plan: Plan = { suite: 's', jobs: [job('mae', 0), job('mae', 1), job('mae', 0, 'transfer'), job('scratch', 0)] };

describe('export', () => {
  it('finds the pre-training of an entry at a seed', () => {
    expect(pretrainJob(plan, 'mae', 1, 'x.yaml').id).toBe('pretrain/mae/s1');
  });
  it('says the nearest entry and the seeds that there are', () => {
    const message = (entry: string, seed: number): string => {
      try {
        pretrainJob(plan, entry, seed, 'x.yaml');
      } catch (error) {
        expect(error).toBeInstanceOf(UsageError);
        return (error as UsageError).describe();
      }
      return '';
    };
    expect(message('mea', 0)).toMatch(/no entry mea \(did you mean "mae"\?\)[^]*It has: mae, scratch/);
    expect(message('mae', 2)).toMatch(/no seed 2[^]*Its seeds: 0, 1/);
  });
  it('documents itself', () => {
    const help = exportCommand();
    expect(help.options.map(({ long }) => long)).toEqual(['--suite', '--seed', '--store', '--out', '--json']);
  });
});
