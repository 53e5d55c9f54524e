import { expect, it } from 'vitest';
import { look } from '../../src/report/charts/palette.js';

it('36 entries look different, in charts of dots and in charts of lines', () => {
  const all = Array.from({ length: 36 }, (_, index) => look(index));
  expect(new Set(all.map(({ color, symbol }) => `${color} ${symbol}`)).size).toBe(36);
  expect(new Set(all.map(({ color, dash }) => `${color} ${dash}`)).size).toBe(36);
});
