import { sizeOf } from '../../feeds.js';

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));

/** Images of a function, by the shapes of its inputs: what its pictures have in common, which may come as several views; without pictures the rows of its largest input. */
export function batchOf(shapes: readonly (readonly number[])[]): number {
  const pictures = shapes.filter(({ length }) => length === 4).map(([rows]) => rows!);
  if (pictures.length > 0) return pictures.reduce(divisor);
  const [rows = 1] = shapes.reduce<readonly number[]>((largest, shape) => (sizeOf(shape) > sizeOf(largest) ? shape : largest), []);
  return rows;
}

/** How many equal pieces of a batch are worked on beside each other: at most `threads`. */
export const lanesOf = (batch: number, threads: number): number => {
  let count = Math.max(1, Math.min(threads, batch));
  while (batch % count !== 0) count--;
  return count;
};

/** What the ops of a piece make, altogether and at most: it makes pieces of four images of ViT-S/16 with MAE's decoder (bench/NOTES.md). */
const PIECE_BYTES = 3 * 2 ** 30;

/** Into how many pieces, one after the other, the work of a lane goes. `bytes`: what its ops make on all its images. */
export const turnsOf = (batch: number, lanes: number, bytes: number): number => {
  const images = batch / lanes;
  let turns = 1;
  while (turns < images && (images % turns !== 0 || bytes / turns > PIECE_BYTES)) turns++;
  return turns;
};
