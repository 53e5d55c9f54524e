import { div, mul, reshape, slice, sum, tensor2d, type Tensor } from '@tensorflow/tfjs-core';

/**
 * Share of the patches selected by patches that are of the same image, the query itself among them: 1 where a patch attends to
 * its own image alone. What chance gives: diagnostics.ts.
 *
 * @param selected [groups, heads, 1 + n * K, 1 + n * K], 1 or 0, class token first
 * @returns rank 0
 */
export function homologousShare(selected: Tensor, images: number): Tensor {
  const [groups, heads, tokens] = selected.shape as [number, number, number, number];
  const patches = tokens - 1;
  const own = patches / images;
  const between = slice(selected, [0, 0, 1, 1], [groups, heads, patches, patches]);
  const counts = sum(reshape(between, [groups * heads, images, own, images, own]), [0, 2, 4]);
  const same = tensor2d(Array.from({ length: images ** 2 }, (_, i) => (i % (images + 1) === 0 ? 1 : 0)), [images, images]);
  return div(sum(mul(counts, same)), sum(counts));
}
