import type { Rows } from '../../models/feature-rows.js';
import { clusterMeans, clusterSizes, largest, products, row } from './rows.js';
import { squaredDistance } from './seeding.js';

interface KMeans {
  /** Means of the clusters. */
  readonly centres: Rows;
  readonly assignments: Int32Array;
  readonly rounds: number;
}

/**
 * Lloyd's rounds: every row to its nearest centre by Euclidean distance (of equal ones the first), every centre to the mean of
 * its rows; until nothing changes, or for so many rounds. A cluster that has lost its last row takes the row that lies farthest from
 * its own centre, of those whose cluster has another one (of equally far ones the first).
 */
export async function kMeans(features: Rows, start: Rows, rounds: number, progress: (round: number) => Promise<void>): Promise<KMeans> {
  let centres = start;
  let assignments = new Int32Array(features.rows).fill(-1);
  for (let round = 1; ; round++) {
    const next = fillEmpty(features, centres, nearestByDistance(features, centres));
    const settled = next.every((cluster, i) => cluster === assignments[i]);
    assignments = next;
    centres = clusterMeans(features, assignments, start.rows);
    await progress(round);
    if (settled || round === rounds) return { centres, assignments, rounds: round };
  }
}

/** |x - c|^2 is smallest where x.c - |c|^2 / 2 is largest. */
function nearestByDistance(features: Rows, centres: Rows): Int32Array<ArrayBuffer> {
  const halves = Float64Array.from({ length: centres.rows }, (_, k) => row(centres, k).reduce((sum, value) => sum + value * value, 0) / 2);
  const scores = products(features, centres);
  for (let i = 0; i < scores.length; i++) scores[i] = scores[i]! - halves[i % centres.rows]!;
  return Int32Array.from({ length: features.rows }, (_, i) => largest(scores, i * centres.rows, centres.rows));
}

function fillEmpty(features: Rows, centres: Rows, assignments: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const sizes = clusterSizes(assignments, centres.rows);
  if (sizes.every((size) => size > 0)) return assignments;
  const filled = Int32Array.from(assignments);
  const far = Float64Array.from(assignments, (cluster, i) => squaredDistance(row(features, i), row(centres, cluster)));
  const order = Array.from(far, (_, i) => i).sort((a, b) => far[b]! - far[a]! || a - b);
  let at = 0;
  sizes.forEach((size, cluster) => {
    if (size > 0) return;
    while (sizes[filled[order[at]!]!]! < 2) at++;
    const moved = order[at++]!;
    sizes[filled[moved]!] = sizes[filled[moved]!]! - 1;
    sizes[cluster] = 1;
    filled[moved] = cluster;
  });
  return filled;
}
