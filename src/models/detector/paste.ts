/** Weights of the two nearest of `size` values at a position, 0 beyond the edge. */
const taps = (position: number, size: number): readonly [first: number, a: number, b: number] => {
  const first = Math.floor(position);
  const share = position - first;
  return [first, first >= 0 && first < size ? 1 - share : 0, first + 1 >= 0 && first + 1 < size ? share : 0];
};

/**
 * A region's mask laid over a picture: bilinear at the pixels' centres, the region's edge being the box; pixels of at least `threshold`.
 * Detectron2's rule, which takes boxes as they are (torchvision rounds them to pixels first, which small objects notice).
 *
 * @param mask [side, side] from `start` on, in [0, 1]
 * @param box [left, top, right, bottom] in pixels of the picture
 * @returns uint8 [height, width], 1 or 0
 */
export function pasteMask(mask: Float32Array, start: number, side: number, box: readonly [number, number, number, number], picture: { readonly height: number; readonly width: number }, threshold = 0.5): Uint8Array {
  const { height, width } = picture;
  const pasted = new Uint8Array(height * width);
  const [left, top, right, bottom] = box;
  if (right <= left || bottom <= top) return pasted;
  const from = (edge: number): number => Math.max(0, Math.floor(edge));
  const across = Array.from({ length: Math.max(0, Math.min(width, Math.ceil(right)) - from(left)) }, (_, i) => taps((from(left) + i + 0.5 - left) / (right - left) * side - 0.5, side));
  for (let y = from(top); y < Math.min(height, Math.ceil(bottom)); y++) {
    const [row, above, below] = taps((y + 0.5 - top) / (bottom - top) * side - 0.5, side);
    across.forEach(([column, a, b], i) => {
      const value = (r: number, c: number, weight: number): number => (weight === 0 ? 0 : weight * mask[start + r * side + c]!);
      const sum = value(row, column, above * a) + value(row, column + 1, above * b) + value(row + 1, column, below * a) + value(row + 1, column + 1, below * b);
      if (sum >= threshold) pasted[y * width + from(left) + i] = 1;
    });
  }
  return pasted;
}
