/**
 * Patches a side that the four maps of `blockPyramid` have. iBOT's strides are 4, 8, 16 and 32 pixels for patches of 16 and of 8
 * alike; here they are p / 4 to 2 p for patches of 16 and more, and p / 2 to 4 p below.
 *
 * @param side of the encoder's own map
 */
export const blockPyramidSides = (side: number, patchSize: number): readonly [number, number, number, number] =>
  patchSize >= 16 ? [4 * side, 2 * side, side, Math.floor(side / 2)] : [2 * side, side, Math.floor(side / 2), Math.floor(side / 4)];

/** Fewest patches a side of a `blockPyramid`: its last map is pooled by 4, of patches of 16 and more by 2. */
export const leastBlockPatches = (patchSize: number): number => (patchSize < 16 ? 4 : 2);
