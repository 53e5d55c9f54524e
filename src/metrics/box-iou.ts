/** [left, top, width, height] in pixels. */
export type Box = readonly [number, number, number, number];

/**
 * Overlap of each found box with each true one: float64 [found, truths] of values in [0, 1]. Intersection over union; for a
 * crowd over the found box's own area, as any part of a crowd is enough (COCO).
 */
export function boxIou(found: readonly Box[], truths: readonly Box[], crowd: readonly boolean[]): Float64Array {
  const overlaps = new Float64Array(found.length * truths.length);
  for (let row = 0; row < found.length; row++) {
    const [left, top, width, height] = found[row]!;
    const area = width * height;
    for (let column = 0; column < truths.length; column++) {
      const truth = truths[column]!;
      const across = Math.min(width + left, truth[2] + truth[0]) - Math.max(left, truth[0]);
      if (across <= 0) continue;
      const down = Math.min(height + top, truth[3] + truth[1]) - Math.max(top, truth[1]);
      if (down <= 0) continue;
      const shared = across * down;
      overlaps[row * truths.length + column] = shared / (crowd[column] === true ? area : area + truth[2] * truth[3] - shared);
    }
  }
  return overlaps;
}
