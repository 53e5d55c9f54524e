import { add, concat, reshape, slice, zeros, type Tensor } from '@tensorflow/tfjs-core';

/**
 * A group's sequence is its images' kept tokens, one image after the other: attention does not care about order, and every
 * token has its position already. So mixing and un-mixing are reshapes.
 */

/**
 * @param tokens [B, K, D]: kept tokens of each image, a group's n images following each other
 * @param segments [n, D]: a vector of each image's place in its group
 * @returns [B / n, n * K, D]
 */
export function mix(tokens: Tensor, images: number, segments?: Tensor): Tensor {
  const [batch, own, width] = tokens.shape as [number, number, number];
  const groups = batch / images;
  if (segments === undefined) return reshape(tokens, [groups, images * own, width]);
  const told = add(reshape(tokens, [groups, images, own, width]), reshape(segments, [1, images, 1, width]));
  return reshape(told, [groups, images * own, width]);
}

/**
 * Each image's own tokens, with the group's class token in front.
 *
 * @param encoded [B / n, 1 + n * K, D]
 * @returns [B, 1 + K, D]
 */
export function unmix(encoded: Tensor, images: number): Tensor {
  const [groups, , width] = encoded.shape as [number, number, number];
  const patches = patchTokens(encoded);
  const own = patches.shape[1]! / images;
  const cls = reshape(slice(encoded, [0, 0, 0], [groups, 1, width]), [groups, 1, 1, width]);
  const each = add(zeros([groups, images, 1, width]), cls);
  return reshape(concat([each, reshape(patches, [groups, images, own, width])], 2), [groups * images, 1 + own, width]);
}

/** Without the class token. tokens: [B, 1 + T, D]. */
export function patchTokens(tokens: Tensor): Tensor {
  const [batch, count, width] = tokens.shape as [number, number, number];
  return slice(tokens, [0, 1, 0], [batch, count - 1, width]);
}
