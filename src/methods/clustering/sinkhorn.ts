import { JobError } from '../../errors.js';

/**
 * Soft assignments of rows to clusters of equal mass: SwAV's loop (methods.md 4.3). Q = exp(scores / epsilon), scaled to sum
 * 1; then in turns every cluster to mass 1 / K and every row to mass 1 / B, the rows last.
 *
 * @param scores float64 [rows, clusters]
 * @param iterations Turns; with none Q is scaled by rows alone
 * @returns float64 [rows, clusters], each row of sum 1
 * @throws JobError where epsilon is so small against the scores that a row or a cluster has no mass left in double precision
 */
export function sinkhorn(scores: Float64Array, rows: number, clusters: number, epsilon: number, iterations: number): Float64Array {
  // A constant in all scores is scaled away: this one keeps the exponentials within range.
  const highest = scores.reduce((most, score) => Math.max(most, score), -Infinity);
  const q = scores.map((score) => Math.exp((score - highest) / epsilon));
  for (let turn = 0; turn < iterations; turn++) {
    scaleClusters(q, clusters);
    scaleRows(q, clusters, 1 / rows);
  }
  scaleRows(q, clusters, 1);
  if (q.some((value) => !Number.isFinite(value))) {
    throw new JobError(`an epsilon of ${epsilon} leaves images or clusters without any mass`, { fix: "Give the clustering a larger `epsilon`; the published one is 0.05." });
  }
  return q;
}

function scaleClusters(q: Float64Array, clusters: number): void {
  const sums = new Float64Array(clusters);
  for (let i = 0; i < q.length; i += clusters) for (let k = 0; k < clusters; k++) sums[k] = sums[k]! + q[i + k]!;
  for (let i = 0; i < q.length; i += clusters) for (let k = 0; k < clusters; k++) q[i + k] = q[i + k]! / (sums[k]! * clusters);
}

function scaleRows(q: Float64Array, clusters: number, mass: number): void {
  for (let i = 0; i < q.length; i += clusters) {
    let sum = 0;
    for (let k = 0; k < clusters; k++) sum += q[i + k]!;
    for (let k = 0; k < clusters; k++) q[i + k] = (q[i + k]! * mass) / sum;
  }
}
