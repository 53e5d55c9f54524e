import { largest } from './rows.js';

/**
 * Each row to one cluster, clusters of equal size up to one. Rows ask for the cluster that they like best; a cluster keeps
 * those that like it most, up to its size, and sends the others on to their next (deferred acceptance: the outcome does not
 * depend on the order of asking). Sizes are floor(rows / clusters); the rest goes one each to the clusters that are the first
 * choice of most rows. Of equal liking the lower cluster, the lower row and the lower cluster again come first.
 *
 * @param liking float64 [rows, clusters]
 */
export function balancedAssignments(liking: Float64Array, rows: number, clusters: number): Int32Array {
  const capacity = capacities(liking, rows, clusters);
  const assigned = new Int32Array(rows).fill(-1);
  /** The cluster that has sent a row on last, -1 for none. */
  const refused = new Int32Array(rows).fill(-1);
  const members: number[][] = Array.from({ length: clusters }, () => []);
  let free = Array.from({ length: rows }, (_, i) => i);
  while (free.length > 0) {
    const asked = new Set<number>();
    for (const i of free) {
      const choice = nextChoice(liking, i * clusters, clusters, refused[i]!);
      members[choice]!.push(i);
      assigned[i] = choice;
      asked.add(choice);
    }
    free = [...asked].flatMap((k) => {
      const all = members[k]!;
      if (all.length <= capacity[k]!) return [];
      all.sort((a, b) => liking[b * clusters + k]! - liking[a * clusters + k]! || a - b);
      const sent = all.splice(capacity[k]!);
      for (const i of sent) refused[i] = k;
      return sent;
    });
  }
  return assigned;
}

function capacities(liking: Float64Array, rows: number, clusters: number): readonly number[] {
  const wanted = new Int32Array(clusters);
  for (let i = 0; i < rows; i++) {
    const first = largest(liking, i * clusters, clusters);
    wanted[first] = wanted[first]! + 1;
  }
  const order = Array.from(wanted, (_, k) => k).sort((a, b) => wanted[b]! - wanted[a]! || a - b);
  const larger = new Set(order.slice(0, rows % clusters));
  return Array.from(wanted, (_, k) => Math.floor(rows / clusters) + (larger.has(k) ? 1 : 0));
}

/** The cluster that a row likes best among those after `last` in its order; the room of all clusters together is enough for all rows. */
function nextChoice(liking: Float64Array, start: number, clusters: number, last: number): number {
  if (last < 0) return largest(liking, start, clusters);
  const limit = liking[start + last]!;
  let best = -1;
  for (let k = 0; k < clusters; k++) {
    const value = liking[start + k]!;
    const after = value < limit || (value === limit && k > last);
    if (after && (best < 0 || value > liking[start + best]!)) best = k;
  }
  return best;
}
