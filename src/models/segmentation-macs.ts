/** Bins a side of UperNet's pyramid pooling. */
export const poolBins = [1, 2, 3, 6] as const;

/** Convolutions and transposed ones, as papers count them: resizing, pooling and norms are left out. */
const square = (side: number): number => side * side;

/**
 * Multiply-adds of one picture in the pyramid of four blocks (pyramid.ts).
 *
 * @param side patches a side of the encoder's map
 * @param finest patches a side of the finest map: 2 or 4 times as many
 */
export const blockPyramidMacs = (width: number, side: number, finest: number): number =>
  // A transposed convolution is a product of its inputs with four taps; with two there is a third for the second map.
  4 * width * width * square(side) * (finest === 4 * side ? 1 + 4 + 1 : 1);

/** Multiply-adds of one picture in UperNet on maps of such sides, finest first. */
export function uperNetMacs(width: number, channels: number, classes: number, sides: readonly [number, number, number, number]): number {
  const [finest, , , coarsest] = sides;
  const pools = poolBins.reduce((sum, bins) => sum + square(bins) * width * channels, 0);
  const bottleneck = square(coarsest) * 9 * (width + poolBins.length * channels) * channels;
  const levels = sides.slice(0, 3).reduce((sum, side) => sum + square(side) * channels * (width + 9 * channels), 0);
  return pools + bottleneck + levels + square(finest) * channels * (9 * 4 * channels + classes);
}

/** Multiply-adds of one picture in UperNet's auxiliary head. */
export const fcnHeadMacs = (width: number, channels: number, classes: number, side: number): number => square(side) * channels * (9 * width + classes);
