import type { Rows } from '../../models/feature-rows.js';
import { clusterSizes, row } from './rows.js';

/** Share of rows whose label is the most frequent one of their cluster. Rows whose label is null are left out; null where all are. */
export function purity(assignments: ArrayLike<number>, labels: readonly (string | null)[], count: number): number | null {
  const counts = Array.from({ length: count }, () => new Map<string, number>());
  labels.forEach((label, i) => {
    if (label === null) return;
    const own = counts[assignments[i]!]!;
    own.set(label, (own.get(label) ?? 0) + 1);
  });
  const known = labels.filter((label) => label !== null).length;
  return known === 0 ? null : counts.reduce((sum, own) => sum + Math.max(0, ...own.values()), 0) / known;
}

/** Cosine of each row to the centre of its own cluster; rows and centres have length 1. */
export const ownCosines = (features: Rows, centres: Rows, assignments: Int32Array): Float64Array =>
  Float64Array.from(assignments, (cluster, i) => {
    const centre = row(centres, cluster);
    return row(features, i).reduce((sum, value, j) => sum + value * centre[j]!, 0);
  });

/**
 * The rows that lie nearest to the centres of the largest clusters: at most `clusters` clusters, the largest first (of equal ones the
 * lower number), and at most `each` rows of each, as many of all, the nearest first.
 */
export function typicalRows(assignments: Int32Array, cosines: Float64Array, count: number, clusters: number, each: number): readonly { readonly cluster: number; readonly rows: readonly number[] }[] {
  const sizes = clusterSizes(assignments, count);
  const largest = Array.from(sizes, (_, k) => k).sort((a, b) => sizes[b]! - sizes[a]! || a - b).slice(0, clusters);
  const shown = Math.min(each, ...largest.map((k) => sizes[k]!));
  return largest.map((k) => ({
    cluster: k,
    rows: Array.from(assignments, (_, i) => i).filter((i) => assignments[i] === k).sort((a, b) => cosines[b]! - cosines[a]! || a - b).slice(0, shown),
  }));
}
