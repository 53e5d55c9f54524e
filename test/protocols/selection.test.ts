import { describe, expect, it } from 'vitest';
import { DataError, DivergedError } from '../../src/errors.js';
import { atEdge, gridOf } from '../../src/protocols/grid.js';
import { select, type TrialOutcome } from '../../src/protocols/selection.js';

const task = { name: 'birds', validation: { indices: [0, 1], labels: [0, 1] } };
const outcomes = (values: readonly TrialOutcome[]) => {
  let next = 0;
  return () => Promise.resolve(values[next++]!);
};

describe('grid', () => {
  it('sorts values, drops repeats, and combines options with the first one slowest', () => {
    expect(gridOf({ lr: [0.1, 0.01, 0.1], layer_decay: [1, 0.75], steps: 5 }, ['lr', 'layer_decay']).configurations).toEqual([
      { lr: 0.01, layer_decay: 0.75 }, { lr: 0.01, layer_decay: 1 }, { lr: 0.1, layer_decay: 0.75 }, { lr: 0.1, layer_decay: 1 },
    ]);
    expect(gridOf({ lr: 0.1, layer_decay: 1 }, ['lr', 'layer_decay']).configurations).toEqual([{ lr: 0.1, layer_decay: 1 }]);
    expect(() => gridOf({ lr: [] }, ['lr'])).toThrow('lr');
  });

  it('leaves names in the order that they were given, and knows no edge of them', () => {
    const grid = gridOf({ k: [5, 1], pool: ['mean', 'cls', 'mean'] }, ['pool', 'k']);
    expect(grid.configurations).toEqual([{ pool: 'mean', k: 1 }, { pool: 'mean', k: 5 }, { pool: 'cls', k: 1 }, { pool: 'cls', k: 5 }]);
    expect(atEdge(grid, { pool: 'cls', k: 5 })).toEqual(['k']);
  });

  it('sees an edge at both ends of a list, so at both of two values', () => {
    const grid = gridOf({ lr: [1, 2, 3], weight_decay: [2, 3, 4] }, ['lr', 'weight_decay']);
    expect(atEdge(grid, { lr: 2, weight_decay: 3 })).toEqual([]);
    expect(atEdge(grid, { lr: 1, weight_decay: 3 })).toEqual(['lr']);
    expect(atEdge(grid, { lr: 3, weight_decay: 4 })).toEqual(['lr', 'weight_decay']);
    expect(atEdge(gridOf({ layer_decay: [0.75, 0.9] }, ['layer_decay']), { layer_decay: 0.9 })).toEqual(['layer_decay']);
  });

  it('sees none in one value, of which nothing was chosen', () => {
    expect(atEdge(gridOf({ lr: 0.1, layer_decay: [0.5, 0.75, 0.9] }, ['lr', 'layer_decay']), { lr: 0.1, layer_decay: 0.75 })).toEqual([]);
  });

  it('sees none where the option itself ends', () => {
    const grid = gridOf({ layer_decay: [0.65, 0.75, 1], k: [1, 5, 10] }, ['layer_decay', 'k'], { layer_decay: 1, k: 1 });
    expect(atEdge(grid, { layer_decay: 1, k: 1 })).toEqual([]);
    expect(atEdge(grid, { layer_decay: 0.65, k: 10 })).toEqual(['layer_decay', 'k']);
  });
});

describe('selection', () => {
  const grid = gridOf({ lr: [1, 2, 3, 4, 5] }, ['lr']);

  it('says where nothing counts on the validation images, and chooses nothing', async () => {
    await expect(select(grid, task, outcomes([NaN]))).rejects.toThrow(new DataError('there is a list of values to choose from, but on the validation images nothing counts: no object, or ignored pixels alone', {
      where: 'task birds', fix: 'Give the protocol one value per option, or annotate the validation images.',
    }));
  });

  it('takes the best on validation', async () => {
    const { chosen, trials, atEdge: edges } = await select(grid, task, outcomes([0.1, 0.9, 0.5, 0.2, 0.3]));
    expect(chosen).toEqual({ lr: 2 });
    expect(edges).toEqual([]);
    expect(trials.map((trial) => trial.validation)).toEqual([0.1, 0.9, 0.5, 0.2, 0.3]);
  });

  it.each<[readonly TrialOutcome[], number]>([
    [[0.5, 0.5, 0.5, 0.5, 0.5], 3],
    [[0.1, 0.5, 0.5, 0.5, 0.5], 3],
    [[0.5, 0.1, 0.1, 0.1, 0.5], 1],
    [[0.1, 0.1, 0.5, 0.5, 0.1], 3],
    [[0, 0, 0, 0, 0], 3],
  ])('takes the middle one of the best, the lower of two: %j', async (values, lr) => {
    expect((await select(grid, task, outcomes(values))).chosen).toEqual({ lr });
  });

  it('records diverged trials and never chooses one, not even when all others are wrong everywhere', async () => {
    const { chosen, trials, atEdge: edges } = await select(grid, task, outcomes([0, 'diverged', 'diverged', 'diverged', 'diverged']));
    expect(chosen).toEqual({ lr: 1 });
    expect(edges).toEqual(['lr']);
    expect(trials.map(({ diverged }) => diverged)).toEqual([false, true, true, true, true]);
  });

  it('fails by name when everything diverged', async () => {
    const failure = select(grid, task, outcomes(['diverged', 'diverged', 'diverged', 'diverged', 'diverged']));
    await expect(failure).rejects.toThrow(DivergedError);
    await expect(failure).rejects.toThrow('every one of the 5');
  });

  it('tries nothing where there is nothing to choose', async () => {
    const chosen = await select(gridOf({ lr: [0.1] }, ['lr']), { ...task, validation: { indices: [] } }, () => Promise.reject(new Error('tried')));
    expect(chosen).toEqual({ trials: [], chosen: { lr: 0.1 }, atEdge: [] });
  });

  it('refuses to choose without validation images', async () => {
    await expect(select(grid, { ...task, validation: { indices: [] } }, outcomes([1]))).rejects.toThrow(DataError);
  });
});
