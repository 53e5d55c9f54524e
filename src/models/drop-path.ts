import { reshape, unstack, type Tensor } from '@tensorflow/tfjs-core';
import type { BranchFactors } from './block.js';

/** The step's factors (`dropPathDraws`) as the blocks take them. factors: [2 * depth, B]. */
export function branchFactors(factors: Tensor): readonly BranchFactors[] {
  const [rows, batch] = factors.shape as [number, number];
  const each = unstack(reshape(factors, [rows, batch, 1, 1]));
  return Array.from({ length: rows / 2 }, (_, i) => ({ attention: each[2 * i]!, mlp: each[2 * i + 1]! }));
}
