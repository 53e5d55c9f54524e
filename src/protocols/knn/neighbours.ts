import type { Rows } from '../../models/feature-rows.js';

/** The nearest bank rows of each query, most similar first: [queries, count], row-major. */
export interface Neighbours { readonly count: number; readonly indices: Int32Array; readonly similarities: Float64Array }

/** Dot products of 4 queries with every bank row: the bank is read once for four queries, which halves the time. */
function similaritiesOfFour(queries: Float32Array, first: number, bank: Rows, out: Float64Array): void {
  const { width } = bank;
  const a = first * width;
  const b = a + width;
  const c = b + width;
  const d = c + width;
  for (let row = 0; row < bank.rows; row++) {
    const start = row * width;
    let sumA = 0;
    let sumB = 0;
    let sumC = 0;
    let sumD = 0;
    for (let j = 0; j < width; j++) {
      const value = bank.data[start + j]!;
      sumA += value * queries[a + j]!;
      sumB += value * queries[b + j]!;
      sumC += value * queries[c + j]!;
      sumD += value * queries[d + j]!;
    }
    out[row] = sumA;
    out[bank.rows + row] = sumB;
    out[2 * bank.rows + row] = sumC;
    out[3 * bank.rows + row] = sumD;
  }
}

/**
 * The `count` bank rows with the largest dot product to each query; equally similar rows come in bank order.
 */
export function nearest(queries: Rows, bank: Rows, count: number): Neighbours {
  const k = Math.min(count, bank.rows);
  const indices = new Int32Array(queries.rows * k);
  const similarities = new Float64Array(queries.rows * k);
  if (k === 0) return { count: 0, indices, similarities };
  // Rows of zeros behind the last query let every group be one of four.
  const padded = new Float32Array(Math.ceil(queries.rows / 4) * 4 * bank.width);
  padded.set(queries.data);
  const scores = new Float64Array(4 * bank.rows);
  for (let group = 0; group < queries.rows; group += 4) {
    similaritiesOfFour(padded, group, bank, scores);
    for (let query = group; query < Math.min(group + 4, queries.rows); query++) {
      const at = (query - group) * bank.rows;
      const out = query * k;
      let filled = 0;
      for (let row = 0; row < bank.rows; row++) {
        const score = scores[at + row]!;
        if (filled === k && score <= similarities[out + k - 1]!) continue;
        let place = filled < k ? filled++ : k - 1;
        while (place > 0 && similarities[out + place - 1]! < score) {
          similarities[out + place] = similarities[out + place - 1]!;
          indices[out + place] = indices[out + place - 1]!;
          place--;
        }
        similarities[out + place] = score;
        indices[out + place] = row;
      }
    }
  }
  return { count: k, indices, similarities };
}
