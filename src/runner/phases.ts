import { perPhase, type Phase, type PhaseSeconds } from '../phases.js';
import type { Phases } from './job.js';

/** A running stopwatch: from its start on, every moment counts to one phase, at first to `other`. */
export interface PhaseWatch extends Phases {
  /** Seconds in each phase so far. They add up to the time since the start. */
  seconds(): PhaseSeconds;
}

/** `now`: milliseconds of a clock that never goes back. */
export function startPhases(now: () => number = () => performance.now()): PhaseWatch {
  const spent = perPhase(() => 0);
  let current: Phase = 'other';
  let since = now();
  const enter = (phase: Phase): void => {
    const time = now();
    spent[current] += (time - since) / 1000;
    current = phase;
    since = time;
  };
  return {
    enter,
    seconds: () => {
      enter(current);
      return { ...spent };
    },
  };
}
