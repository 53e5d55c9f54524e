/** Pictures of the last training that are predicted too, for the score on them, at most. */
export const scoredPictures = 64;

/** As many of the records, spread evenly. */
export function scoredOf(all: readonly number[]): readonly number[] {
  const count = Math.min(scoredPictures, all.length);
  return Array.from({ length: count }, (_, i) => all[Math.floor((i * all.length) / count)]!);
}
