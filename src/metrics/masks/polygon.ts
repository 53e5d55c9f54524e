import type { Box } from '../box-iou.js';
import type { Rle } from './rle.js';

/** The outline is followed on a grid this much finer than the pixels. */
const finer = 5;

/**
 * The mask of a closed polygon [x0, y0, x1, y1, ...] in pixels, by pycocotools' rule: corners are rounded to fifths of a pixel, the
 * outline goes in whole steps on that grid, and where it crosses the middle of a column of pixels the mask starts or ends there.
 * Throws RangeError for fewer than three corners, half a corner and numbers that are not finite.
 */
export function polygonMask(polygon: readonly number[], height: number, width: number): Rle {
  if (polygon.length < 6 || polygon.length % 2 === 1) throw new RangeError(`a polygon has at least three corners of two numbers each, got ${polygon.length} numbers`);
  if (!polygon.every(Number.isFinite)) throw new RangeError('a polygon\'s coordinates are finite numbers');
  return { size: [height, width], counts: runsBetween(crossings(polygon, height, width), height * width) };
}

/** The mask of a box by the same rule. */
export const boxMask = ([left, top, wide, high]: Box, height: number, width: number): Rle =>
  polygonMask([left, top, left, top + high, left + wide, top + high, left + wide, top], height, width);

/** Where the outline crosses the middles of columns, as places in the column-major mask, ascending. */
function crossings(polygon: readonly number[], height: number, width: number): Float64Array {
  const places: number[] = [];
  let [lastX, lastY] = [NaN, NaN];
  const visit = (x: number, y: number): void => {
    if (x !== lastX && !Number.isNaN(lastX)) {
      const column = ((x < lastX ? x : x - 1) + 0.5) / finer - 0.5;
      if (Number.isInteger(column) && column >= 0 && column <= width - 1) {
        const row = (Math.min(y, lastY) + 0.5) / finer - 0.5;
        places.push(column * height + Math.ceil(Math.min(Math.max(row, 0), height)));
      }
    }
    [lastX, lastY] = [x, y];
  };
  const corners = polygon.length / 2;
  const onGrid = (index: number): number => Math.trunc(finer * polygon[index]! + 0.5);
  for (let corner = 0; corner < corners; corner++) {
    const next = (corner + 1) % corners;
    followEdge(onGrid(2 * corner), onGrid(2 * corner + 1), onGrid(2 * next), onGrid(2 * next + 1), visit);
  }
  return Float64Array.from(places).sort();
}

/** Every grid point from one corner to the next, both included: whole steps along the longer axis, always measured from its lower end. */
function followEdge(x0: number, y0: number, x1: number, y1: number, visit: (x: number, y: number) => void): void {
  const across = Math.abs(x1 - x0);
  const down = Math.abs(y1 - y0);
  if (across >= down) {
    const backwards = x0 > x1;
    const [x, y] = backwards ? [x1, y1] : [x0, y0];
    const slope = across === 0 ? 0 : (backwards ? y0 - y1 : y1 - y0) / across;
    for (let step = 0; step <= across; step++) {
      const t = backwards ? across - step : step;
      visit(x + t, Math.trunc(y + slope * t + 0.5));
    }
  } else {
    const backwards = y0 > y1;
    const [x, y] = backwards ? [x1, y1] : [x0, y0];
    const slope = (backwards ? x0 - x1 : x1 - x0) / down;
    for (let step = 0; step <= down; step++) {
      const t = backwards ? down - step : step;
      visit(Math.trunc(x + slope * t + 0.5), y + t);
    }
  }
}

/** Run lengths between sorted places; two crossings at one place cancel. */
function runsBetween(places: Float64Array, pixels: number): number[] {
  const ends = [...places, pixels];
  const lengths = ends.map((end, i) => end - (ends[i - 1] ?? 0));
  const counts: number[] = [];
  for (let i = 0; i < lengths.length; i++) {
    if (i === 0 || lengths[i]! > 0) counts.push(lengths[i]!);
    else counts[counts.length - 1]! += lengths[++i] ?? 0;
  }
  return counts;
}
