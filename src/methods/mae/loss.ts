import { add, mean, mul, rsqrt, square, squaredDifference, sub, type Tensor } from '@tensorflow/tfjs-core';

/** MAE's epsilon beside the patch's variance. */
export const PIXEL_EPSILON = 1e-6;

/**
 * Patches normalised by their own mean and unbiased variance (n - 1), MAE's `norm_pix_loss` target.
 * patches: [..., n], no gradient.
 */
export function normalisePatches(patches: Tensor): Tensor {
  const count = patches.shape[patches.rank - 1]!;
  const centred = sub(patches, mean(patches, -1, true));
  const variance = mul(mean(square(centred), -1, true), count / (count - 1));
  return mul(centred, rsqrt(add(variance, PIXEL_EPSILON)));
}

/**
 * Mean squared error over the masked patches. Every image has equally many, so the mean over all predicted values is
 * MAE's `sum(mask * per-patch mean) / sum(mask)`.
 */
export const reconstructionLoss = (predicted: Tensor, target: Tensor): Tensor => mean(squaredDifference(predicted, target));

/** The same of each image: [B, M, n] to [B]. */
export const reconstructionErrors = (predicted: Tensor, target: Tensor): Tensor => mean(squaredDifference(predicted, target), [1, 2]);
