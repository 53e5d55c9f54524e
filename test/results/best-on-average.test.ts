import { describe, expect, it } from 'vitest';
import { bestOnAverage } from '../../src/results/best-on-average.js';

/** A cell that tried lr 0.1, 0.2, 0.3 and chose one of them. */
const cell = (validations: readonly number[], chosen: number, atEdge: readonly string[] = []) => ({
  trials: validations.map((validation, index) => ({ options: { lr: (index + 1) / 10 }, validation, diverged: false })), chosen: { lr: chosen }, atEdge,
});

describe('the best configuration on average', () => {
  it('can lie inside where every cell chose an end', () => {
    // Means: 0.5, 0.55, 0.5.
    const tried = [[0.1, 0.5], [0.2, 0.55], [0.3, 0.5]].map(([lr, validation]) => ({ options: { lr }, validation: expect.closeTo(validation!, 12) as number }));
    expect(bestOnAverage([cell([0.6, 0.55, 0.4], 0.1, ['lr']), cell([0.4, 0.55, 0.6], 0.3, ['lr'])])).toEqual({
      options: { lr: 0.2 }, validation: expect.closeTo(0.55, 12) as number, cells: 2, atEdge: [], tried,
    });
  });

  it('says where it lies at an end', () => {
    expect(bestOnAverage([cell([0.6, 0.2, 0.2], 0.1, ['lr']), cell([0.4, 0.5, 0.2], 0.2)])).toMatchObject({ options: { lr: 0.1 }, atEdge: ['lr'] });
    // Nobody chose it: the ends of what was tried count.
    expect(bestOnAverage([cell([0.5, 0.6, 0.1], 0.2), cell([0.5, 0.1, 0.6], 0.3, ['lr'])])).toMatchObject({ options: { lr: 0.1 }, atEdge: ['lr'] });
    // An option that ends there by its meaning is no edge; the cell that chose it knows.
    expect(bestOnAverage([cell([0.1, 0.2, 0.9], 0.3, [])])).toMatchObject({ options: { lr: 0.3 }, atEdge: [] });
  });

  it('asks about each option of its own, where no cell chose the whole configuration', () => {
    // Decay 1 is no decay: the cells that chose it have no mark at it. Means in the grid's order: 0.4, 0.5, 0.5, 0.6.
    const grid = [[0.1, 0.5], [0.1, 1], [0.2, 0.5], [0.2, 1]] as const;
    const one = (validations: readonly number[], at: number, atEdge: readonly string[]) => ({
      trials: grid.map(([lr, decay], trial) => ({ options: { lr, decay }, validation: validations[trial]!, diverged: false })), chosen: { lr: grid[at]![0], decay: grid[at]![1] }, atEdge,
    });
    expect(bestOnAverage([one([0.4, 0.8, 0.2, 0.6], 1, ['lr']), one([0.4, 0.2, 0.8, 0.6], 2, ['lr', 'decay'])])).toMatchObject({ options: { lr: 0.2, decay: 1 }, atEdge: ['lr'] });
  });

  it('counts a trial that diverged as 0', () => {
    const diverged = cell([0.4, 0.9, 0], 0.2);
    expect(bestOnAverage([cell([0.5, 0.1, 0.9], 0.3), { ...diverged, trials: diverged.trials.map((trial, at) => (at === 2 ? { ...trial, diverged: true } : trial)) }])).toMatchObject({ options: { lr: 0.2 }, validation: 0.5 });
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
