import { describe, expect, it } from 'vitest';
import { methods } from '../../../src/methods/index.js';
import { collapseNote, collapseOf } from '../../../src/methods/ibot/collapse.js';

const K = 1024; // log K = 6.93147 nats: 10 % are 0.69315, 99 % are 6.86216
const curve = (entropies: readonly number[]) => entropies.map((teacher_entropy, i) => ({ step: i + 1, loss: 5, lr: 1e-3, diagnostics: { teacher_entropy } }));
/** 100 steps, of which the last ten have `last`. */
const ending = (before: number, last: number) => curve([...new Array<number>(90).fill(before), ...new Array<number>(10).fill(last)]);

describe('a teacher has collapsed', () => {
  it('when its output is one prototype', () => {
    expect(collapseOf(ending(3, 0.69), K)).toBe("the teacher's output entropy in the last tenth of training was 0.69 nats, under 10 % of log 1024 = 6.93");
    expect(collapseOf(ending(3, 0.7), K)).toBeNull();
  });

  it('and the reason tells one that says the same of all from one that is sure of each', () => {
    const points = ending(3, 0.2).map((point) => ({ ...point, diagnostics: { ...point.diagnostics, teacher_entropy_of_mean: point.step > 90 ? 4.104 : 6 } }));
    expect(collapseOf(points, K)).toBe("the teacher's output entropy in the last tenth of training was 0.20 nats, under 10 % of log 1024 = 6.93; that of the mean output of a batch was 4.10");
  });

  it('when its output is all prototypes alike', () => {
    expect(collapseOf(ending(3, 6.87), K)).toBe("the teacher's output entropy in the last tenth of training was 6.87 nats, over 99 % of log 1024 = 6.93");
    expect(collapseOf(ending(3, 6.86), K)).toBeNull();
  });

  it('not by what was before the last tenth', () => {
    expect(collapseOf(ending(0, 3), K)).toBeNull();
    expect(collapseOf(ending(6.93, 3), K)).toBeNull();
  });

  it('by the mean, not by single points', () => {
    // Mean of the last ten: 0.5 * 0.2 + 0.5 * 1.3 = 0.75 and 0.5 * 0.2 + 0.5 * 1 = 0.6.
    const two = (a: number, b: number) => curve(Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? a : b)));
    expect(collapseOf(two(0.2, 1.3), K)).toBeNull();
    expect(collapseOf(two(0.2, 1), K)).toContain('0.60 nats');
  });

  it('not where no step was taken', () => {
    expect(collapseOf([], K)).toBeNull();
    expect(collapseNote(K)).toBe('Collapsed is a training that ends with an entropy of each image under 0.69 or over 6.86, 10 and 99 % of ln K.');
  });

  it('also by k-NN, of which no other method is told', () => {
    expect(Object.values(methods).filter(({ knnShowsCollapse }) => knnShowsCollapse === true).map(({ name }) => name)).toEqual(['ibot']);
  });
});
