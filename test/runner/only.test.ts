import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.js';
import { makePlan } from '../../src/runner/plan.js';
import { parseOnly, selectOnly } from '../../src/runner/only.js';
import { node } from './nodes.js';

const plan = await makePlan('s', [
  node('prepare'),
  node('prepare/other'),
  ...['mae', 'scratch'].flatMap((entry) => [
    node(`pretrain/${entry}`, { inputs: { data: 'prepare' }, tags: { entry, seed: '0' } }),
    ...['birds', 'tools'].map((task) => node(`transfer/${entry}/${task}`, { inputs: { encoder: `pretrain/${entry}`, ...(task === 'tools' ? { data: 'prepare/other' } : {}) }, tags: { entry, task, seed: '0' } })),
  ]),
]);
const idsOf = (text: string): readonly string[] => selectOnly(plan, parseOnly(text)).jobs.map(({ id }) => id);
const problemOf = (text: string): string => {
  try {
    idsOf(text);
  } catch (error) {
    if (error instanceof UsageError) return error.describe();
    throw error;
  }
  return 'no error';
};

describe('--only', () => {
  it('keeps the final jobs that fit, and what they need', () => {
    expect(idsOf('entry=mae,task=birds')).toEqual(['prepare', 'pretrain/mae', 'transfer/mae/birds']);
    expect(idsOf('task=tools')).toEqual(['prepare', 'prepare/other', 'pretrain/mae', 'transfer/mae/tools', 'pretrain/scratch', 'transfer/scratch/tools']);
    expect(idsOf('entry=mae|scratch')).toHaveLength(plan.jobs.length);
  });
  it('changes no key', () => {
    const keys = new Map(plan.jobs.map(({ id, key }) => [id, key]));
    for (const { id, key } of selectOnly(plan, parseOnly('entry=mae')).jobs) expect(key).toBe(keys.get(id));
  });
  it.each([
    ['entry=mea', '--only: entry is never mea (did you mean "mae"?)\n  There are: mae, scratch.'],
    ['tsk=birds', '--only: no job has the tag tsk (did you mean "task"?)\n  There are: entry, task, seed.'],
    ['entry', '--only cannot read "entry"'],
    ['entry=', '--only cannot read "entry="'],
    ['entry=a||b', '--only cannot read'],
    ['entry=mae,', '--only cannot read ""'],
    ['entry=mae,entry=scratch', '--only names entry twice'],
  ])('refuses %s', (text, message) => {
    expect(problemOf(text)).toContain(message);
  });
});
