import { join } from 'node:path';
import { messageOf } from '../errors.js';
import { hashJson, readJson, writeFileAtomic, type JsonObject } from '../files.js';
import type { PlannedJob } from './job.js';
import { machineFingerprint } from './machine.js';
import type { Unit } from './schedule.js';
import { measureIn } from './workers/measure.js';
import type { WorkerSetup } from './workers/messages.js';
import { createPool } from './workers/pool.js';
import type { WorkerProcess } from './workers/process.js';

/**
 * How fast this machine runs jobs of one group, in seconds: a job takes `start`, and `perUnit` for each unit of its size.
 * The first one of a model in a worker takes `compile` longer, and a worker takes `load` until it can begin.
 */
export interface Speed { readonly start: number; readonly perUnit: number; readonly compile: number; readonly load: number }

/** Jobs that take time in proportion to their sizes. */
export interface SpeedGroup {
  /** Hash of all that decides the speed but for the machine. */
  readonly id: string;
  readonly jobs: readonly PlannedJob[];
  /** The one that is measured: of the size that is nearest to the mean. */
  readonly typical: PlannedJob;
}

/** Groups of the units that tell what their speed depends on, in plan order. */
export function speedGroups(units: readonly Unit[]): readonly SpeedGroup[] {
  const groups = new Map<string, PlannedJob[]>();
  for (const { job } of units) {
    const id = groupOf(job);
    if (id !== null) groups.set(id, [...groups.get(id) ?? [], job]);
  }
  return [...groups].map(([id, jobs]) => {
    const mean = jobs.reduce((sum, { speed }) => sum + speed!.size, 0) / jobs.length;
    const off = (job: PlannedJob): number => Math.abs(job.speed!.size - mean);
    return { id, jobs, typical: jobs.reduce((best, job) => (off(job) < off(best) ? job : best)) };
  });
}

export const groupOf = ({ kind, speed, threads, code }: PlannedJob): string | null =>
  (speed === undefined ? null : hashJson({ kind, group: speed.group, threads, code }));

/** What a measurement in a worker gives (jobs/measure.ts). */
interface Timing { readonly start: number; readonly whole: number; readonly compile: number; readonly ended: boolean; readonly inside: number }

export interface MeasureOptions {
  readonly setup: Omit<WorkerSetup, 'parent'>;
  /** Each group is measured in so many workers at once, or as many as it has jobs: they slow each other down. */
  readonly workers: number;
  /** What else of the run changes the speed of its workers (threads that load for them). */
  readonly circumstances: JsonObject;
  /** Folder where measurements are looked up. */
  readonly cache: string;
  /** Whether new ones are kept there; not those of a machine that does other things meanwhile. */
  readonly keep: boolean;
  readonly signal?: AbortSignal;
  /** Called before each measurement with the job that is measured. */
  readonly onMeasure?: (job: PlannedJob, done: number, total: number) => void;
  /** Job kind that is called with `{ kind, config, inputs, seconds }`. Default `measure`. */
  readonly kind?: string;
}

export interface Measured {
  /** By the group's id. */
  readonly speeds: ReadonlyMap<string, Speed>;
  /** Groups that could not be measured, with the reason. */
  readonly failed: ReadonlyMap<string, string>;
  /** Whether all of it was known from an earlier measurement. */
  readonly before: boolean;
}

/** For how long a job is watched at its pace. */
const watchSeconds = 1.5;
/** Measurements that are kept; the oldest go. */
const mostKept = 500;

const isSpeed = (value: unknown): value is Speed =>
  (['start', 'perUnit', 'compile', 'load'] as const).every((name) => Number.isFinite((value as Partial<Speed> | null)?.[name]));

/** Measures the groups that are not in the cache, one after another. A group that cannot be measured is named in `failed`. */
export async function measureSpeeds(groups: readonly SpeedGroup[], options: MeasureOptions): Promise<Measured> {
  const file = join(options.cache, 'speeds.json');
  const stored = ((await readJson(file).catch(() => null)) ?? {}) as Readonly<Record<string, unknown>>;
  const keptAs = ({ id, jobs }: SpeedGroup): string =>
    hashJson({ machine: machineFingerprint(options.setup.machine), workers: sideBySide(jobs, options.workers), circumstances: options.circumstances, id }).slice(0, 32);
  const speeds = new Map(groups.flatMap((group) => {
    const known = stored[keptAs(group)];
    return isSpeed(known) ? [[group.id, known] as const] : [];
  }));
  const open = groups.filter(({ id }) => !speeds.has(id));
  const failed = new Map<string, string>();
  if (open.length === 0) return { speeds, failed, before: true };

  const pool = createPool(options.setup, options.workers);
  const loads = new Map<WorkerProcess, number>();
  try {
    for (const [index, group] of open.entries()) {
      if (options.signal?.aborted === true) break;
      options.onMeasure?.(group.typical, index, open.length);
      try {
        speeds.set(group.id, await measureGroup(group, options, () => pool.take(group.typical.threads), (worker) => { pool.release(worker); }, loads));
      } catch (error) {
        failed.set(group.id, messageOf(error));
      }
    }
  } finally {
    await pool.kill();
  }
  if (options.keep) {
    const fresh = open.flatMap((group) => (speeds.has(group.id) ? [[keptAs(group), speeds.get(group.id)!] as const] : []));
    const all = [...Object.entries(stored).filter(([name]) => !fresh.some(([other]) => other === name)), ...fresh];
    // A cache that cannot be written costs the next time a measurement, and this one nothing.
    await writeFileAtomic(file, `${JSON.stringify(Object.fromEntries(all.slice(-mostKept)), null, 1)}\n`).catch(() => undefined);
  }
  return { speeds, failed, before: false };
}

const sideBySide = (jobs: readonly PlannedJob[], workers: number): number => Math.max(1, Math.min(workers, jobs.length));

async function measureGroup(group: SpeedGroup, options: MeasureOptions, take: () => WorkerProcess, release: (worker: WorkerProcess) => void, loads: Map<WorkerProcess, number>): Promise<Speed> {
  const { kind, config, inputs, threads, speed } = group.typical;
  const measureOne = async (worker: WorkerProcess): Promise<Timing> => {
    const asked = performance.now();
    try {
      const timing = (await measureIn(worker, { kind: options.kind ?? 'measure', config: { kind, config, inputs: Object.keys(inputs), seconds: watchSeconds }, threads })) as unknown as Timing;
      if (!loads.has(worker)) loads.set(worker, (performance.now() - asked) / 1000 - timing.inside);
      return timing;
    } finally {
      release(worker);
    }
  };
  // All are taken before the first is given back, so that they are different ones.
  const workers = Array.from({ length: sideBySide(group.jobs, options.workers) }, take);
  // Every worker has answered before the next group begins, also where one has failed.
  const outcomes = await Promise.allSettled(workers.map(measureOne));
  const timings = outcomes.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  });
  const mean = (of: (timing: Timing) => number): number => timings.reduce((sum, timing) => sum + of(timing), 0) / timings.length;
  const { size, watched = 1 } = speed!;
  const start = mean((timing) => Math.min(timing.start, timing.whole));
  const whole = mean((timing) => (timing.ended ? timing.whole : timing.start + (timing.whole - timing.start) / watched));
  return {
    start: size > 0 ? start : whole,
    perUnit: size > 0 ? (whole - start) / size : 0,
    compile: mean(({ compile }) => compile),
    load: Math.max(0, ...loads.values()),
  };
}
