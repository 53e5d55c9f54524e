import type { Box } from '../box-iou.js';
import type { Rle } from './rle.js';

/** The outline is followed on a grid this much finer than the pixels. */
const finer = 5;

/** What 32 bits hold on that grid, in whole pixels. */
const farthest = Math.floor((2 ** 31 - 1) / finer) - 1;

/**
 * The mask of a closed polygon [x0, y0, x1, y1, ...] in pixels, by pycocotools' rule: corners are rounded to fifths of a pixel, the
 * outline goes in whole steps on that grid, and where it crosses the middle of a column of pixels the mask starts or ends there.
 * Throws RangeError for fewer than three corners, half a corner, and numbers that are not finite or that pycocotools' integers cannot hold.
 */
export function polygonMask(polygon: readonly number[], height: number, width: number): Rle {
  if (polygon.length < 6 || polygon.length % 2 === 1) throw new RangeError(`a polygon has at least three corners of two numbers each, got ${polygon.length} numbers`);
  if (!polygon.every(Number.isFinite)) throw new RangeError('a polygon\'s coordinates are finite numbers');
  const far = polygon.find((coordinate) => Math.abs(coordinate) > farthest);
  if (far !== undefined) throw new RangeError(`a polygon's coordinates are pixels, at most ${farthest}, got ${far}`);
  return { size: [height, width], counts: runsBetween(crossings(polygon, height, width), height * width) };
}

/** The mask of a box by the same rule. */
export const boxMask = ([left, top, wide, high]: Box, height: number, width: number): Rle =>
  polygonMask([left, top, left, top + high, left + wide, top + high, left + wide, top], height, width);

/** Where the outline crosses the middles of columns, as places in the column-major mask, ascending. */
function crossings(polygon: readonly number[], height: number, width: number): Float64Array {
  const places: number[] = [];
  const corners = polygon.length / 2;
  const onGrid = (index: number): number => Math.trunc(finer * polygon[index]! + 0.5);
  for (let corner = 0; corner < corners; corner++) {
    const next = (corner + 1) % corners;
    addEdge(places, onGrid(2 * corner), onGrid(2 * corner + 1), onGrid(2 * next), onGrid(2 * next + 1), height, width);
  }
  return Float64Array.from(places).sort();
}

/** The middle of column c lies between the grid's points 5 c + 2 and 5 c + 3. */
const middle = 2;

/** The crossings of one edge. It goes in whole steps along its longer axis, measured from that axis's lower end. */
function addEdge(places: number[], x0: number, y0: number, x1: number, y1: number, height: number, width: number): void {
  const across = Math.abs(x1 - x0);
  const down = Math.abs(y1 - y0);
  if (across === 0) return;
  const add = (column: number, y: number): void => {
    const row = (y + 0.5) / finer - 0.5;
    places.push(column * height + Math.ceil(Math.min(Math.max(row, 0), height)));
  };
  if (across >= down) {
    const [x, y, rise] = x0 > x1 ? [x1, y1, y0 - y1] : [x0, y0, y1 - y0];
    const slope = rise / across;
    const last = Math.min(width - 1, Math.ceil((x + across - middle) / finer) - 1);
    for (let column = Math.max(0, Math.ceil((x - middle) / finer)); column <= last; column++) {
      const t = finer * column + middle - x;
      add(column, Math.min(Math.trunc(y + slope * t + 0.5), Math.trunc(y + slope * (t + 1) + 0.5)));
    }
    return;
  }
  const [x, y, run] = y0 > y1 ? [x1, y1, x0 - x1] : [x0, y0, x1 - x0];
  const slope = run / down;
  const at = (t: number): number => Math.trunc(x + slope * t + 0.5);
  // The first step that is on the column's far side of its middle: estimated, then found. An edge may be far longer than the picture.
  const beyond = run > 0 ? middle + 1 : middle;
  const isBeyond = (place: number, column: number): boolean => (run > 0 ? place >= finer * column + beyond : place <= finer * column + beyond);
  const [from, to] = run > 0 ? [x, x + run] : [x + run, x];
  const last = Math.min(width - 1, Math.ceil((to - middle) / finer) - 1);
  for (let column = Math.max(0, Math.ceil((from - middle) / finer)); column <= last; column++) {
    let t = Math.min(down, Math.max(1, Math.ceil((finer * column + beyond - (run > 0 ? 0.5 : -0.5) - x) / slope)));
    while (t > 1 && isBeyond(at(t - 1), column)) t--;
    while (t < down && !isBeyond(at(t), column)) t++;
    add(column, y + t - 1);
  }
}

/** Run lengths between sorted places; two crossings at one place cancel. */
function runsBetween(places: Float64Array, pixels: number): number[] {
  const counts: number[] = [];
  let last = 0;
  for (let i = 0; i <= places.length; i++) {
    const length = (places[i] ?? pixels) - last;
    last += length;
    if (i === 0 || length > 0) {
      counts.push(length);
      continue;
    }
    i++;
    if (i > places.length) break;
    const more = (places[i] ?? pixels) - last;
    counts[counts.length - 1]! += more;
    last += more;
  }
  return counts;
}
