import type { Rows } from '../models/feature-rows.js';

/** The rows of one split. */
export const rowsOf = (data: Float32Array, width: number): Rows => ({ data, rows: data.length / width, width });

/** One set of rows under the other. */
export function stack(above: Rows, below: Rows): Rows {
  const data = new Float32Array(above.data.length + below.data.length);
  data.set(above.data);
  data.set(below.data, above.data.length);
  return { data, rows: above.rows + below.rows, width: above.width };
}
