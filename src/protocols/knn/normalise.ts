import type { Rows } from '../features-view.js';

/** Rows scaled to Euclidean length 1, so that a dot product is a cosine. A row of zeros stays zero: similar to nothing. */
export function normalise({ data, rows }: Rows, width: number): Rows {
  const out = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    let square = 0;
    for (let j = row * width; j < (row + 1) * width; j++) square += data[j]! * data[j]!;
    const scale = square > 0 ? 1 / Math.sqrt(square) : 0;
    for (let j = row * width; j < (row + 1) * width; j++) out[j] = data[j]! * scale;
  }
  return { data: out, rows };
}
