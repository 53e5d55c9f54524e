/** Share of the images that the most frequent label has, in (0, 1]: the accuracy of saying it of every image. NaN without labels. */
export function largestShare(labels: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return Math.max(0, ...counts.values()) / labels.length;
}

/**
 * Whether an accuracy on training images shows no learning: under twice `chance` (1 / number of classes) or, of few classes, under half of the way from
 * chance to 1, whichever is less; or not above what saying the largest class of every image reaches. All are fractions; `largestClass` is 0 where it is not known.
 */
export const failsToLearn = (trainAccuracy: number, chance: number, largestClass = 0): boolean =>
  trainAccuracy < Math.min(2 * chance, (1 + chance) / 2) || trainAccuracy <= largestClass;
