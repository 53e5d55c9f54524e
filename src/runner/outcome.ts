import type { JobState } from './job.js';
import type { Counts } from './progress/events.js';

/** How a run ended. */
export interface RunOutcome {
  /** State of every job of the plan, by id. */
  readonly states: ReadonlyMap<string, JobState>;
  readonly counts: Counts;
  readonly interrupted: boolean;
  /** Ids of cached jobs that were made on another kind of machine, device or runtime. */
  readonly foreign: readonly string[];
  readonly seconds: number;
}

/** What a command that ran this ends with: 0 all finished, 1 a job failed, 130 interrupted. */
export const exitCodeOf = ({ interrupted, counts }: Pick<RunOutcome, 'interrupted' | 'counts'>): 0 | 1 | 130 =>
  (interrupted ? 130 : counts.failed > 0 ? 1 : 0);

export function countStates(states: Iterable<JobState>): Counts {
  const counts = { done: 0, cached: 0, failed: 0, skipped: 0, pending: 0 };
  for (const { state } of states) {
    if (state === 'waiting' || state === 'running') counts.pending++;
    else counts[state]++;
  }
  return counts;
}
