import { expect, it } from 'vitest';
import type { ImageIndex } from '../../../src/data/image-set.js';
import { denseSplitTask } from '../../../src/data/sources/dense-split.js';

const index = (splits: Readonly<Record<string, number>>, unreadable: readonly string[] = []): ImageIndex => {
  const records = Object.entries(splits).flatMap(([split, count]) => Array.from({ length: count }, (_, at) => ({ id: `${split}/${at}`, split, label: null, group: null })));
  return { name: 'a set', channels: 3, size: 32, classes: ['a', 'b'], records, unreadable: unreadable.map((id) => ({ id, reason: 'broken' })) } as unknown as ImageIndex;
};
const task = (of: ImageIndex) => denseSplitTask(of, { name: 'segmentation', kind: 'segmentation', note: 'all' }, 0);

it('tests on the test split and validates on val; without a test split it tests on val', () => {
  const both = task(index({ train: 10, val: 2, test: 3 }));
  expect([both.train.indices.length, both.validation.indices, both.test.indices]).toEqual([10, [10, 11], [12, 13, 14]]);
  const one = task(index({ train: 10, val: 2 }));
  expect([one.train.indices.length, one.validation.indices.length, one.test.indices]).toEqual([8, 2, [10, 11]]);
});

it('does not put another split in the place of one that cannot be read', () => {
  expect(() => task(index({ train: 10, val: 2, test: 2 }, ['test/0', 'test/1']))).toThrow("the task 'segmentation' has 10 readable training pictures, 2 to validate and 0 to test");
  expect(() => task(index({ train: 10, val: 2, test: 2 }, ['val/0', 'val/1']))).toThrow('0 to validate and 2 to test');
});

it.each([['segmentation', [], 'no classes'], ['segmentation', ['a'], "one class, 'a'"], ['detection', [], 'no classes']] as const)('%s of %j is refused: there is nothing to tell', (kind, classes, told) => {
  expect(() => denseSplitTask({ ...index({ train: 10, val: 2, test: 3 }), classes }, { name: 'all', kind, note: '' }, 0)).toThrow(`the task 'all' has ${told}`);
});

it('detection may be of one class', () => {
  expect(denseSplitTask({ ...index({ train: 10, val: 2, test: 3 }), classes: ['a'] }, { name: 'all', kind: 'detection', note: '' }, 0).classes).toEqual(['a']);
});
