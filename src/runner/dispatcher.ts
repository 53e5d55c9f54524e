import { JobError } from '../errors.js';
import { createFailures } from './failures.js';
import { findStored } from './lookup.js';
import type { TensorPlace } from './machine.js';
import type { Progress } from './progress/events.js';
import type { RunState } from './run-state.js';
import { nextUnit, type Unit } from './schedule.js';
import type { Store } from './store.js';
import { isLocked } from './store/lock.js';
import type { Pool } from './workers/pool.js';
import type { Outcome, WorkerProcess } from './workers/process.js';

/**
 * A worker that dies is often killed by the system (memory), and its job goes on from its checkpoint: one more attempt is
 * cheap. A job that throws is not tried again within a run; the next `run` tries it.
 */
const attemptsPerJob = 2;
/** How long to wait before looking again at a job that another process runs. */
const heldRetryMs = 500;

export interface DispatcherOptions {
  readonly state: RunState;
  readonly pool: Pool;
  /** How many workers the pool has. */
  readonly workers: number;
  readonly store: Store;
  readonly progress: Progress;
  /** What tensors run on: results of other processes that were made on something else are marked. */
  readonly tensors: TensorPlace;
}

/** Gives units to workers, until none is left that can run. */
export interface Dispatcher {
  /** Begins; goes on by itself. */
  dispatch(): void;
  /** Ends the jobs that run; resolves when their workers are gone. */
  stop(): Promise<void>;
  /** Resolves when nothing is left to do, or all is stopped. Rejects for faults of the store and of this program. */
  readonly finished: Promise<void>;
}

export function createDispatcher({ state, pool, workers, store, progress, tensors }: DispatcherOptions): Dispatcher {
  const failures = createFailures(store, state, progress);
  const deaths = new Map<string, number>();
  let stopping = false;
  let finish: () => void = () => undefined;
  let giveUp: (error: unknown) => void = () => undefined;
  const finished = new Promise<void>((resolve, reject) => {
    finish = resolve;
    giveUp = reject;
  });

  /** Looks again and again whether the other process is through, without taking a worker for it. */
  const waitForOther = async (unit: Unit): Promise<void> => {
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, heldRetryMs));
      if (stopping) return;
      const found = await findStored(store, unit, progress);
      if (found === null && await isLocked(store.layout.locks, unit.key)) continue;
      state.held.delete(unit.key);
      if (found !== null) state.end(unit, { state: 'cached' }, found.origin(tensors));
      return;
    }
  };

  const handle = async (unit: Unit, outcome: Outcome): Promise<void> => {
    switch (outcome.type) {
      case 'done':
        state.end(unit, { state: 'done', seconds: outcome.seconds });
        return;
      case 'present': {
        const found = await findStored(store, unit, progress);
        if (found !== null) state.end(unit, { state: 'cached' }, found.origin(tensors));
        return;
      }
      case 'held':
        // It stays so until the other process is through.
        progress.on({ event: 'note', text: `${unit.job.id} is being run by another process; waiting for it` });
        waitForOther(unit).then(dispatch).catch(giveUp);
        return;
      case 'failed':
        return outcome.diskFull ? failures.failForSpace(unit, outcome.message) : failures.fail(unit, outcome.message, outcome.stack);
      case 'died': {
        const times = (deaths.get(unit.key) ?? 0) + 1;
        deaths.set(unit.key, times);
        if (times >= attemptsPerJob) return failures.fail(unit, `${capital(outcome.how)}, ${attemptsPerJob} times`, null);
        progress.on({ event: 'note', text: `${unit.job.id}: ${outcome.how}; trying once more` });
        return;
      }
      case 'measured': throw new Error('a worker answered a job with a measurement');
    }
    outcome satisfies never;
  };

  const start = async (unit: Unit, worker: WorkerProcess): Promise<void> => {
    const log = store.logFile(unit.key);
    const { id } = unit.job;
    state.start(unit, log);
    const outcome = await worker.request({ type: 'run', job: unit.job, inputs: unit.inputs }, log, {
      progress: (now) => state.advance(unit, now),
      resumed: () => progress.on({ event: 'resumed', id }),
      dropped: (reason) => progress.on({ event: 'dropped', id, reason }),
    });
    pool.release(worker);
    state.leave(unit);
    // Until what came of it is dealt with, which may take a write, nobody starts it again.
    state.held.add(unit.key);
    // A job that was ended by a stop has neither failed nor died of its own.
    if (!stopping || outcome.type === 'done') await handle(unit, outcome);
    if (outcome.type !== 'held') state.held.delete(unit.key);
    state.tellOverall(workers);
    dispatch();
  };

  const dispatch = (): void => {
    while (!stopping) {
      const ready = state.ready();
      const next = nextUnit(ready, [...state.active.values()].map(({ unit }) => unit), workers);
      if (next !== null) {
        start(next, pool.take(next.job.threads)).catch(giveUp);
        continue;
      }
      if (state.active.size === 0 && state.held.size === 0) {
        if (ready.length === 0) finish();
        else giveUp(new JobError('No job can start', { data: { ready: ready.map(({ job }) => job.id) } }));
      }
      return;
    }
  };

  return {
    dispatch,
    stop() {
      stopping = true;
      return pool.kill().then(finish, giveUp);
    },
    finished,
  };
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
