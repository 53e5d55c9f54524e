import { JobError } from '../errors.js';
import { estimate, type Running, type Sample } from './eta.js';
import type { JobProgress, JobState, Plan } from './job.js';
import { lookUp, type Found } from './lookup.js';
import type { TensorPlace } from './machine.js';
import { countStates, type RunOutcome } from './outcome.js';
import type { EndState, Progress } from './progress/events.js';
import { nextUnit, unitsOf, weightOf, type Unit } from './schedule.js';
import type { Store } from './store.js';
import { diskFullError, isDiskFull, storeErrorOf } from './store/disk.js';
import { announceRun, isLocked, touchEveryMs, touchLocks } from './store/lock.js';
import { createPool } from './workers/pool.js';
import type { Outcome, WorkerProcess } from './workers/process.js';

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

/**
 * A worker that dies is often killed by the system (memory), and its job goes on from its checkpoint: one more attempt is
 * cheap. A job that throws is not tried again within a run; the next `run` tries it.
 */
const attemptsPerJob = 2;
/** How long to wait before looking again at a job that another process runs. */
const heldRetryMs = 500;
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

interface Active {
  readonly unit: Unit;
  readonly worker: WorkerProcess;
  /** Milliseconds since the epoch. */
  readonly since: number;
  progress: JobProgress | null;
}

async function runUnits(units: readonly Unit[], options: RunOptions): Promise<RunOutcome> {
  const { plan, store, progress, signal } = options;
  const startedAt = Date.now();
  const byKey = new Map(units.map((unit) => [unit.key, unit]));
  const states = new Map<string, JobState>(plan.jobs.map((job) => [job.id, { state: 'waiting' }]));
  const settled = new Map<string, 'ok' | 'bad'>();
  const foreign: string[] = [];
  const samples: Sample[] = [];

  const setState = (unit: Unit, state: JobState): void => {
    for (const id of unit.ids) states.set(id, state);
  };
  const settle = (unit: Unit, state: EndState, isForeign = false): void => {
    settled.set(unit.key, state.state === 'done' || state.state === 'cached' ? 'ok' : 'bad');
    setState(unit, state);
    if (isForeign) foreign.push(...unit.ids);
    for (const id of unit.ids) progress.on({ event: 'end', id, kind: unit.job.kind, state, ...(isForeign ? { foreign: true } : {}) });
  };
  const sample = (unit: Unit, seconds: number): void => {
    samples.push({ kind: unit.job.kind, weight: weightOf(unit.job.cost), seconds });
  };

  /** Null: its job has to run. */
  const findInStore = async (unit: Unit): Promise<Extract<Found, { state: 'there' }> | null> => {
    const found = await lookUp(store, unit.key);
    if (found.state === 'broken' && found.place !== null) {
      progress.on({ event: 'note', text: `${unit.job.id}: its stored result is broken (${found.problems.join('; ')}); set aside in ${found.place}, the job runs again` });
    }
    return found.state === 'there' ? found : null;
  };

  const cached = new Map<Unit, Extract<Found, { state: 'there' }>>();
  for (const unit of units) {
    const found = await findInStore(unit);
    if (found !== null) cached.set(unit, found);
  }
  const toRun = units.length - cached.size;
  const ready = toRun === 0 ? null : await unlessAborted(signal, options.setUp);
  const tensors = ready?.tensors ?? options.tensors;
  const settleCached = (unit: Unit, found: Extract<Found, { state: 'there' }>): void => {
    const { foreign: isForeign, seconds } = found.origin(tensors);
    if (seconds !== null) sample(unit, seconds);
    settle(unit, { state: 'cached' }, isForeign);
  };
  const workerCount = Math.min(toRun, ready?.workers ?? 0);
  progress.on({ event: 'plan', suite: plan.suite, jobs: plan.jobs.length, cached: [...cached.keys()].reduce((sum, { ids }) => sum + ids.length, 0), workers: workerCount });
  for (const [unit, found] of cached) settleCached(unit, found);

  const pool = createPool({ store: store.layout.root, jobs: options.jobs, validator: options.validator, version: options.version, machine: ready?.machine ?? '' }, workerCount);
  const active = new Map<string, Active>();
  /** Keys that another process runs. */
  const held = new Set<string>();
  const deaths = new Map<string, number>();
  let stopping = false;
  let interrupted = signal?.aborted ?? false;
  let finishRun: () => void = () => undefined;
  let failRun: (error: unknown) => void = () => undefined;
  const finished = new Promise<void>((resolve, reject) => {
    finishRun = resolve;
    failRun = reject;
  });

  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    pool.kill().then(finishRun, failRun);
  };

  const tellOverall = (): void => {
    const running: Running[] = [...active.values()].map(({ unit, since, progress: now }) => ({
      unit, seconds: (Date.now() - since) / 1000, fraction: now === null || now.total === 0 ? 0 : Math.min(1, now.done / now.total),
    }));
    const { fraction, seconds } = estimate(units, new Set(settled.keys()), running, samples, Math.max(1, workerCount));
    const { pending, failed } = countStates(states.values());
    progress.on({ event: 'overall', finished: plan.jobs.length - pending, jobs: plan.jobs.length, failed, fraction, seconds });
  };

  const skipDependants = (): void => {
    for (const unit of units) {
      if (settled.has(unit.key) || active.has(unit.key)) continue;
      const bad = Object.values(unit.inputs).find((key) => settled.get(key) === 'bad');
      if (bad === undefined) continue;
      const cause = byKey.get(bad)!;
      const state = states.get(cause.job.id);
      settle(unit, { state: 'skipped', because: state?.state === 'skipped' ? state.because : `${cause.job.id} failed` });
    }
  };

  const fail = async (unit: Unit, message: string, stack: string | null): Promise<void> => {
    const log = store.logFile(unit.key);
    await store.writeFailure({ format: 1, key: unit.key, id: unit.job.id, kind: unit.job.kind, message, stack, log, at: new Date().toISOString() }).catch((error: unknown) => {
      // The run's own summary names the job too.
      if (!isDiskFull(error)) throw error;
    });
    settle(unit, { state: 'failed', message, log });
    skipDependants();
  };

  let toldSpace = false;
  /** What the job had written is removed already; others may still find room, and what they need is there. So they go on. */
  const failForSpace = async (unit: Unit, cause: string): Promise<void> => {
    const error = await diskFullError(store.layout.root, new Error(cause));
    await fail(unit, error.message, null);
    if (!toldSpace) progress.on({ event: 'note', text: error.describe() });
    toldSpace = true;
  };

  /** Looks again and again whether the other process is through, without taking a worker for it. */
  const waitForOther = async (unit: Unit): Promise<void> => {
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, heldRetryMs));
      if (stopping) return;
      const found = await findInStore(unit);
      if (found === null && await isLocked(store.layout.locks, unit.key)) continue;
      held.delete(unit.key);
      if (found !== null) settleCached(unit, found);
      return;
    }
  };

  const handle = async ({ unit }: Active, outcome: Outcome): Promise<void> => {
    switch (outcome.type) {
      case 'done':
        sample(unit, outcome.seconds);
        settle(unit, { state: 'done', seconds: outcome.seconds });
        return;
      case 'present': {
        const found = await findInStore(unit);
        if (found !== null) settleCached(unit, found);
        return;
      }
      case 'held':
        held.add(unit.key);
        progress.on({ event: 'note', text: `${unit.job.id} is being run by another process; waiting for it` });
        waitForOther(unit).then(dispatch).catch(failRun);
        return;
      case 'failed':
        return outcome.diskFull ? failForSpace(unit, outcome.message) : fail(unit, outcome.message, outcome.stack);
      case 'died': {
        const times = (deaths.get(unit.key) ?? 0) + 1;
        deaths.set(unit.key, times);
        if (times >= attemptsPerJob) return fail(unit, `${capital(outcome.how)}, ${attemptsPerJob} times`, null);
        progress.on({ event: 'note', text: `${unit.job.id}: ${outcome.how}; trying once more` });
        return;
      }
      case 'measured': throw new Error('a worker answered a job with a measurement');
    }
    outcome satisfies never;
  };

  const start = async (unit: Unit, worker: WorkerProcess): Promise<void> => {
    const log = store.logFile(unit.key);
    const item: Active = { unit, worker, since: Date.now(), progress: null };
    active.set(unit.key, item);
    setState(unit, { state: 'running', since: item.since, progress: null });
    const { id, kind } = unit.job;
    progress.on({ event: 'start', id, kind, log });
    const outcome = await worker.request({ type: 'run', job: unit.job, inputs: unit.inputs }, log, {
      progress(now) {
        item.progress = now;
        setState(unit, { state: 'running', since: item.since, progress: now });
        progress.on({ event: 'progress', id, kind, seconds: (Date.now() - item.since) / 1000, progress: now });
      },
      resumed: () => progress.on({ event: 'resumed', id }),
      dropped: (reason) => progress.on({ event: 'dropped', id, reason }),
    });
    pool.release(worker);
    active.delete(unit.key);
    setState(unit, { state: 'waiting' });
    // A job that was ended by a stop has neither failed nor died of its own.
    if (!stopping || outcome.type === 'done') await handle(item, outcome);
    tellOverall();
    dispatch();
  };

  const dispatch = (): void => {
    while (!stopping) {
      const open = units.filter((unit) => !settled.has(unit.key) && !active.has(unit.key) && !held.has(unit.key)
        && Object.values(unit.inputs).every((key) => settled.get(key) === 'ok'));
      const next = nextUnit(open, [...active.values()].map(({ unit }) => unit), workerCount);
      if (next !== null) {
        start(next, pool.take(next.job.threads)).catch(failRun);
        continue;
      }
      if (active.size === 0 && held.size === 0) {
        if (open.length === 0) finishRun();
        else failRun(new JobError('No job can start', { data: { ready: open.map(({ job }) => job.id) } }));
      }
      return;
    }
  };

  const onAbort = (): void => {
    interrupted = true;
    stop();
  };
  signal?.addEventListener('abort', onAbort);
  const touching = setInterval(() => {
    // A heartbeat for other machines; one that is late does no harm.
    void touchLocks(store.layout.locks, ['run', ...active.keys()]).catch(() => undefined);
  }, touchEveryMs);
  const estimating = setInterval(tellOverall, estimateEveryMs);
  try {
    tellOverall();
    if (interrupted) stop();
    else dispatch();
    await finished;
  } catch (error) {
    throw await storeErrorOf(error, store.layout.root, 'The store cannot be used');
  } finally {
    stopping = true;
    clearInterval(touching);
    clearInterval(estimating);
    signal?.removeEventListener('abort', onAbort);
    await pool.kill();
  }
  const counts = countStates(states.values());
  const seconds = (Date.now() - startedAt) / 1000;
  progress.on({ event: 'finish', counts, seconds, interrupted });
  return { states, counts, interrupted, foreign, seconds };
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

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
