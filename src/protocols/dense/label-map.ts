import type { PictureSize } from '../../data/dense.js';

/** Logits on a grid over the upper left of a picture's square. */
export interface Field {
  /** [rows, columns, classes], row-major. */
  readonly data: Float32Array;
  readonly rows: number;
  readonly columns: number;
  /** Pixels of the square that a cell is wide. */
  readonly stride: number;
}

interface Taps { readonly low: Int32Array; readonly high: Int32Array; readonly share: Float64Array }

/** Cells around the centre of each of `count` pixels that fill `placed` pixels of the square, and the share of the second. */
function taps(count: number, placed: number, stride: number, cells: number): Taps {
  const centres = Float64Array.from({ length: count }, (_, i) => Math.min(Math.max((((i + 0.5) * placed) / count) / stride - 0.5, 0), cells - 1));
  const low = Int32Array.from(centres, Math.floor);
  return { low, high: low.map((cell) => Math.min(cell + 1, cells - 1)), share: centres.map((centre, i) => centre - low[i]!) };
}

/**
 * Adds logits, bilinearly resized, to those of pixels: `target` [height, width, classes] from `row`, `column` on.
 * The whole field is spread over `side` pixels of the square each way.
 */
export function addResized({ data, rows, columns, stride }: Field, classes: number, side: number, target: Float32Array, width: number, row: number, column: number): void {
  const [down, across] = [taps(side, side, stride, rows), taps(side, side, stride, columns)];
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const to = ((row + y) * width + column + x) * classes;
      for (let label = 0; label < classes; label++) target[to + label]! += sampled(data, columns, classes, down, y, across, x, label);
    }
  }
}

/**
 * Class of each pixel of the original picture, uint8 [height, width]: logits bilinearly resized, then the largest; of equal
 * ones the smaller index. null where a logit is not finite.
 *
 * @param placed rows and columns of the square that the picture fills
 */
export function labelMap({ data, rows, columns, stride }: Field, classes: number, original: PictureSize, placed: PictureSize): Uint8Array | null {
  if (!data.every(Number.isFinite)) return null;
  const [down, across] = [taps(original.height, placed.height, stride, rows), taps(original.width, placed.width, stride, columns)];
  const map = new Uint8Array(original.height * original.width);
  for (let y = 0; y < original.height; y++) {
    for (let x = 0; x < original.width; x++) {
      let best = Number.NEGATIVE_INFINITY;
      for (let label = 0; label < classes; label++) {
        const logit = sampled(data, columns, classes, down, y, across, x, label);
        if (logit > best) {
          best = logit;
          map[y * original.width + x] = label;
        }
      }
    }
  }
  return map;
}

function sampled(data: Float32Array, columns: number, classes: number, down: Taps, y: number, across: Taps, x: number, label: number): number {
  const [upper, lower] = [down.low[y]! * columns, down.high[y]! * columns];
  const [left, right] = [across.low[x]!, across.high[x]!];
  const [below, after] = [down.share[y]!, across.share[x]!];
  const at = (cell: number): number => data[cell * classes + label]!;
  return (at(upper + left) * (1 - after) + at(upper + right) * after) * (1 - below) + (at(lower + left) * (1 - after) + at(lower + right) * after) * below;
}
