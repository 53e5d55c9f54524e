import { add, cast, exp, log, matMul, mean, mul, notEqual, reshape, rsqrt, square, sub, sum, tensor2d, type Tensor } from '@tensorflow/tfjs-core';

/** Beside the squared length of a token, which may be 0. */
const EPSILON = 1e-12;

/**
 * The homologous contrastive loss, supervised-contrastive form: tokens of a token's own image are its positives, all other
 * tokens of the group stand in the denominator. Mean over tokens j of
 * `- 1 / |P(j)| * sum over p in P(j) of log(exp(cos(j, p) / t) / sum over a != j of exp(cos(j, a) / t))`.
 *
 * A token has the same number of positives in every image, so the mean of the positives' cosines follows from the sum of
 * an image's unit vectors. No cosine is over 1: 1 / t is taken out of the exponents.
 *
 * @param tokens [groups, images * K, W], an image's K tokens following each other, K at least 2
 * @returns rank 0
 */
export function homologousContrast(tokens: Tensor, images: number, temperature: number): Tensor {
  const [groups, count, width] = tokens.shape as [number, number, number];
  const own = count / images;
  const unit = mul(tokens, rsqrt(add(sum(square(tokens), -1, true), EPSILON)));
  const scaled = mul(sub(matMul(unit, unit, false, true), 1), 1 / temperature);
  const all = log(sum(mul(exp(scaled), others(count)), -1));
  const ofImage = sum(reshape(unit, [groups, images, own, width]), 2);
  // The squared length of a sum of `own` unit vectors is `own` and the cosines of all ordered pairs.
  const alike = mul(sub(mean(sum(square(ofImage), -1)), own), 1 / (own * (own - 1)));
  return add(mean(all), mul(sub(1, alike), 1 / temperature));
}

/** [count, count]: 0 on the diagonal, 1 elsewhere. */
function others(count: number): Tensor {
  const numbers = Array.from({ length: count }, (_, i) => i);
  return cast(notEqual(tensor2d(numbers, [count, 1]), tensor2d(numbers, [1, count])), 'float32');
}
