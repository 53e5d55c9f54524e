import type { Box } from '../box-iou.js';
import type { Rle } from './rle.js';

/** The outline is followed on a grid this much finer than the pixels. */
const finer = 5;

/** What 32 bits hold on that grid, in whole pixels. */
const farthest = Math.floor((2 ** 31 - 1) / finer) - 1;

/**
 * The mask of a closed polygon [x0, y0, x1, y1, ...] in pixels, by pycocotools' rule: corners are rounded to fifths of a pixel, the
 * outline goes in whole steps on that grid, and where it crosses the middle of a column of pixels the mask starts or ends there.
 * Throws RangeError for fewer than three corners, half a corner, numbers that are not finite or that pycocotools' integers cannot hold, and pictures of 2^32 pixels or more.
 */
export function polygonMask(polygon: readonly number[], height: number, width: number): Rle {
  if (polygon.length < 6 || polygon.length % 2 === 1) throw new RangeError(`a polygon has at least three corners of two numbers each, got ${polygon.length} numbers`);
  const wrong = polygon.findIndex((coordinate) => !(Number.isFinite(coordinate) && Math.abs(coordinate) <= farthest));
  if (wrong >= 0 && !Number.isFinite(polygon[wrong])) throw new RangeError('a polygon\'s coordinates are finite numbers');
  if (wrong >= 0) throw new RangeError(`a polygon's coordinates are pixels, at most ${farthest}, got ${polygon[wrong]!}`);
  if (height * width >= 2 ** 32) throw new RangeError(`a picture of a polygon has under 2^32 pixels, got ${height} x ${width}`);
  return { size: [height, width], counts: runsBetween(crossings(polygon, height, width), height * width) };
}

/** The mask of a box by the same rule. */
export const boxMask = ([left, top, wide, high]: Box, height: number, width: number): Rle =>
  polygonMask([left, top, left, top + high, left + wide, top + high, left + wide, top], height, width);

/** Places of crossings, kept between calls: a polygon has hundreds. */
let places = new Uint32Array(4096);
let found = 0;

function add(place: number): void {
  if (found === places.length) {
    const more = new Uint32Array(2 * found);
    more.set(places);
    places = more;
  }
  places[found++] = place;
}

const onGrid = (coordinate: number): number => Math.trunc(finer * coordinate + 0.5);

/** Where the outline crosses the middles of columns, as places in the column-major mask, ascending. Valid until the next call. */
function crossings(polygon: readonly number[], height: number, width: number): Uint32Array {
  found = 0;
  let x = onGrid(polygon[polygon.length - 2]!);
  let y = onGrid(polygon[polygon.length - 1]!);
  for (let corner = 0; corner < polygon.length; corner += 2) {
    const [nextX, nextY] = [onGrid(polygon[corner]!), onGrid(polygon[corner + 1]!)];
    addEdge(x, y, nextX, nextY, height, width);
    [x, y] = [nextX, nextY];
  }
  return places.subarray(0, found).sort();
}

/** The middle of column c lies between the grid's points 5 c + 2 and 5 c + 3. */
const middle = 2;

/** The first and the last column whose middle lies between two places of the grid. */
const firstColumn = (from: number): number => Math.max(0, Math.ceil((from - middle) / finer));
const lastColumn = (to: number, width: number): number => Math.min(width - 1, Math.ceil((to - middle) / finer) - 1);

/** Where a crossing at height y of the grid is in the mask. */
const placeOf = (column: number, y: number, height: number): number => column * height + Math.ceil(Math.min(Math.max((y + 0.5) / finer - 0.5, 0), height));

/** The crossings of one edge. It goes in whole steps along its longer axis, measured from that axis's lower end. */
function addEdge(x0: number, y0: number, x1: number, y1: number, height: number, width: number): void {
  const across = Math.abs(x1 - x0);
  const down = Math.abs(y1 - y0);
  if (across === 0) return;
  if (across < down) {
    if (y0 > y1) addSteep(x1, y1, x0 - x1, down, height, width);
    else addSteep(x0, y0, x1 - x0, down, height, width);
    return;
  }
  const turned = x0 > x1;
  const [x, y] = turned ? [x1, y1] : [x0, y0];
  const slope = (turned ? y0 - y1 : y1 - y0) / across;
  const last = lastColumn(x + across, width);
  for (let column = firstColumn(x); column <= last; column++) {
    const t = finer * column + middle - x;
    add(placeOf(column, Math.min(Math.trunc(y + slope * t + 0.5), Math.trunc(y + slope * (t + 1) + 0.5)), height));
  }
}

/** Those of an edge that is steeper than it is wide, from its upper end (x, y). run: to the other end, with its sign. */
function addSteep(x: number, y: number, run: number, down: number, height: number, width: number): void {
  const slope = run / down;
  const at = (t: number): number => Math.trunc(x + slope * t + 0.5);
  // The first step that is on the column's far side of its middle: estimated, then found. An edge may be far longer than the picture.
  const beyond = run > 0 ? middle + 1 : middle;
  const isBeyond = (place: number, column: number): boolean => (run > 0 ? place >= finer * column + beyond : place <= finer * column + beyond);
  const last = lastColumn(Math.max(x, x + run), width);
  for (let column = firstColumn(Math.min(x, x + run)); column <= last; column++) {
    let t = Math.min(down, Math.max(1, Math.ceil((finer * column + beyond - (run > 0 ? 0.5 : -0.5) - x) / slope)));
    while (t > 1 && isBeyond(at(t - 1), column)) t--;
    while (t < down && !isBeyond(at(t), column)) t++;
    add(placeOf(column, y + t - 1, height));
  }
}

/** Run lengths between sorted places; two crossings at one place cancel. */
function runsBetween(sorted: Uint32Array, pixels: number): number[] {
  const counts: number[] = [];
  const place = (i: number): number => (i < sorted.length ? sorted[i]! : pixels);
  let last = 0;
  for (let i = 0; i <= sorted.length; i++) {
    const length = place(i) - last;
    last += length;
    if (i === 0 || length > 0) {
      counts.push(length);
      continue;
    }
    i++;
    if (i > sorted.length) break;
    const more = place(i) - last;
    counts[counts.length - 1]! += more;
    last += more;
  }
  return counts;
}
