import { expect, test } from 'vitest';
import { letterGroups } from '../../../src/metrics/stats/index.js';

const among = (pairs: readonly (readonly [number, number])[]) => (a: number, b: number): boolean => pairs.some(([x, y]) => (x === a && y === b) || (x === b && y === a));

test('worked by hand', () => {
  // A chain: neighbours are level, further ones differ.
  expect(letterGroups(4, among([[0, 2], [0, 3], [1, 3]]))).toEqual([[0], [0, 1], [1, 2], [2]]);
  expect(letterGroups(3, among([]))).toEqual([[0], [0], [0]]);
  expect(letterGroups(3, among([[0, 1], [0, 2], [1, 2]]))).toEqual([[0], [1], [2]]);
  // The best and the worst are level with nobody in common but each other: noise of the middle.
  expect(letterGroups(3, among([[0, 1]]))).toEqual([[0], [1], [0, 1]]);
  expect(letterGroups(0, among([]))).toEqual([]);
});

test('any relation of four: two share a letter exactly where they do not differ, and letters are the largest such sets', () => {
  const pairs = [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]] as const;
  for (let graph = 0; graph < 64; graph++) {
    const differs = among(pairs.filter((_, bit) => (graph >> bit) % 2 === 1));
    const letters = letterGroups(4, differs);
    for (const [a, b] of pairs) expect([graph, a, b, letters[a]!.some((letter) => letters[b]!.includes(letter))]).toEqual([graph, a, b, !differs(a, b)]);
    const level = Array.from({ length: 15 }, (_, at) => [0, 1, 2, 3].filter((member) => ((at + 1) >> member) % 2 === 1)).filter((set) => set.every((a) => set.every((b) => a === b || !differs(a, b))));
    const largest = level.filter((set) => !level.some((other) => other.length > set.length && set.every((one) => other.includes(one))));
    const sets = [...new Set(letters.flat())].map((letter) => [0, 1, 2, 3].filter((member) => letters[member]!.includes(letter)));
    expect(new Set(sets.map(String))).toEqual(new Set(largest.map(String)));
  }
});
