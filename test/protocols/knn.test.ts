import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { unitRows } from '../../src/models/feature-rows.js';
import { rowsOf } from '../../src/protocols/features-view.js';
import { nearest } from '../../src/protocols/knn/neighbours.js';
import { vote } from '../../src/protocols/knn/vote.js';

interface Case { classes: number; width: number; k: number; temperature: number; bank: number[]; bankLabels: number[]; queries: number[]; predictions: number[]; accuracy: number }
const cases = JSON.parse(readFileSync(new URL('./knn.reference.json', import.meta.url), 'utf8')) as Case[];

const normalised = (values: readonly number[], width: number) => unitRows(rowsOf(Float32Array.from(values), width));

describe('k-NN', () => {
  it.each(cases.map((c, i) => [i, c] as const))('predicts as scikit-learn on case %i', (_, c) => {
    const found = nearest(normalised(c.queries, c.width), normalised(c.bank, c.width), c.k);
    expect(Array.from(vote(found, c.bankLabels, c.classes, c.k, c.temperature))).toEqual(c.predictions);
  });

  it('gives the same for k whether more neighbours were looked up or not', () => {
    const c = cases[1]!;
    const [queries, bank] = [normalised(c.queries, c.width), normalised(c.bank, c.width)];
    expect(vote(nearest(queries, bank, 40), c.bankLabels, c.classes, 3, 0.07)).toEqual(vote(nearest(queries, bank, 3), c.bankLabels, c.classes, 3, 0.07));
  });

  it('orders neighbours by similarity, equal ones by their place', () => {
    const bank = rowsOf(Float32Array.of(1, 0, 0, 1, 1, 0, -1, 0), 2);
    const found = nearest(rowsOf(Float32Array.of(1, 0), 2), bank, 4);
    expect(Array.from(found.indices)).toEqual([0, 2, 1, 3]);
    expect(Array.from(found.similarities)).toEqual([1, 1, 0, -1]);
  });

  it('asks all there are when k is larger, and the smaller class of equal votes', () => {
    const bank = rowsOf(Float32Array.of(1, 0, 1, 0), 2);
    const found = nearest(rowsOf(Float32Array.of(1, 0), 2), bank, 100);
    expect(found.count).toBe(2);
    expect(Array.from(vote(found, [1, 0], 2, 100, 0.07))).toEqual([0]);
  });

  it('survives rows of zeros and tiny temperatures', () => {
    const bank = normalised([0, 0, 3, 4], 2);
    expect(Array.from(bank.data)).toEqual([0, 0, Math.fround(0.6), Math.fround(0.8)]);
    const found = nearest(normalised([6, 8], 2), bank, 2);
    expect(Array.from(vote(found, [0, 1], 2, 2, 1e-5))).toEqual([1]);
  });
});
