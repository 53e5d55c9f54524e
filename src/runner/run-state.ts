import { estimate, type Sample } from './eta.js';
import type { JobProgress, JobState, Plan } from './job.js';
import type { Origin } from './lookup.js';
import { countStates } from './outcome.js';
import type { Counts, EndState, Progress } from './progress/events.js';
import { weightOf, type Unit } from './schedule.js';

/** A unit that a worker is at. `since`: milliseconds since the epoch. */
interface Active { readonly unit: Unit; readonly since: number; readonly progress: JobProgress | null }

/** Where a run stands: which units wait, run and have ended, and how. What changes is told to `progress`. */
export interface RunState {
  /** Of every job of the plan, by id. */
  readonly states: ReadonlyMap<string, JobState>;
  /** Ids of cached jobs that were made on another kind of machine, device or runtime. */
  readonly foreign: readonly string[];
  /** Units that workers are at, by key. */
  readonly active: ReadonlyMap<string, Active>;
  /** Keys that another process runs, or whose end is being dealt with. */
  readonly held: Set<string>;
  /** Units whose inputs are there, and that nobody is at. */
  ready(): readonly Unit[];
  start(unit: Unit, log: string): void;
  advance(unit: Unit, progress: JobProgress): void;
  /** The worker has given the unit back. */
  leave(unit: Unit): void;
  /** `origin`: of a cached one. What needs a unit that failed is skipped. */
  end(unit: Unit, state: EndState, origin?: Origin): void;
  counts(): Counts;
  /** Tells how far all is, and how long the rest takes. */
  tellOverall(workers: number): void;
}

export function createRunState(plan: Plan, units: readonly Unit[], progress: Progress): RunState {
  const byKey = new Map(units.map((unit) => [unit.key, unit]));
  const states = new Map<string, JobState>(plan.jobs.map((job) => [job.id, { state: 'waiting' }]));
  const ended = new Map<string, 'ok' | 'bad'>();
  const active = new Map<string, Active>();
  const held = new Set<string>();
  const foreign: string[] = [];
  const samples: Sample[] = [];

  const setState = (unit: Unit, state: JobState): void => {
    for (const id of unit.ids) states.set(id, state);
  };
  const setActive = (unit: Unit, since: number, now: JobProgress | null): void => {
    active.set(unit.key, { unit, since, progress: now });
    setState(unit, { state: 'running', since, progress: now });
  };

  const skipDependants = (): void => {
    for (const unit of units) {
      if (ended.has(unit.key) || active.has(unit.key)) continue;
      const bad = Object.values(unit.inputs).find((key) => ended.get(key) === 'bad');
      if (bad === undefined) continue;
      const cause = byKey.get(bad)!;
      const state = states.get(cause.job.id);
      end(unit, { state: 'skipped', because: state?.state === 'skipped' ? state.because : `${cause.job.id} failed` });
    }
  };

  const end = (unit: Unit, state: EndState, origin?: Origin): void => {
    const seconds = state.state === 'done' ? state.seconds : origin?.seconds ?? null;
    const isForeign = origin?.foreign === true;
    ended.set(unit.key, state.state === 'done' || state.state === 'cached' ? 'ok' : 'bad');
    setState(unit, state);
    if (seconds !== null) samples.push({ kind: unit.job.kind, weight: weightOf(unit.job.cost), seconds });
    if (isForeign) foreign.push(...unit.ids);
    for (const id of unit.ids) progress.on({ event: 'end', id, kind: unit.job.kind, state, ...(isForeign ? { foreign: true } : {}) });
    if (state.state === 'failed') skipDependants();
  };

  return {
    states,
    foreign,
    active,
    held,
    ready: () => units.filter(({ key, inputs }) => !ended.has(key) && !active.has(key) && !held.has(key) && Object.values(inputs).every((input) => ended.get(input) === 'ok')),
    start(unit, log) {
      setActive(unit, Date.now(), null);
      progress.on({ event: 'start', id: unit.job.id, kind: unit.job.kind, log });
    },
    advance(unit, now) {
      const { since } = active.get(unit.key)!;
      setActive(unit, since, now);
      progress.on({ event: 'progress', id: unit.job.id, kind: unit.job.kind, seconds: (Date.now() - since) / 1000, progress: now });
    },
    leave(unit) {
      active.delete(unit.key);
      setState(unit, { state: 'waiting' });
    },
    end,
    counts: () => countStates(states.values()),
    tellOverall(workers) {
      const running = [...active.values()].map(({ unit, since, progress: now }) => ({
        unit, seconds: (Date.now() - since) / 1000, fraction: now === null || now.total === 0 ? 0 : Math.min(1, now.done / now.total),
      }));
      const { fraction, seconds } = estimate(units, new Set(ended.keys()), running, samples, Math.max(1, workers));
      const { pending, failed } = countStates(states.values());
      progress.on({ event: 'overall', finished: plan.jobs.length - pending, jobs: plan.jobs.length, failed, fraction, seconds });
    },
  };
}
