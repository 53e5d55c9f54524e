import { describe, expect, it } from 'vitest';
import { crossesItself } from '../../../src/data/sources/coco/crosses-itself.js';

const star = [0, 2, 4, 1, 3].map((corner) => (2 * Math.PI * corner) / 5).flatMap((angle) => [10 + 9 * Math.cos(angle), 10 + 9 * Math.sin(angle)]);

describe('an outline that crosses itself', () => {
  it.each<readonly [string, readonly number[], boolean]>([
    ['a triangle', [0, 0, 4, 0, 2, 3], false],
    ['a square', [1, 1, 3, 1, 3, 3, 1, 3], false],
    ['an hourglass', [0, 0, 6, 4, 6, 0, 0, 4], true],
    ['the same from another corner on', [6, 4, 6, 0, 0, 4, 0, 0], true],
    ['a concave outline', [0, 0, 6, 0, 6, 6, 3, 1, 0, 6], false],
    ['the first and the last edge, which share a corner', [0, 0, 5, 0, 5, 5, 0, 5], false],
    ['the last edge through another one', [0, 0, 4, 0, 4, 4, 2, -2], true],
    ['a corner that is said twice', [0, 0, 4, 0, 4, 0, 4, 4, 0, 0], false],
    ['a corner on another edge', [0, 0, 6, 0, 6, 6, 3, 0, 0, 6], false],
    ['an edge that goes back along itself', [0, 0, 4, 0, 8, 0, 4, 0, 4, 4], false],
    ['two squares that touch in a corner', [0, 0, 2, 0, 2, 2, 4, 2, 4, 4, 2, 4, 2, 2, 0, 2], false],
    ['a star of five points', star, true],
    ['a corner alone', [1, 1], false],
  ])('%s', (_, polygon, crosses) => expect(crossesItself(polygon)).toBe(crosses));

  it('does not depend on where the outline begins, which way it goes, or where it lies', () => {
    let state = 1;
    const draw = (): number => (state = (state * 48271) % 2147483647) / 2147483647;
    let crossing = 0;
    for (let trial = 0; trial < 300; trial++) {
      const corners = Array.from({ length: 3 + (trial % 5) }, () => [Math.floor(draw() * 64), Math.floor(draw() * 64)] as const);
      const expected = crossesItself(corners.flat());
      crossing += Number(expected);
      const turned = [...corners.slice(2), ...corners.slice(0, 2)];
      expect(crossesItself(turned.flat())).toBe(expected);
      expect(crossesItself([...corners].reverse().flat())).toBe(expected);
      expect(crossesItself(corners.flatMap(([x, y]) => [3 * y - 7, 2 * x + 5]))).toBe(expected);
    }
    expect(crossing).toBeGreaterThan(50);
    expect(crossing).toBeLessThan(250);
  });
});
