import { ignoredLabel, type PictureSize, placement } from '../../data/dense.js';
import type { Stream } from '../../random.js';

/** How training pictures are changed. */
export interface Jitter {
  /** Range of the factor on a picture's size, drawn uniformly. */
  readonly scale: readonly [number, number];
  /** Probability of a horizontal flip. */
  readonly flip: number;
}

/** What a training view shows: its pixel (y, x) lies at ((y + 0.5) / scale + top, (x + 0.5) / scale + left) of the set's square, mirrored first where `flip` says so. */
interface DenseView { readonly scale: number; readonly top: number; readonly left: number; readonly flip: boolean }

/**
 * Draws a view of `view` pixels a side of a picture: scaled by a random factor, then a random part of it where it is larger
 * than the view, and at a random place of the view where it is smaller.
 *
 * @param placed rows and columns of the set's square that the picture fills
 */
export function drawView({ scale: [low, high], flip }: Jitter, placed: PictureSize, view: number, draws: Stream): DenseView {
  const scale = draws.between(low, high);
  const [down, across] = [draws.uniform(), draws.uniform()];
  return { scale, top: down * (placed.height - view / scale), left: across * (placed.width - view / scale), flip: draws.uniform() < flip };
}

/** Pixel centres of a view in the set's square, by row or column. */
const positions = (view: number, scale: number, start: number, mirrored: boolean): Float64Array =>
  Float64Array.from({ length: view }, (_, i) => ((mirrored ? view - 1 - i : i) + 0.5) / scale + start);

/** Of each row or column of a view: the two of the picture that it lies between, and the share of the second. `before` is -1 beyond the picture; edges are repeated. */
interface Between { readonly before: Int32Array; readonly after: Int32Array; readonly share: Float64Array }

function between(at: Float64Array, count: number): Between {
  const [before, after, share] = [new Int32Array(at.length).fill(-1), new Int32Array(at.length), new Float64Array(at.length)];
  at.forEach((position, i) => {
    if (position < 0 || position >= count) return;
    const centre = Math.min(Math.max(position - 0.5, 0), count - 1);
    const low = Math.floor(centre);
    before[i] = low;
    after[i] = Math.min(low + 1, count - 1);
    share[i] = centre - low;
  });
  return { before, after, share };
}

/**
 * Pixels of a view, bilinear, black beyond the picture.
 *
 * @param pixels uint8 [size, size, 3]
 * @param target uint8 [view, view, 3], is written
 */
export function viewPixels(pixels: Uint8Array, size: number, placed: PictureSize, { scale, top, left, flip }: DenseView, view: number, target: Uint8Array): void {
  const rows = between(positions(view, scale, top, false), placed.height);
  const columns = between(positions(view, scale, left, flip), placed.width);
  target.fill(0);
  for (let y = 0; y < view; y++) {
    if (rows.before[y]! < 0) continue;
    const [upper, lower, down] = [rows.before[y]! * size, rows.after[y]! * size, rows.share[y]!];
    for (let x = 0; x < view; x++) {
      const [before, after, across] = [columns.before[x]!, columns.after[x]!, columns.share[x]!];
      if (before < 0) continue;
      const [a, b, c, d, to] = [(upper + before) * 3, (upper + after) * 3, (lower + before) * 3, (lower + after) * 3, (y * view + x) * 3];
      for (let channel = 0; channel < 3; channel++) {
        const above = pixels[a + channel]! * (1 - across) + pixels[b + channel]! * across;
        const below = pixels[c + channel]! * (1 - across) + pixels[d + channel]! * across;
        // Of a number that is not negative: rounded, as the array cuts off what is behind the point.
        target[to + channel] = above * (1 - down) + below * down + 0.5;
      }
    }
  }
}

/**
 * Labels of a view: of the original pixel that each pixel's centre lies in; `ignoredLabel` beyond the picture.
 *
 * @param labels uint8 [height, width] of the original picture
 * @param square pixels a side of the set
 * @param target uint8 [view, view], is written
 */
export function viewLabels(labels: Uint8Array, original: PictureSize, square: number, { scale, top, left, flip }: DenseView, view: number, target: Uint8Array): void {
  const placed = placement(original, square);
  const rows = positions(view, scale, top, false).map((y) => Math.floor((y * original.height) / placed.height));
  const columns = positions(view, scale, left, flip).map((x) => Math.floor((x * original.width) / placed.width));
  target.fill(ignoredLabel);
  for (let y = 0; y < view; y++) {
    if (rows[y]! < 0 || rows[y]! >= original.height) continue;
    for (let x = 0; x < view; x++) if (columns[x]! >= 0 && columns[x]! < original.width) target[y * view + x] = labels[rows[y]! * original.width + columns[x]!]!;
  }
}
