import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { heatColours, heatOver } from '../../src/jobs/heat.js';

it('lays six parts of colour over four of grey, patch by patch, from 0 to the largest value of the map', () => {
  // 4 x 4 pixels in 4 patches of 2 x 2, all of a grey of 100 but the first pixel, whose grey is 0.299 * 10 + 0.587 * 20 + 0.114 * 30 = 18.15.
  const image = new Uint8Array(48).fill(100);
  image.set([10, 20, 30]);
  const out = heatOver(image, Float32Array.of(0, 0.1, 0.15, 0.3), 4);
  const pixel = (y: number, x: number): readonly number[] => [...out.subarray((y * 4 + x) * 3, (y * 4 + x) * 3 + 3)];
  // 0.6 * (10, 7, 34) + 0.4 * 18.15, and + 0.4 * 100 beside it.
  expect([pixel(0, 0), pixel(1, 1)]).toEqual([[13, 11, 28], [46, 44, 60]]);
  // A third of the way lies the second of four colours, halfway the mean of the second and the third: (161, 51, 84).
  expect([pixel(0, 2), pixel(1, 3)]).toEqual([[101, 53, 106], [101, 53, 106]]);
  expect([pixel(2, 0), pixel(3, 1)]).toEqual([[137, 71, 90], [137, 71, 90]]);
  expect([pixel(2, 2), pixel(3, 3)]).toEqual([[191, 190, 130], [191, 190, 130]]);
});

it('an even map is of one colour, and one of zeros dark', () => {
  const grey = new Uint8Array(12).fill(100);
  expect(new Set(heatOver(grey, new Float32Array(4).fill(0.2), 2))).toEqual(new Set([191, 190, 130]));
  expect(new Set(heatOver(grey, new Float32Array(4), 2))).toEqual(new Set([46, 44, 60]));
});

it("the report's legend has the same colours", () => {
  const style = readFileSync(new URL('../../src/report/templates/style.css', import.meta.url), 'utf8');
  expect(style).toContain(`linear-gradient(to right, ${heatColours.map((colour) => `rgb(${colour.join(', ')})`).join(', ')})`);
});
