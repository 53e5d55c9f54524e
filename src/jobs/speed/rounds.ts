/** Who has a turn when, by index: all once a round, each round beginning with another, so that nobody always follows the same one. */
export const turnOrder = (contestants: number, round: number): readonly number[] =>
  Array.from({ length: contestants }, (_, i) => (round + i) % contestants);

/** One contestant's turn: steps that were timed and the seconds that all of them took, with batches made before and with the loader's in the time. */
export interface Turn {
  readonly outside: Timed;
  readonly inside: Timed;
  /** Highest resident memory of its process in the turn. */
  readonly peakMemoryBytes: number;
}

export interface Timed { readonly steps: number; readonly seconds: number }

/** The turns of one round, in the order in which they were had. */
export type Round = readonly { readonly entry: string; readonly turn: Turn }[];

/**
 * Plays the rounds that are missing; `done` are those of an interrupted attempt. `save` is called with all rounds after each.
 */
export async function playRounds(entries: readonly string[], rounds: number, done: readonly Round[], turn: (entry: string) => Promise<Turn>, save: (rounds: readonly Round[]) => Promise<void>): Promise<readonly Round[]> {
  const all = [...done];
  for (let number = all.length; number < rounds; number++) {
    const round: { entry: string; turn: Turn }[] = [];
    for (const index of turnOrder(entries.length, number)) {
      const entry = entries[index]!;
      round.push({ entry, turn: await turn(entry) });
    }
    all.push(round);
    await save(all);
  }
  return all;
}
