import { add, cast, expandDims, greaterEqual, matMul, maximum, mul, reshape, slice, softmax, sub, tensor2d, transpose, unstack, type Tensor } from '@tensorflow/tfjs-core';
import { kthLargest } from '../engine/kernels/kth-largest.js';
import { withoutGradient } from './with-gradient.js';

/**
 * Which keys each query attends to: 1 or 0, of the scores' shape or broadcast to it. No gradient goes through it.
 *
 * @param scores [B, heads, T, T], queries before keys
 */
type Select = (scores: Tensor) => Tensor;

interface SelectedAttention {
  /** [B, T, D] */
  readonly attended: Tensor;
  /** What `select` gave. */
  readonly selected: Tensor;
}

/** Added to a score, it leaves a weight of exactly 0. */
const NEVER = -1e30;

/**
 * Attention as `attend`, restricted to the selected keys: the scores of the others are -inf. Its gradients are tfjs's own,
 * which run the same products as those written for `attend`; a selection could not leave an operation with one gradient.
 *
 * @param qkv [B, T, 3 * D], see `attend`
 */
export function attendSelected(qkv: Tensor, heads: number, select: Select): SelectedAttention {
  const [batch, tokens, tripled] = qkv.shape as [number, number, number];
  const width = tripled / 3;
  const channels = width / heads;
  const parted = transpose(reshape(qkv, [batch, tokens, 3, heads, channels]), [2, 0, 3, 1, 4]);
  const [query, key, value] = unstack(parted, 0) as [Tensor, Tensor, Tensor];
  const scores = matMul(mul(query, channels ** -0.5), key, false, true);
  const selected = withoutGradient(() => select(scores));
  const weights = softmax(add(scores, withoutGradient(() => mul(sub(1, selected), NEVER))));
  return { attended: reshape(transpose(matMul(weights, value), [0, 2, 1, 3]), [batch, tokens, width]), selected };
}

/**
 * What the class token has to do with a selection of the k best keys. `apart`: it attends to all tokens, and every token
 * attends to it besides its k best patches. `alike`: it is a token as every other, as a query and among the keys.
 */
export type ClassToken = 'apart' | 'alike';

/**
 * Each query's k keys of the largest scores, the query's own key being one like every other; all that equal the k-th are
 * selected with it, so that the order of tokens decides nothing. The class token is the first.
 */
export const topKeys = (k: number, classToken: ClassToken): Select => (scores) => {
  const [batch, heads, tokens] = scores.shape as [number, number, number, number];
  const best = (candidates: Tensor): Tensor => cast(greaterEqual(scores, expandDims(kthLargest(candidates, k), -1)), 'float32');
  if (classToken === 'alike') return best(scores);
  const first = Array.from({ length: tokens }, (_, t) => (t === 0 ? 1 : 0));
  const ofClass = maximum(tensor2d(first, [tokens, 1]), tensor2d(first, [1, tokens]));
  return maximum(best(slice(scores, [0, 0, 0, 1], [batch, heads, tokens, tokens - 1])), ofClass);
};
