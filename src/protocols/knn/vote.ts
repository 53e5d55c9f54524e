import type { Neighbours } from './neighbours.js';

/**
 * Predicted class of each query: the `k` most similar neighbours vote for their class with weight exp(similarity / T).
 * Of equal sums the smaller class index wins. `k` above the number of neighbours counts as all of them.
 */
export function vote(neighbours: Neighbours, bankLabels: ArrayLike<number>, classes: number, k: number, temperature: number): Int32Array {
  if (neighbours.count === 0) throw new RangeError('no neighbour to ask');
  const queries = neighbours.indices.length / neighbours.count;
  const predictions = new Int32Array(queries);
  const weights = new Float64Array(classes);
  for (let query = 0; query < queries; query++) {
    weights.fill(0);
    const start = query * neighbours.count;
    // Weights relative to the strongest vote: the order is the same, and no temperature overflows.
    const strongest = neighbours.similarities[start]!;
    for (let i = start; i < start + Math.min(k, neighbours.count); i++) {
      const label = bankLabels[neighbours.indices[i]!]!;
      weights[label] = weights[label]! + Math.exp((neighbours.similarities[i]! - strongest) / temperature);
    }
    let best = 0;
    for (let label = 1; label < classes; label++) if (weights[label]! > weights[best]!) best = label;
    predictions[query] = best;
  }
  return predictions;
}
