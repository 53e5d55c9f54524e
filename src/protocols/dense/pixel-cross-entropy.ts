import { cast, div, exp, log, max, maximum, mul, oneHot, sub, sum, type Tensor } from '@tensorflow/tfjs-core';
import { withGradient, withoutGradient } from '../../models/with-gradient.js';

/** Label maps as the loss takes them; several losses of a step share one. */
interface PixelTargets {
  /** One-hot, [B, H, W, C]; all 0 where a pixel is ignored. */
  readonly wanted: Tensor;
  /** [B, H, W, 1]: 0 where a pixel is ignored, else 1. */
  readonly counts: Tensor;
}

/** labels: float32 [B, H, W], whole numbers; those outside 0..classes - 1 (`ignoredLabel`) are left out. */
export function pixelTargets(labels: Tensor, classes: number): PixelTargets {
  const wanted = withoutGradient(() => cast(oneHot(cast(labels, 'int32'), classes), 'float32'));
  return { wanted, counts: withoutGradient(() => sum(wanted, -1, true)) };
}

/**
 * Mean cross entropy over the pixels with a class: torch.nn.CrossEntropyLoss with ignore_index. 0 where no pixel has one.
 * Written so that a map of all pixels and classes is gone through few times: it is larger than any other value of a step.
 *
 * @param logits [B, H, W, C]
 * @returns rank 0
 */
export function pixelCrossEntropy(logits: Tensor, { wanted, counts }: PixelTargets): Tensor {
  return withGradient(
    [logits],
    (save) => {
      const shifted = sub(logits, max(logits, -1, true));
      const powers = exp(shifted);
      const sums = sum(powers, -1, true);
      const pixels = maximum(sum(counts), 1);
      save([powers, sums, wanted, counts, pixels]);
      return div(sub(sum(mul(counts, log(sums))), sum(mul(wanted, shifted))), pixels);
    },
    (dy, [powers, sums, saved, savedCounts, pixels]) => {
      const scale = div(dy, pixels!);
      return [sub(mul(powers!, mul(div(savedCounts!, sums!), scale)), mul(saved!, scale))];
    },
  );
}
