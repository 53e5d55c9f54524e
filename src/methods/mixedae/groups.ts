/** How far 1 / ratio may be from a whole number: YAML cannot say a third. */
const TOLERANCE = 0.01;

/** Images of a group: n = 1 / ratio; null where that is no whole number. */
export function imagesPerGroup(ratio: number): number | null {
  const images = Math.round(1 / ratio);
  return Math.abs(1 / ratio - images) <= TOLERANCE ? images : null;
}
