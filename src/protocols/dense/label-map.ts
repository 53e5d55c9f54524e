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

/** Two rows of a field, resized across to [width, classes], and the share of the second: what a row of pixels lies between. */
type Row = (y: number, above: Float64Array, under: Float64Array, share: number) => void;

/** Goes through rows of pixels from the top, each row of the field resized across once. What `row` is given is valid until it is called again. */
function eachRow({ data, columns }: Field, classes: number, down: Taps, across: Taps, row: Row): void {
  const width = across.low.length;
  // The rows of the field between which pixels lie follow each other: one is even, one odd.
  const kept = [0, 1].map(() => ({ of: -1, logits: new Float64Array(width * classes) }));
  const resized = (cellRow: number): Float64Array => {
    const place = kept[cellRow & 1]!;
    if (place.of === cellRow) return place.logits;
    place.of = cellRow;
    const { logits } = place;
    for (let x = 0; x < width; x++) {
      const [left, right, share, to] = [(cellRow * columns + across.low[x]!) * classes, (cellRow * columns + across.high[x]!) * classes, across.share[x]!, x * classes];
      for (let label = 0; label < classes; label++) logits[to + label] = data[left + label]! * (1 - share) + data[right + label]! * share;
    }
    return logits;
  };
  down.low.forEach((low, y) => { row(y, resized(low), resized(down.high[y]!), down.share[y]!); });
}

/**
 * Adds logits, bilinearly resized, to those of pixels: `target` [height, width, classes] from `row`, `column` on.
 * The whole field is spread over `side` pixels of the square each way.
 */
export function addResized(field: Field, classes: number, side: number, target: Float32Array, width: number, row: number, column: number): void {
  const [down, across] = [taps(side, side, field.stride, field.rows), taps(side, side, field.stride, field.columns)];
  eachRow(field, classes, down, across, (y, above, under, share) => {
    const to = ((row + y) * width + column) * classes;
    for (let i = 0; i < above.length; i++) target[to + i]! += above[i]! * (1 - share) + under[i]! * share;
  });
}

/**
 * Class of each pixel of the original picture, uint8 [height, width]: logits bilinearly resized, then the largest; of equal
 * ones the smaller index. null where a logit is not finite.
 *
 * @param placed rows and columns of the square that the picture fills
 */
export function labelMap(field: Field, classes: number, original: PictureSize, placed: PictureSize): Uint8Array | null {
  if (!field.data.every(Number.isFinite)) return null;
  const [down, across] = [taps(original.height, placed.height, field.stride, field.rows), taps(original.width, placed.width, field.stride, field.columns)];
  const map = new Uint8Array(original.height * original.width);
  eachRow(field, classes, down, across, (y, above, under, share) => {
    for (let x = 0, at = 0; x < original.width; x++) {
      let best = Number.NEGATIVE_INFINITY;
      for (let label = 0; label < classes; label++, at++) {
        const logit = above[at]! * (1 - share) + under[at]! * share;
        if (logit > best) {
          best = logit;
          map[y * original.width + x] = label;
        }
      }
    }
  });
  return map;
}
