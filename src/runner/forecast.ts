import type { PlannedJob } from './job.js';
import { nextUnit, type Unit } from './schedule.js';
import { groupOf, type Speed } from './speeds.js';

/** What is to be expected of a run. */
export interface Forecast {
  /** Seconds of each unit that has to run, by its key; compiling and loading are in those that come first in a worker. */
  readonly units: ReadonlyMap<string, number>;
  /** From the first job's start to the last one's end. */
  readonly wallSeconds: number;
  /** Units that have to run and are in neither: they have no speed, or wait for one that has none. */
  readonly untold: readonly Unit[];
}

/** What the runner does around a job: its lock, the check of its code, writing and checking its result. */
const aroundJob = 0.05;

interface Running { readonly unit: Unit; readonly worker: number; readonly end: number }

/**
 * Plays a run through: units start in the order in which the runner starts them, and take as long as their speeds say.
 * Units in `finished` take nothing.
 */
export function forecast(units: readonly Unit[], finished: ReadonlySet<string>, speeds: ReadonlyMap<string, Speed>, workers: number): Forecast {
  const speedOf = ({ job }: Unit): Speed | undefined => speeds.get(groupOf(job) ?? '');
  const left = units.filter(({ key }) => !finished.has(key));
  const toRun = left.filter((unit) => speedOf(unit) !== undefined);
  const seconds = new Map<string, number>();
  const missing = new Map(toRun.map((unit) => [unit.key, new Set(Object.values(unit.inputs).filter((key) => !finished.has(key)))]));
  const dependants = new Map<string, Unit[]>();
  for (const unit of toRun) for (const key of missing.get(unit.key)!) dependants.set(key, [...dependants.get(key) ?? [], unit]);
  /** What each worker has loaded and compiled. */
  const known = Array.from({ length: Math.max(1, workers) }, () => new Set<string>());
  const ready = new Set(toRun.filter(({ key }) => missing.get(key)!.size === 0));
  const running = new Set<Running>();
  let now = 0;
  while (ready.size > 0 || running.size > 0) {
    const next = nextUnit([...ready], [...running].map(({ unit }) => unit), known.length);
    if (next !== null) {
      const worker = known.findIndex((_, index) => ![...running].some((other) => other.worker === index));
      const took = secondsOf(next.job, speedOf(next)!, known[worker]!);
      seconds.set(next.key, took);
      ready.delete(next);
      running.add({ unit: next, worker, end: now + took });
      continue;
    }
    const first = [...running].reduce((best, one) => (one.end < best.end ? one : best));
    now = first.end;
    running.delete(first);
    for (const unit of dependants.get(first.unit.key) ?? []) {
      const open = missing.get(unit.key)!;
      open.delete(first.unit.key);
      if (open.size === 0) ready.add(unit);
    }
  }
  return { units: seconds, wallSeconds: now, untold: left.filter(({ key }) => !seconds.has(key)) };
}

/** Seconds of a job in a worker that has served some jobs; what it adds to the worker is noted there. */
function secondsOf(job: PlannedJob, speed: Speed, known: Set<string>): number {
  const { size, model } = job.speed!;
  const own = speed.start + speed.perUnit * size + aroundJob;
  const compiled = `${groupOf(job)!} ${model}`;
  const first = [...(known.size === 0 ? [speed.load] : []), ...(known.has(compiled) ? [] : [speed.compile])];
  known.add(compiled);
  return own + first.reduce((sum, part) => sum + part, 0);
}
