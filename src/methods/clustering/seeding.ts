import type { Rows } from '../../models/feature-rows.js';
import type { Stream } from '../../random.js';
import { pick, row } from './rows.js';

/**
 * `count` rows to begin with, spread out (k-means++): the first is drawn evenly, each next with a probability in proportion to its
 * squared distance to the nearest one that is taken already. Where all distances are 0 the first row not taken comes next.
 */
export function spreadRows(features: Rows, count: number, draws: Stream): Rows {
  const taken: number[] = [];
  const distances = new Float64Array(features.rows).fill(Infinity);
  let next = draws.integer(features.rows);
  for (;;) {
    taken.push(next);
    if (taken.length === count) return pick(features, taken);
    let total = 0;
    for (let i = 0; i < features.rows; i++) {
      distances[i] = Math.min(distances[i]!, squaredDistance(row(features, i), row(features, next)));
      total += distances[i]!;
    }
    next = total === 0 ? features.rows : placeOf(distances, draws.uniform() * total);
    // Rounding may carry the draw behind the last row that can be taken.
    if (next === features.rows) next = distances.findLastIndex((distance) => distance > 0);
    if (next < 0) next = distances.findIndex((_, i) => !taken.includes(i));
  }
}

/** The first place up to which more than `amount` lies; the length where there is none. */
function placeOf(amounts: Float64Array, amount: number): number {
  let sum = 0;
  for (let i = 0; i < amounts.length; i++) {
    sum += amounts[i]!;
    if (sum > amount) return i;
  }
  return amounts.length;
}

export function squaredDistance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += (a[j]! - b[j]!) ** 2;
  return sum;
}
