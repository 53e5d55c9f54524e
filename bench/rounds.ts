import { turnOrder } from '../src/jobs/speed/rounds.js';
import { watchOthers, type TurnOthers } from './others.js';
import type { ContestantProcess } from './process.js';

/** One line of a comparison: a process, or several that work at the same time and count together. */
export interface Group { readonly name: string; readonly batch: number; readonly members: readonly ContestantProcess[] }

/** Images a second of each group, one number a round. */
export type Rates = ReadonlyMap<string, readonly number[]>;

export interface RoundOptions {
  readonly rounds: number;
  readonly seconds: number;
  /** Gathers what else the machine did during each counted turn. */
  readonly others: TurnOthers[];
  readonly progress: (text: string) => void;
}

/** A step shorter than this has one uncounted step before it: others have used the caches since its last turn. */
const SHORT_STEP = 0.25;

/** Idle time between two turns: threads of the one before may still spin for a moment. */
const pause = (): Promise<void> => new Promise((resolve) => { setTimeout(resolve, 50); });

/**
 * Every group has one turn a round, alone; the others idle. Each round begins with another group, so that nobody always
 * follows the same one. `about`: what is measured, for progress and for what others did. Before the first round every group warms up, out of the count.
 */
export async function interleave(groups: readonly Group[], { rounds, seconds, others, progress }: RoundOptions, about: string): Promise<Rates> {
  const rates = new Map<string, number[]>(groups.map(({ name }) => [name, []]));
  const stepSeconds = new Map<string, number>();
  const turn = async ({ name, batch, members }: Group): Promise<number> => {
    const warm = (stepSeconds.get(name) ?? 0) < SHORT_STEP;
    const answers = await Promise.all(members.map((member) => member.ask({ do: 'run', seconds, warm })));
    const each = answers.map(({ seconds: times }) => times.length / times.reduce((sum, time) => sum + time, 0));
    stepSeconds.set(name, 1 / Math.min(...each));
    return batch * each.reduce((sum, steps) => sum + steps, 0);
  };
  for (const group of groups) {
    progress(`${about}: warming up ${group.name}`);
    await Promise.all(group.members.map((member) => member.ask({ do: 'steps', count: 2 })));
    await turn(group);
  }
  for (let round = 0; round < rounds; round++) {
    for (const index of turnOrder(groups.length, round)) {
      const group = groups[index]!;
      await pause();
      progress(`${about}: round ${round + 1}/${rounds} ${group.name}`);
      const stop = watchOthers(group.members.map(({ pid }) => pid));
      rates.get(group.name)!.push(await turn(group));
      const seen = stop();
      if (seen !== null) others.push({ ...seen, turn: `${about}, ${group.name}` });
    }
  }
  return rates;
}
