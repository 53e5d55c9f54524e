/** How many equal pieces of a batch are worked on beside each other: at most `threads`. */
export const lanesOf = (batch: number, threads: number): number => {
  let count = Math.max(1, Math.min(threads, batch));
  while (batch % count !== 0) count--;
  return count;
};

/**
 * What the ops of a piece make, altogether and at most. It makes pieces of four images of ViT-S/16 in batches of 32, which take 0.63 of the memory and no more
 * time; smaller pieces, or those of smaller steps, gain nothing (bench/NOTES.md).
 */
const PIECE_BYTES = 3 * 2 ** 30;

/** Into how many pieces, one after the other, the work of a lane goes. `bytes`: what its ops make on all its images. */
export const turnsOf = (batch: number, lanes: number, bytes: number): number => {
  const images = batch / lanes;
  let turns = 1;
  while (turns < images && (images % turns !== 0 || bytes / turns > PIECE_BYTES)) turns++;
  return turns;
};
