import { patchCount, patchValues, type VitConfig } from '../models/config.js';

/**
 * Floating-point operations of one image through the encoder, a multiply-add counted as two: patch embedding, the four
 * projections of each block and both products of attention. Norms, GELU and softmax are left out, as is usual.
 */
export function encoderFlops(model: VitConfig): number {
  const { width, depth } = model;
  const patches = patchCount(model);
  const tokens = patches + 1;
  const hidden = Math.trunc(width * model.mlpRatio);
  const projections = tokens * width * (4 * width + 2 * hidden);
  const attention = 2 * tokens * tokens * width;
  return 2 * (patches * patchValues(model) * width + depth * (projections + attention));
}
