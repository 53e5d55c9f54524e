import { createDispatcher } from './dispatcher.js';
import type { Plan } from './job.js';
import { findStored, type Stored } from './lookup.js';
import type { TensorPlace } from './machine.js';
import type { RunOutcome } from './outcome.js';
import type { Progress } from './progress/events.js';
import { createRunState } from './run-state.js';
import { unitsOf, type Unit } from './schedule.js';
import type { Store } from './store.js';
import { storeErrorOf } from './store/disk.js';
import { announceRun, touchEveryMs, touchLocks } from './store/lock.js';
import { createPool } from './workers/pool.js';

export { exitCodeOf, type RunOutcome } from './outcome.js';

export interface SetUp {
  /** How many worker processes at once. */
  readonly workers: number;
  /** machineFingerprint(). */
  readonly machine: string;
  /** What tensors do run on, now that it is known. Left out: as `RunOptions.tensors` says. */
  readonly tensors?: TensorPlace;
}

export interface RunOptions {
  readonly plan: Plan;
  readonly store: Store;
  /** Called once, when there is anything to run: a run of cached jobs needs no tensor runtime and measures nothing. */
  readonly setUp: () => Promise<SetUp>;
  /** URLs of the modules that the workers load, see WorkerSetup. */
  readonly jobs: string;
  readonly validator: string | null;
  readonly version: string;
  /** What tensors run on in this run, as far as it is known before `setUp`: cached results that were made on something else are marked. */
  readonly tensors: TensorPlace;
  readonly progress: Progress;
  /** Aborted: running jobs are ended at once; their checkpoints stay. */
  readonly signal?: AbortSignal;
}

const estimateEveryMs = 1000;

/**
 * Runs what is not in the store yet. A job that fails (also for want of disk space) is a state in the outcome, not a throw;
 * throws what `setUp` throws, StoreError where the store cannot be used, and faults of this program.
 */
export async function runPlan(options: RunOptions): Promise<RunOutcome> {
  const units = unitsOf(options.plan);
  const { layout } = options.store;
  const announced = await announceRun(layout.locks, units.map(({ key }) => key)).catch(async (error: unknown) => {
    throw await storeErrorOf(error, layout.root, 'The store cannot be locked');
  });
  try {
    return await runUnits(units, options);
  } finally {
    await announced.release();
  }
}

async function runUnits(units: readonly Unit[], options: RunOptions): Promise<RunOutcome> {
  const { plan, store, progress, signal } = options;
  const startedAt = Date.now();
  const state = createRunState(plan, units, progress);
  const cached: (readonly [Unit, Stored])[] = [];
  for (const unit of units) {
    const found = await findStored(store, unit, progress);
    if (found !== null) cached.push([unit, found]);
  }
  const toRun = units.length - cached.length;
  const ready = toRun === 0 ? null : await unlessAborted(signal, options.setUp);
  const tensors = ready?.tensors ?? options.tensors;
  const workers = Math.min(toRun, ready?.workers ?? 0);
  progress.on({ event: 'plan', suite: plan.suite, jobs: plan.jobs.length, cached: cached.reduce((sum, [{ ids }]) => sum + ids.length, 0), workers });
  for (const [unit, found] of cached) state.end(unit, { state: 'cached' }, found.origin(tensors));

  const pool = createPool({ store: store.layout.root, jobs: options.jobs, validator: options.validator, version: options.version, machine: ready?.machine ?? '' }, workers);
  const dispatcher = createDispatcher({ state, pool, workers, store, progress, tensors });
  let interrupted = signal?.aborted ?? false;
  const onAbort = (): void => {
    interrupted = true;
    void dispatcher.stop();
  };
  signal?.addEventListener('abort', onAbort);
  const touching = setInterval(() => {
    // A heartbeat for other machines; one that is late does no harm.
    void touchLocks(store.layout.locks, [...state.active.keys()]).catch(() => undefined);
  }, touchEveryMs);
  const estimating = setInterval(() => state.tellOverall(workers), estimateEveryMs);
  try {
    state.tellOverall(workers);
    if (interrupted) void dispatcher.stop();
    else dispatcher.dispatch();
    await dispatcher.finished;
  } catch (error) {
    throw await storeErrorOf(error, store.layout.root, 'The store cannot be used');
  } finally {
    clearInterval(touching);
    clearInterval(estimating);
    signal?.removeEventListener('abort', onAbort);
    await dispatcher.stop();
  }
  const counts = state.counts();
  const seconds = (Date.now() - startedAt) / 1000;
  progress.on({ event: 'finish', counts, seconds, interrupted });
  return { states: state.states, counts, interrupted, foreign: state.foreign, seconds };
}

/** What `make` gives; null when the signal comes first. */
async function unlessAborted<T>(signal: AbortSignal | undefined, make: () => Promise<T>): Promise<T | null> {
  if (signal === undefined) return make();
  if (signal.aborted) return null;
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => resolve(null), { once: true });
    make().then(resolve, reject);
  });
}
