import { expect, it } from 'vitest';
import { placeLabels, type LabelledBox } from '../../src/report/html/box-labels.js';
import { stream } from '../../src/random.js';

const placed = (boxes: readonly LabelledBox[]) => placeLabels(boxes, 100).map((place) => place && [place.x, place.y, place.dx, place.dy, place.atEnd]);

it('a text stands above its box, at the end that leaves it more room, and within a box at the upper edge', () => {
  expect(placed([{ box: [10, 20, 30, 30], text: 'cat' }, { box: [60, 60, 30, 30], text: 'dog' }, { box: [70, 5, 20, 10], text: 'bee' }]))
    .toEqual([['10.00', '20.00', 2, -3, false], ['90.00', '60.00', -2, -3, true], ['90.00', '5.00', -2, 11, true]]);
});

it('the second of two on the same box stands elsewhere, and where there is no place left there is none', () => {
  const box = [40, 40, 20, 20];
  const rows = [['40.00', 2, -3], ['40.00', 2, 11], ['60.00', 2, -3], ['60.00', 2, 11]] as const;
  // Above and below either edge, at the box's left end and then at the tile's.
  expect(placed(Array.from({ length: 10 }, () => ({ box, text: 'octopus' }))))
    .toEqual([...rows.map(([y, dx, dy]) => ['40.00', y, dx, dy, false]), ...rows.map(([y, dx, dy]) => ['0.00', y, dx, dy, false]), null, null]);
});

it('a text that would leave the tile at one end of its box stands at the other, or else at the tile\'s', () => {
  // 13 characters take 94.9 of 150 pixels.
  expect(placed([{ box: [46, 50, 10, 20], text: 'strawberry 01' }, { box: [60, 80, 40, 20], text: 'strawberry 02' }])).toEqual([['100.00', '50.00', -2, -3, true], ['100.00', '80.00', -2, -3, true]]);
  expect(placed([{ box: [45, 50, 9, 20], text: 'strawberry' }])).toEqual([['45.00', '50.00', 2, -3, false]]);
});

it('a text longer than the tile is written all the same', () => {
  expect(placed([{ box: [10, 50, 10, 10], text: 'a class with a name of some thirty characters' }])).toEqual([['10.00', '50.00', 2, -3, false]]);
});

it('no text lies over another one', () => {
  const { uniform } = stream(0, 'test/labels');
  for (let trial = 0; trial < 200; trial++) {
    const boxes = Array.from({ length: 8 }, () => ({ box: [80 * uniform(), 80 * uniform(), 5 + 40 * uniform(), 5 + 40 * uniform()], text: 'x'.repeat(1 + Math.floor(18 * uniform())) }));
    const areas = placeLabels(boxes, 100).flatMap((place) => {
      if (place === null) return [];
      const length = 7.3 * place.text.length;
      const left = 1.5 * Number(place.x) + place.dx - (place.atEnd ? length : 0);
      const baseline = 1.5 * Number(place.y) + place.dy;
      return [{ left, right: left + length, top: baseline - 9, bottom: baseline + 3 }];
    });
    expect(areas.length).toBeGreaterThan(1);
    for (const [at, a] of areas.entries()) for (const b of areas.slice(0, at)) expect(a.left >= b.right - 0.1 || b.left >= a.right - 0.1 || a.top >= b.bottom - 0.1 || b.top >= a.bottom - 0.1).toBe(true);
  }
});
