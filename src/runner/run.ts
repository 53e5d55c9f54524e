import { stat } from 'node:fs/promises';
import { JobError, type MaskbenchError } from '../errors.js';
import { readJson } from '../files.js';
import { join } from 'node:path';
import { estimate, type Running, type Sample } from './eta.js';
import type { JobProgress, JobState, Plan } from './job.js';
import { isFromHere } from './machine.js';
import type { Counts, EndState, Progress } from './progress/events.js';
import { nextUnit, unitsOf, weightOf, type Unit } from './schedule.js';
import type { Store } from './store.js';
import { diskFullError, isDiskFull, isMissing } from './store/disk.js';
import { announceRun, isLocked, touchEveryMs, touchLocks } from './store/lock.js';
import { resultName, setAside } from './store/object.js';
import type { WorkerSetup } from './workers/messages.js';
import { startWorker, type Outcome, type WorkerProcess } from './workers/process.js';

export interface SetUp {
  /** How many worker processes at once. */
  readonly workers: number;
  /** machineFingerprint(). */
  readonly machine: string;
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
  readonly progress: Progress;
  /** Aborted: running jobs are ended at once; their checkpoints stay. */
  readonly signal?: AbortSignal;
}

export interface RunOutcome {
  /** State of every job of the plan, by id. */
  readonly states: ReadonlyMap<string, JobState>;
  readonly counts: Counts;
  readonly interrupted: boolean;
  /** Ids of cached jobs that were made on another kind of machine. */
  readonly foreign: readonly string[];
  /** Set when the run had to stop for a reason that is no job's (the disk is full). */
  readonly fatal: MaskbenchError | null;
  readonly seconds: number;
}

/**
 * A worker that dies is often killed by the system (memory), and its job goes on from its checkpoint: one more attempt is
 * cheap. A job that throws is not tried again within a run; the next `run` tries it.
 */
const attemptsPerJob = 2;
/** How long to wait before looking again at a job that another process runs. */
const heldRetryMs = 500;

/**
 * Runs what is not in the store yet. A job that fails is a state in the outcome, not a throw; throws what `setUp` throws,
 * and faults of this program.
 */
export async function runPlan(options: RunOptions): Promise<RunOutcome> {
  const units = unitsOf(options.plan);
  const { layout } = options.store;
  const announced = await announceRun(layout.locks, units.map(({ key }) => key)).catch(async (error: unknown) => {
    throw await diskFullOr(error, layout.root);
  });
  try {
    return await runUnits(units, options);
  } finally {
    await announced.release();
  }
}

async function runUnits(units: readonly Unit[], options: RunOptions): Promise<RunOutcome> {
  const { plan, store, progress } = options;
  const startedAt = Date.now();
  const byKey = new Map(units.map((unit) => [unit.key, unit]));
  const states = new Map<string, JobState>(plan.jobs.map((job) => [job.id, { state: 'waiting' }]));
  const foreign: string[] = [];
  const samples: Sample[] = [];
  const settled = new Map<string, 'ok' | 'bad'>();

  const settle = (unit: Unit, state: EndState, isForeign = false): void => {
    settled.set(unit.key, state.state === 'done' || state.state === 'cached' ? 'ok' : 'bad');
    for (const id of unit.ids) {
      states.set(id, state);
      if (isForeign) foreign.push(id);
      progress.on({ event: 'end', id, kind: unit.job.kind, state, ...(isForeign ? { foreign: true } : {}) });
    }
  };

  /** Takes a unit from the store when it is there and whole. A broken object is set aside, so that its job runs again. */
  const takeFromStore = async (unit: Unit): Promise<'cached' | 'foreign' | null> => {
    if (!(await store.has(unit.key)) && !(await exists(store.folder(unit.key)))) return null;
    const problems = await store.problems(unit.key, 'quick');
    if (problems !== null) {
      const place = await setAside(store.layout, unit.key);
      if (place !== null) progress.on({ event: 'note', text: `${unit.job.id}: its stored result is broken (${problems.join('; ')}); set aside in ${place}, the job runs again` });
      return null;
    }
    const result = await readJson(join(store.folder(unit.key), resultName));
    const here = isFromHere(result);
    const seconds = (result as { wallSeconds?: unknown }).wallSeconds;
    if (here === true && typeof seconds === 'number') samples.push({ kind: unit.job.kind, weight: weightOf(unit.job.cost), seconds });
    return here === false ? 'foreign' : 'cached';
  };

  const cached = new Map<string, 'cached' | 'foreign'>();
  for (const unit of units) {
    const found = await takeFromStore(unit);
    if (found !== null) cached.set(unit.key, found);
  }
  const toRun = units.filter(({ key }) => !cached.has(key));
  const jobsCached = units.reduce((sum, unit) => sum + (cached.has(unit.key) ? unit.ids.length : 0), 0);
  const ready = toRun.length === 0 ? null : await unlessAborted(options.signal, options.setUp);
  const workerCount = Math.min(toRun.length, ready?.workers ?? 0);
  progress.on({ event: 'plan', suite: plan.suite, jobs: plan.jobs.length, cached: jobsCached, workers: workerCount });
  for (const unit of units) {
    const found = cached.get(unit.key);
    if (found !== undefined) settle(unit, { state: 'cached' }, found === 'foreign');
  }

  interface Active { readonly unit: Unit; readonly worker: WorkerProcess; readonly since: number; progress: JobProgress | null }
  const workers: WorkerProcess[] = [];
  const active = new Map<string, Active>();
  const delayed = new Set<string>();
  const attempts = new Map<string, number>();
  const saidHeld = new Set<string>();
  let stopping = false;
  let interrupted = options.signal?.aborted ?? false;
  let fatal: MaskbenchError | null = null;
  let finishRun: () => void = () => undefined;
  let failRun: (error: unknown) => void = () => undefined;
  const finished = new Promise<void>((resolve, reject) => {
    finishRun = resolve;
    failRun = reject;
  });

  const setup: Omit<WorkerSetup, 'parent'> = {
    store: store.layout.root, jobs: options.jobs, validator: options.validator, version: options.version, machine: ready?.machine ?? '',
  };

  /** An idle worker with the right thread count: one that waits, a new one, or a new one in place of one with another count. */
  const workerFor = (unit: Unit): WorkerProcess => {
    const busy = new Set([...active.values()].map(({ worker }) => worker));
    for (let i = workers.length - 1; i >= 0; i--) if (!workers[i]!.alive) workers.splice(i, 1);
    const idle = workers.filter((worker) => !busy.has(worker));
    const fitting = idle.find(({ threads }) => threads === unit.job.threads);
    if (fitting !== undefined) return fitting;
    const other = idle[0];
    if (other !== undefined && workers.length >= workerCount) {
      workers.splice(workers.indexOf(other), 1);
      void other.kill();
    }
    const worker = startWorker(setup, unit.job.threads);
    workers.push(worker);
    return worker;
  };

  const overall = (): void => {
    const running: Running[] = [...active.values()].map((item) => ({
      unit: item.unit, seconds: (Date.now() - item.since) / 1000,
      fraction: item.progress === null || item.progress.total === 0 ? 0 : Math.min(1, item.progress.done / item.progress.total),
    }));
    const { fraction, seconds } = estimate(units, new Set(settled.keys()), running, samples, Math.max(1, workerCount));
    const ended = [...states.values()].filter(({ state }) => state !== 'waiting' && state !== 'running');
    progress.on({ event: 'overall', finished: ended.length, jobs: plan.jobs.length, failed: ended.filter(({ state }) => state === 'failed').length, fraction, seconds });
  };

  const skipDependants = (): void => {
    for (const unit of units) {
      if (settled.has(unit.key) || active.has(unit.key)) continue;
      const bad = Object.values(unit.inputs).find((key) => settled.get(key) === 'bad');
      if (bad === undefined) continue;
      const cause = byKey.get(bad)!;
      const state = states.get(cause.ids[0]!);
      settle(unit, { state: 'skipped', because: state?.state === 'skipped' ? state.because : `${cause.job.id} failed` });
    }
  };

  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    void Promise.all(workers.map((worker) => worker.kill())).then(finishRun, failRun);
  };

  const fail = async (unit: Unit, message: string, stack: string | null): Promise<void> => {
    const log = store.logFile(unit.key);
    await store.writeFailure({ format: 1, key: unit.key, id: unit.job.id, kind: unit.job.kind, message, stack, log, at: new Date().toISOString() });
    settle(unit, { state: 'failed', message, log });
    skipDependants();
  };

  const later = (unit: Unit): void => {
    delayed.add(unit.key);
    setTimeout(() => {
      void (async () => {
        // Asks the store here, so that no worker is taken for a job that is still held.
        const found = await takeFromStore(unit);
        const held = found === null && await isLocked(store.layout.locks, unit.key);
        if (held && !stopping) {
          later(unit);
          return;
        }
        delayed.delete(unit.key);
        if (found !== null && !stopping) settle(unit, { state: 'cached' }, found === 'foreign');
        dispatch();
      })().catch(failRun);
    }, heldRetryMs);
  };

  const handle = async (item: Active, outcome: Outcome): Promise<void> => {
    const { unit } = item;
    active.delete(unit.key);
    if (stopping && outcome.type !== 'done') {
      for (const id of unit.ids) states.set(id, { state: 'waiting' });
      return;
    }
    switch (outcome.type) {
      case 'done':
        samples.push({ kind: unit.job.kind, weight: weightOf(unit.job.cost), seconds: outcome.seconds });
        settle(unit, { state: 'done', seconds: outcome.seconds });
        break;
      case 'present': {
        const found = await takeFromStore(unit);
        if (found !== null) settle(unit, { state: 'cached' }, found === 'foreign');
        break;
      }
      case 'held':
        for (const id of unit.ids) states.set(id, { state: 'waiting' });
        if (!saidHeld.has(unit.key)) progress.on({ event: 'note', text: `${unit.job.id} is being run by another process; waiting for it` });
        saidHeld.add(unit.key);
        later(unit);
        break;
      case 'failed':
        if (outcome.diskFull) {
          fatal = await diskFullError(store.layout.root, new Error(outcome.message));
          for (const id of unit.ids) states.set(id, { state: 'waiting' });
          stop();
        } else {
          await fail(unit, outcome.message, outcome.stack);
        }
        break;
      case 'died': {
        const tried = (attempts.get(unit.key) ?? 0) + 1;
        attempts.set(unit.key, tried);
        if (tried < attemptsPerJob) {
          for (const id of unit.ids) states.set(id, { state: 'waiting' });
          progress.on({ event: 'note', text: `${unit.job.id}: ${outcome.how}; trying once more` });
        } else {
          await fail(unit, `${capital(outcome.how)}, ${attemptsPerJob} times`, null);
        }
        break;
      }
      case 'measured': throw new Error('a worker answered a job with a measurement');
      default: outcome satisfies never;
    }
  };

  const start = (unit: Unit): void => {
    const worker = workerFor(unit);
    const log = store.logFile(unit.key);
    const item: Active = { unit, worker, since: Date.now(), progress: null };
    active.set(unit.key, item);
    for (const id of unit.ids) states.set(id, { state: 'running', since: item.since, progress: null });
    progress.on({ event: 'start', id: unit.job.id, kind: unit.job.kind, log });
    const listener = {
      progress(now: JobProgress): void {
        item.progress = now;
        for (const id of unit.ids) states.set(id, { state: 'running', since: item.since, progress: now });
        progress.on({ event: 'progress', id: unit.job.id, kind: unit.job.kind, seconds: (Date.now() - item.since) / 1000, progress: now });
      },
      resumed: (): void => progress.on({ event: 'resumed', id: unit.job.id }),
    };
    void worker.request({ type: 'run', job: unit.job, inputs: unit.inputs }, log, listener)
      .then((outcome) => handle(item, outcome))
      .then(() => { overall(); dispatch(); })
      .catch(failRun);
  };

  const dispatch = (): void => {
    if (stopping) return;
    for (;;) {
      const ready = units.filter((unit) => !settled.has(unit.key) && !active.has(unit.key) && !delayed.has(unit.key)
        && Object.values(unit.inputs).every((key) => settled.get(key) === 'ok'));
      const next = nextUnit(ready, [...active.values()].map(({ unit }) => unit), workerCount);
      if (next === null) {
        if (active.size === 0 && delayed.size === 0) {
          if (ready.length > 0) failRun(new JobError('No job can start', { data: { ready: ready.map(({ job }) => job.id) } }));
          else finishRun();
        }
        return;
      }
      start(next);
    }
  };

  const onAbort = (): void => {
    interrupted = true;
    stop();
  };
  options.signal?.addEventListener('abort', onAbort);
  const touching = setInterval(() => {
    void touchLocks(store.layout.locks, ['run', ...active.keys()]).catch(() => undefined);
  }, touchEveryMs);
  const estimating = setInterval(overall, 1000);
  try {
    overall();
    if (interrupted) stop();
    else dispatch();
    await finished;
  } catch (error) {
    stopping = true;
    fatal = await diskFullOr(error, store.layout.root);
  } finally {
    clearInterval(touching);
    clearInterval(estimating);
    options.signal?.removeEventListener('abort', onAbort);
    await Promise.all(workers.map((worker) => worker.kill()));
  }
  const counts = countStates(states.values());
  const seconds = (Date.now() - startedAt) / 1000;
  progress.on({ event: 'finish', counts, seconds, interrupted });
  return { states, counts, interrupted, foreign, fatal, seconds };
}

/** The message for a full disk where that is what the error says; any other error is thrown again. */
async function diskFullOr(error: unknown, root: string): Promise<MaskbenchError> {
  if (isDiskFull(error)) return diskFullError(root, error);
  throw error;
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

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function countStates(states: Iterable<JobState>): Counts {
  const counts = { done: 0, cached: 0, failed: 0, skipped: 0, pending: 0 };
  for (const { state } of states) {
    if (state === 'waiting' || state === 'running') counts.pending++;
    else counts[state]++;
  }
  return counts;
}
