import type { Rows } from '../../models/feature-rows.js';

/** BatchNorm's statistics of one batch: mean and 1 / sqrt(variance + eps) of each feature. */
interface Statistics { readonly mean: Float64Array; readonly scale: Float64Array }

/** As in MAE's linear probe (methods.md 1.5). */
const epsilon = 1e-6;

/**
 * What BatchNorm1d(affine=False, eps=1e-6) computes in training when the batch is all of the rows: their mean and their
 * biased variance. The same statistics serve at evaluation. (PyTorch's running variance would be the unbiased one, a factor
 * of n / (n - 1), once its moving average has settled.)
 */
export function statistics({ data, rows, width }: Rows): Statistics {
  if (rows === 0) throw new RangeError('no row to take statistics of');
  const mean = new Float64Array(width);
  for (let row = 0; row < rows; row++) for (let j = 0; j < width; j++) mean[j] = mean[j]! + data[row * width + j]! / rows;
  const variance = new Float64Array(width);
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < width; j++) variance[j] = variance[j]! + (data[row * width + j]! - mean[j]!) ** 2 / rows;
  }
  return { mean, scale: variance.map((value) => 1 / Math.sqrt(value + epsilon)) };
}

/** Rows normalised by given statistics. */
export function standardise({ data, rows, width }: Rows, { mean, scale }: Statistics): Rows {
  const out = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) for (let j = 0; j < width; j++) out[row * width + j] = (data[row * width + j]! - mean[j]!) * scale[j]!;
  return { data: out, rows, width };
}
