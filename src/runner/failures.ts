import { isDiskFull } from '../files.js';
import type { Progress } from './progress/events.js';
import type { RunState } from './run-state.js';
import type { Unit } from './schedule.js';
import type { Store } from './store.js';
import { diskFullError } from './store/disk.js';

/** How units of a run fail: the store keeps the reason, the run goes on with what does not need them. */
export interface Failures {
  fail(unit: Unit, message: string, stack: string | null): Promise<void>;
  /** What the job had written is removed already; others may still find room, and what they need is there. So they go on. */
  failForSpace(unit: Unit, cause: string): Promise<void>;
}

export function createFailures(store: Store, state: RunState, progress: Progress): Failures {
  let toldSpace = false;
  const fail = async (unit: Unit, message: string, stack: string | null): Promise<void> => {
    const log = store.logFile(unit.key);
    await store.writeFailure({ format: 1, key: unit.key, id: unit.job.id, kind: unit.job.kind, message, stack, log, at: new Date().toISOString() }).catch((error: unknown) => {
      // The run's own summary names the job too.
      if (!isDiskFull(error)) throw error;
    });
    state.end(unit, { state: 'failed', message, log });
  };
  return {
    fail,
    async failForSpace(unit, cause) {
      const error = await diskFullError(store.layout.root, new Error(cause));
      await fail(unit, error.message, null);
      if (!toldSpace) progress.on({ event: 'note', text: error.describe() });
      toldSpace = true;
    },
  };
}
