import type { Rows } from '../../models/feature-rows.js';

export const row = ({ data, width }: Rows, index: number): Float32Array => data.subarray(index * width, (index + 1) * width);

/** The rows at `indices`, in that order. */
export function pick(from: Rows, indices: ArrayLike<number>): Rows {
  const data = new Float32Array(indices.length * from.width);
  for (let i = 0; i < indices.length; i++) data.set(row(from, indices[i]!), i * from.width);
  return { data, rows: indices.length, width: from.width };
}

/** Mean of all rows, [width]. */
export function meanRow({ data, rows, width }: Rows): Float32Array {
  const sums = new Float64Array(width);
  for (let i = 0; i < data.length; i++) sums[i % width] = sums[i % width]! + data[i]!;
  return Float32Array.from(sums, (sum) => sum / rows);
}

/** Mean of the rows of each cluster; that of a cluster without a row is zero. */
export function clusterMeans(features: Rows, assignments: ArrayLike<number>, count: number): Rows {
  const { width } = features;
  const sums = new Float64Array(count * width);
  const sizes = clusterSizes(assignments, count);
  for (let i = 0; i < features.rows; i++) {
    const to = assignments[i]! * width;
    for (let j = 0; j < width; j++) sums[to + j] = sums[to + j]! + features.data[i * width + j]!;
  }
  return { data: Float32Array.from(sums, (sum, i) => sum / Math.max(1, sizes[Math.floor(i / width)]!)), rows: count, width };
}

/** Rows of each cluster. */
export function clusterSizes(assignments: ArrayLike<number>, count: number): Int32Array {
  const sizes = new Int32Array(count);
  for (let i = 0; i < assignments.length; i++) sizes[assignments[i]!] = sizes[assignments[i]!]! + 1;
  return sizes;
}

/** Dot products of all rows with all centres, summed in double precision: float64 [rows, centres]. Centres are taken four at a time: each row is read once for four. */
export function products(features: Rows, centres: Rows): Float64Array {
  const { width } = features;
  const count = centres.rows;
  const out = new Float64Array(features.rows * count);
  const x = features.data;
  const c = centres.data;
  for (let i = 0; i < features.rows; i++) {
    const from = i * width;
    let k = 0;
    for (; k + 4 <= count; k += 4) {
      const a = k * width;
      const b = a + width;
      const d = b + width;
      const e = d + width;
      let sumA = 0;
      let sumB = 0;
      let sumD = 0;
      let sumE = 0;
      for (let j = 0; j < width; j++) {
        const value = x[from + j]!;
        sumA += value * c[a + j]!;
        sumB += value * c[b + j]!;
        sumD += value * c[d + j]!;
        sumE += value * c[e + j]!;
      }
      const at = i * count + k;
      out[at] = sumA;
      out[at + 1] = sumB;
      out[at + 2] = sumD;
      out[at + 3] = sumE;
    }
    for (; k < count; k++) {
      let sum = 0;
      for (let j = 0; j < width; j++) sum += x[from + j]! * c[k * width + j]!;
      out[i * count + k] = sum;
    }
  }
  return out;
}

/** Place of the largest of `values[start .. start + length)`, from 0; of equal ones the first. */
export function largest(values: ArrayLike<number>, start: number, length: number): number {
  let best = 0;
  for (let i = 1; i < length; i++) if (values[start + i]! > values[start + best]!) best = i;
  return best;
}

/** The centre with the largest dot product to each row (of rows and centres of length 1: the nearest by cosine); of equal ones the first. */
export function nearestCentres(features: Rows, centres: Rows): Int32Array {
  const scores = products(features, centres);
  return Int32Array.from({ length: features.rows }, (_, i) => largest(scores, i * centres.rows, centres.rows));
}
