import { expect, test } from 'vitest';
import { paretoFront } from '../../src/results/pareto.js';

const point = (name: string, cost: number, value: number) => ({ name, cost, value });

test('the front holds what no other one beats, by cost', () => {
  const points = [point('dear', 9, 0.5), point('good', 5, 0.6), point('free', 0, 0.2), point('as good', 5, 0.6), point('worse at its cost', 5, 0.4), point('cheap', 2, 0.4)];
  expect(paretoFront(points).map(({ name }) => name)).toEqual(['free', 'cheap', 'good', 'as good']);
  expect(paretoFront([])).toEqual([]);
});
