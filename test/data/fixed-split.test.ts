import { describe, expect, it } from 'vitest';
import type { ImageIndex, ImageRecord, Side } from '../../src/data/image-set.js';
import { fixedSplitPretrain, fixedSplitTask } from '../../src/data/sources/fixed-split.js';
import { DataError } from '../../src/errors.js';

const record = (split: ImageRecord['split'], label: string, n: number, side: Side | null = null): ImageRecord => ({ id: `${split}/${label}/${n}`, label, group: null, domain: null, split, side });
const records = (split: ImageRecord['split'], label: string, count: number, side: Side | null = null): ImageRecord[] => Array.from({ length: count }, (_, n) => record(split, label, n, side));
const index = (list: readonly ImageRecord[], unreadable: readonly string[] = []): ImageIndex => ({ name: 'set', records: list, unreadable: unreadable.map((id) => ({ id, reason: 'empty file' })) });
const task = (of: ImageIndex, seed = 0): ReturnType<typeof fixedSplitTask> => fixedSplitTask(of, { name: 'all', classOf: ({ label }) => label, primary: 'top1', note: 'all classes' }, seed);

describe('fixedSplitTask', () => {
  it('uses val as the test split where there is no test split, and as validation where there is one', () => {
    const two = task(index([...records('train', 'a', 10), ...records('train', 'b', 5), ...records('val', 'a', 3), ...records('val', 'b', 3)]));
    expect(two.test.indices).toEqual([15, 16, 17, 18, 19, 20]);
    expect(two.validation.labels).toEqual([0, 0, 1]);
    expect(two.note).toContain("test: the source's val split");
    const three = task(index([...records('train', 'a', 8), ...records('train', 'b', 2), ...records('val', 'a', 3), ...records('test', 'a', 4)]));
    expect(three.train.indices).toHaveLength(10);
    expect(three.validation.indices).toEqual([10, 11, 12]);
    expect(three.test.indices).toEqual([13, 14, 15, 16]);
  });

  it('has two classes or more: of one everything is right', () => {
    expect(() => task(index([...records('train', 'a', 10), ...records('test', 'a', 4)]))).toThrow("the task 'all' has one class, 'a': there is nothing to tell apart");
  });

  it('takes at least one image of each class for validation, and leaves one for training', () => {
    const view = task(index([...records('train', 'a', 1), ...records('train', 'b', 2), ...records('train', 'c', 7), ...records('test', 'a', 1)]));
    expect(view.validation.labels).toEqual([1, 2]);
    expect(view.train.labels).toEqual([0, 1, 2, 2, 2, 2, 2, 2]);
    expect(view.note).toContain('2 classes have no test image');
  });

  it('draws validation by seed: the same again at the same one, other images at another, each class in the same number', () => {
    const set = index([...records('train', 'a', 20), ...records('train', 'b', 20), ...records('test', 'a', 1), ...records('test', 'b', 1)]);
    const [first, again, other] = [task(set, 0), task(set, 0), task(set, 1)];
    expect(again).toEqual(first);
    expect(other.validation.indices).not.toEqual(first.validation.indices);
    expect(other.validation.labels).toEqual(first.validation.labels);
    expect(other.test).toEqual(first.test);
  });

  it('keeps unreadable images out of every part', () => {
    const view = task(index([...records('train', 'a', 8), ...records('train', 'b', 2), ...records('test', 'a', 5)], ['train/a/0', 'train/b/1', 'test/a/2']));
    expect([...view.train.indices, ...view.validation.indices].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(view.test.indices).toEqual([10, 11, 13, 14]);
  });

  it('refuses empty splits and classes that training does not have', () => {
    expect(() => task(index(records('train', 'a', 3)))).toThrow(/0 test images/);
    expect(() => task(index([...records('train', 'a', 3), ...records('test', 'a', 2)], ['test/a/0', 'test/a/1']))).toThrow(DataError);
    expect(() => task(index([...records('train', 'a', 3), ...records('test', 'b', 2)]))).toThrow(/class 'b' of test\/b\/0/);
  });

  it('lies on a side where nine tenths of its classes do', () => {
    const of = (sides: readonly (Side | null)[]): string =>
      task(index(sides.flatMap((side, c) => [...records('train', `c${c}`, 2, side), ...records('test', `c${c}`, 1, side)]))).side;
    expect(of(Array<Side>(10).fill('A'))).toBe('A');
    expect(of([...Array<Side>(9).fill('B'), null])).toBe('B');
    expect(of([...Array<Side>(9).fill('B'), 'A'])).toBe('B');
    expect(of([...Array<Side>(8).fill('B'), 'A', 'A'])).toBe('mixed');
    expect(of([null, null])).toBe('mixed');
  });
});

describe('fixedSplitPretrain', () => {
  it('takes all images where the source has no splits, and half of them at random', () => {
    const set = index(records(null, '', 9), [`null//4`]);
    expect(fixedSplitPretrain(set, 'full', 0)).toEqual({ subset: 'full', indices: [0, 1, 2, 3, 5, 6, 7, 8], classes: 0 });
    const random = fixedSplitPretrain(set, 'random', 0).indices;
    expect(random).toHaveLength(4);
    expect(random).not.toContain(4);
    expect(() => fixedSplitPretrain(set, 'split-a', 0)).toThrow(/no split-a: 0 of its 8 images/);
  });

  it('never takes a validation or test image', () => {
    const set = index([...records('train', 'a', 6, 'A'), ...records('val', 'a', 6, 'A'), ...records('test', 'b', 6, 'B'), ...records('train', 'b', 3, 'B')]);
    for (const subset of ['full', 'split-a', 'split-b', 'random'] as const) {
      const { indices } = fixedSplitPretrain(set, subset, 3);
      expect(indices.every((i) => set.records[i]!.split === 'train')).toBe(true);
      expect(indices).toHaveLength(subset === 'full' ? 9 : 3);
    }
  });

  it('draws each image of the larger side equally often', () => {
    const set = index([...records('train', 'a', 20, 'A'), ...records('train', 'b', 5, 'B')]);
    const counts = new Array<number>(20).fill(0);
    for (let seed = 0; seed < 800; seed++) for (const i of fixedSplitPretrain(set, 'split-a', seed).indices) counts[i]!++;
    // 5 of 20 in each of 800 draws: 200 each; without replacement the sum of squares has 19 degrees of freedom, scaled by 15/20.
    const chiSquare = counts.reduce((sum, n) => sum + (n - 200) ** 2 / (800 * 0.25 * 0.75), 0) * (19 / 20);
    expect(chiSquare).toBeLessThan(43.8); // p = 0.001
  });

  it('refuses a set without a readable image', () => {
    expect(() => fixedSplitPretrain(index(records('train', 'a', 1), ['train/a/0']), 'full', 0)).toThrow(DataError);
  });
});
