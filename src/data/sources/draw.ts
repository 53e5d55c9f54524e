import { stream } from '../../random.js';

/** `count` of the indices (all where there are no more), drawn by seed without replacement, in ascending order. */
export function draw(indices: readonly number[], count: number, seed: number, purpose: string): number[] {
  const order = stream(seed, purpose).permutation(indices.length);
  return Array.from(order.subarray(0, count), (at) => indices[at]!).sort((a, b) => a - b);
}
