import { describe, expect, it } from 'vitest';
import { bestOnAverage } from '../../src/results/best-on-average.js';

/** A cell that tried lr 0.1, 0.2, 0.3 and chose one of them. */
const cell = (validations: readonly number[], chosen: number, atEdge: readonly string[] = []) => ({
  trials: validations.map((validation, index) => ({ options: { lr: (index + 1) / 10 }, validation, diverged: false })), chosen: { lr: chosen }, atEdge,
});

describe('the best configuration on average', () => {
  it('can lie inside where every cell chose an end', () => {
    // Means: 0.5, 0.55, 0.5.
    expect(bestOnAverage([cell([0.6, 0.55, 0.4], 0.1, ['lr']), cell([0.4, 0.55, 0.6], 0.3, ['lr'])])).toEqual({
      options: { lr: 0.2 }, validation: expect.closeTo(0.55, 12) as number, cells: 2, atEdge: [],
    });
  });

  it('says where it lies at an end', () => {
    expect(bestOnAverage([cell([0.6, 0.2, 0.2], 0.1, ['lr']), cell([0.4, 0.5, 0.2], 0.2)])).toMatchObject({ options: { lr: 0.1 }, atEdge: ['lr'] });
    // Nobody chose it: the ends of what was tried count.
    expect(bestOnAverage([cell([0.5, 0.6, 0.1], 0.2), cell([0.5, 0.1, 0.6], 0.3, ['lr'])])).toMatchObject({ options: { lr: 0.1 }, atEdge: ['lr'] });
    // An option that ends there by its meaning is no edge; the cell that chose it knows.
    expect(bestOnAverage([cell([0.1, 0.2, 0.9], 0.3, [])])).toMatchObject({ options: { lr: 0.3 }, atEdge: [] });
  });

  it('takes the first of equal ones, and compares only what every cell tried', () => {
    expect(bestOnAverage([cell([0.5, 0.5, 0.1], 0.1)])?.options).toEqual({ lr: 0.1 });
    expect(bestOnAverage([cell([0.1, 0.2, 0.9], 0.3), cell([0.1, 0.2], 0.2)])?.options).toEqual({ lr: 0.2 });
  });

  it('is none where nothing was searched', () => {
    expect(bestOnAverage([])).toBeNull();
    expect(bestOnAverage([cell([], 0.1), cell([0.4], 0.1)])).toBeNull();
  });
});
