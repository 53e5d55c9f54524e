import { add, div, expandDims, maximum, minimum, mul, relu, sub, type Tensor } from '@tensorflow/tfjs-core';
import { sidesOf } from './boxes.js';

/** Intersection over union of a box of `a` and one of `b`, each [n, 4] flat; 0 where both are empty. On the host. */
export function boxIou(a: ArrayLike<number>, i: number, b: ArrayLike<number>, j: number): number {
  const [p, q] = [4 * i, 4 * j];
  const width = Math.min(a[p + 2]!, b[q + 2]!) - Math.max(a[p]!, b[q]!);
  const height = Math.min(a[p + 3]!, b[q + 3]!) - Math.max(a[p + 1]!, b[q + 1]!);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return shared / ((a[p + 2]! - a[p]!) * (a[p + 3]! - a[p + 1]!) + (b[q + 2]! - b[q]!) * (b[q + 3]! - b[q + 1]!) - shared);
}

/**
 * The same of every box of `a` with every one of `b`, in the graph.
 *
 * @param a [..., N, 4]
 * @param b [..., M, 4]
 * @returns [..., N, M]
 */
export function pairwiseIou(a: Tensor, b: Tensor): Tensor {
  const [one, other] = [sidesOf(expandDims(a, a.rank - 1)), sidesOf(expandDims(b, b.rank - 2))];
  const width = relu(sub(minimum(one.right, other.right), maximum(one.left, other.left)));
  const height = relu(sub(minimum(one.bottom, other.bottom), maximum(one.top, other.top)));
  const shared = mul(width, height);
  const area = ({ left, top, right, bottom }: typeof one): Tensor => mul(sub(right, left), sub(bottom, top));
  return div(shared, maximum(sub(add(area(one), area(other)), shared), 1e-9));
}
