import type { JobState } from './job.js';
import type { Counts } from './progress/events.js';

/** How a run ended. */
export interface RunOutcome {
  /** State of every job of the plan, by id. */
  readonly states: ReadonlyMap<string, JobState>;
  readonly counts: Counts;
  readonly interrupted: boolean;
  /** Ids of cached jobs that were made on another kind of machine. */
  readonly foreign: readonly string[];
  readonly seconds: number;
}

export function countStates(states: Iterable<JobState>): Counts {
  const counts = { done: 0, cached: 0, failed: 0, skipped: 0, pending: 0 };
  for (const { state } of states) {
    if (state === 'waiting' || state === 'running') counts.pending++;
    else counts[state]++;
  }
  return counts;
}
