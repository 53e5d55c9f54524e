/**
 * Fixed 2-D sine-cosine positions as MAE uses them (its `get_2d_sincos_pos_embed`): the first half of the channels
 * encodes the column, the second half the row; in each half sines come before cosines. The class token's row is zero.
 *
 * @param width a multiple of 4
 * @param side patches a side
 * @returns [side * side + 1, width], row-major
 */
export function sinCosPositions(width: number, side: number): Float32Array {
  if (width % 4 !== 0) throw new RangeError(`2-D sin-cos positions need a width that is a multiple of 4, got ${width}`);
  const quarter = width / 4;
  const table = new Float32Array((side * side + 1) * width);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const start = (1 + y * side + x) * width;
      for (let i = 0; i < quarter; i++) {
        const frequency = 1 / 10000 ** (i / quarter);
        table[start + i] = Math.sin(x * frequency);
        table[start + quarter + i] = Math.cos(x * frequency);
        table[start + 2 * quarter + i] = Math.sin(y * frequency);
        table[start + 3 * quarter + i] = Math.cos(y * frequency);
      }
    }
  }
  return table;
}
