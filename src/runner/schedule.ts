import type { JobCost, Plan, PlannedJob } from './job.js';

/** One thing to run: jobs of the plan that come to the same key run once. */
export interface Unit {
  readonly key: string;
  /** The first job of the plan with this key: its id is the one in the result. */
  readonly job: PlannedJob;
  readonly ids: readonly string[];
  /** Keys of the inputs by role. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Cost of this unit and of the costliest chain of units that wait for it. */
  readonly path: number;
}

/** What an image costs besides its FLOPs (decoding, augmentation, copying), so that jobs without a model count too. */
const flopsPerImage = 2e6;

/** What a job costs whatever it does (libraries, reading its inputs, the store), in FLOPs: some tenths of a second. */
export const flopsPerJob = 5e9;

/** A job's cost in one number. Only proportions matter. */
export const weightOf = (cost: JobCost): number => flopsPerJob + cost.flops + cost.images * flopsPerImage;

/** Units in plan order (inputs first). */
export function unitsOf(plan: Plan): readonly Unit[] {
  const keyOf = new Map(plan.jobs.map((job) => [job.id, job.key]));
  const ids = new Map<string, string[]>();
  const first = new Map<string, PlannedJob>();
  for (const job of plan.jobs) {
    if (!first.has(job.key)) first.set(job.key, job);
    ids.set(job.key, [...ids.get(job.key) ?? [], job.id]);
  }
  const inputsOf = (job: PlannedJob): Record<string, string> => Object.fromEntries(Object.entries(job.inputs).map(([role, id]) => [role, keyOf.get(id)!]));
  const path = new Map<string, number>();
  // Backwards through the order every dependant comes before its inputs.
  for (const [key, job] of [...first].reverse()) {
    const own = weightOf(job.cost) + (path.get(key) ?? 0);
    path.set(key, own);
    for (const input of Object.values(inputsOf(job))) path.set(input, Math.max(path.get(input) ?? 0, own));
  }
  return [...first].map(([key, job]) => ({ key, job, ids: ids.get(key)!, inputs: inputsOf(job), path: path.get(key)! }));
}

/**
 * Which ready unit starts next, or null when none may start now: longest remaining path first, plan order among equals.
 * An exclusive unit starts only when nothing runs, and after the others that are ready; nothing starts beside it.
 */
export function nextUnit(ready: readonly Unit[], running: readonly Unit[], workers: number): Unit | null {
  if (running.length >= workers || running.some(({ job }) => job.exclusive)) return null;
  const longest = (units: readonly Unit[]): Unit | null =>
    units.reduce<Unit | null>((best, unit) => (best === null || unit.path > best.path ? unit : best), null);
  return longest(ready.filter(({ job }) => !job.exclusive)) ?? (running.length === 0 ? longest(ready) : null);
}
