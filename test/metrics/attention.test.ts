import { describe, expect, it } from 'vitest';
import { centredDisc, heaviestPatches, jaccard } from '../../src/metrics/attention/index.js';

describe('the heaviest patches', () => {
  it('hold the share of the weight, with the one that crosses it', () => {
    expect([...heaviestPatches([0.1, 0.4, 0.2, 0.3], 0.6)]).toEqual([0, 1, 0, 1]);
    expect([...heaviestPatches([0.1, 0.4, 0.2, 0.3], 0.4)]).toEqual([0, 1, 0, 0]);
    expect([...heaviestPatches([0.1, 0.4, 0.2, 0.3], 1)]).toEqual([1, 1, 1, 1]);
  });

  it('do not depend on the sum of the weights, and of equal ones the first are taken', () => {
    expect([...heaviestPatches([2, 8, 4, 6], 0.6)]).toEqual([0, 1, 0, 1]);
    // Of ten equal ones six hold 60 %.
    expect([...heaviestPatches(new Array<number>(10).fill(3), 0.6)]).toEqual([1, 1, 1, 1, 1, 1, 0, 0, 0, 0]);
  });

  it('hold the share of what lies on patches that count, where not all do', () => {
    // 9 of 19 lie on the first, which is beyond the picture; of the other 10 the 5 and the 3 hold 60 %.
    expect([...heaviestPatches([9, 2, 5, 3], 0.6, (patch) => patch > 0)]).toEqual([0, 0, 1, 1]);
  });
});

describe('the Jaccard index', () => {
  it('is the intersection over the union', () => {
    expect(jaccard([1, 1, 0, 0], [0, 1, 1, 0])).toBe(1 / 3);
    expect(jaccard([1, 0], [0, 1])).toBe(0);
    expect(jaccard([7, 0], [1, 0])).toBe(1);
    expect(jaccard([0, 0], [0, 0])).toBe(1);
    expect(() => jaccard([0], [0, 0])).toThrow('1 and 2 pixels');
  });
});

describe('the centred disc', () => {
  it('has the wanted area, about the centre', () => {
    expect([...centredDisc(1, 3, 3)]).toEqual([0, 0, 0, 0, 1, 0, 0, 0, 0]);
    expect([...centredDisc(5, 3, 3)]).toEqual([0, 1, 0, 1, 1, 1, 0, 1, 0]);
    expect([...centredDisc(4, 4, 4)]).toEqual([0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0]);
    expect(centredDisc(37, 9, 14).reduce((sum, one) => sum + one, 0)).toBe(37);
  });

  it('has it in pixels that count, where not all do', () => {
    // The middle does not, nor what lies right of it.
    expect([...centredDisc(3, 3, 3, (pixel) => pixel !== 4 && pixel !== 5)]).toEqual([0, 1, 0, 1, 0, 0, 0, 1, 0]);
    expect(centredDisc(9, 3, 3, (pixel) => pixel > 2).reduce((sum, one) => sum + one, 0)).toBe(6);
  });
});
