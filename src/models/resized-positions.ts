/**
 * Positions of a grid for one of another size, by bicubic interpolation with half-pixel centres and edges repeated, not
 * antialiased (PyTorch: `interpolate(mode='bicubic', align_corners=False)`). The class token's row stays as it is.
 *
 * @param table [from * from + 1, width], row-major
 * @returns [to * to + 1, width]
 */
export function resizedPositions(table: Float32Array, width: number, from: number, to: number): Float32Array {
  const result = new Float32Array((to * to + 1) * width);
  result.set(table.subarray(0, width));
  const taps = Array.from({ length: to }, (_, i) => cubicTaps(((i + 0.5) * from) / to - 0.5, from));
  for (let y = 0; y < to; y++) {
    for (let x = 0; x < to; x++) {
      const at = (1 + y * to + x) * width;
      for (let channel = 0; channel < width; channel++) {
        let sum = 0;
        for (const [row, down] of taps[y]!) for (const [column, across] of taps[x]!) sum += down * across * table[(1 + row * from + column) * width + channel]!;
        result[at + channel] = sum;
      }
    }
  }
  return result;
}

/** The four points around `position` and their weights. */
function cubicTaps(position: number, count: number): readonly (readonly [index: number, weight: number])[] {
  const first = Math.floor(position);
  return [-1, 0, 1, 2].map((offset) => [Math.min(Math.max(first + offset, 0), count - 1), cubic(position - first - offset)] as const);
}

/** Keys' cubic convolution kernel with PyTorch's a. */
function cubic(distance: number): number {
  const [a, x] = [-0.75, Math.abs(distance)];
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}
