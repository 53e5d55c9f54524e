import { stream } from '../random.js';

/** Drop probability of each block: from 0 in the first to `rate` in the last (timm's `linspace`). */
export const dropPathRates = (depth: number, rate: number): readonly number[] =>
  Array.from({ length: depth }, (_, i) => (depth === 1 ? 0 : (rate * i) / (depth - 1)));

/**
 * Stochastic depth of one step, drawn on the host: row 2 i holds block i's attention branch, row 2 i + 1 its MLP branch,
 * one factor an image: 0 with the block's probability, else 1 / (1 - p).
 *
 * @returns float32 [2 * depth, batch], row-major
 */
export function dropPathDraws(depth: number, rate: number, batch: number, seed: number, step: number): Float32Array {
  const rates = dropPathRates(depth, rate);
  const factors = new Float32Array(2 * depth * batch).fill(1);
  const draws = stream(seed, 'drop-path', step);
  rates.forEach((p, i) => {
    if (p === 0) return;
    const keep = 1 - p;
    for (let j = 2 * i * batch; j < 2 * (i + 1) * batch; j++) factors[j] = draws.uniform() < keep ? 1 / keep : 0;
  });
  return factors;
}
