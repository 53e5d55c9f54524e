import { availableParallelism, freemem } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../errors.js';
import { hashJson, readJson, writeFileAtomic, type JsonObject } from '../files.js';
import { busyCores, busyLimit } from './busy.js';
import { createCodeReader, defaultDist } from './code.js';
import type { JobNode } from './job.js';
import { machineFingerprint } from './machine.js';
import { measureIn } from './workers/measure.js';
import type { WorkerSetup } from './workers/messages.js';
import { startWorker, type WorkerProcess } from './workers/process.js';

/** Bytes that new processes can take: no more than a container's limit leaves. Node before 20.13 knows of the machine alone. */
const freeMemory = (): number => Math.min(freemem(), typeof process.availableMemory === 'function' ? process.availableMemory() : Infinity);

/** One point of the measurement: so many workers together trained so many images a second. */
export interface Point { readonly workers: number; readonly imagesPerSecond: number }

/**
 * What was measured: workers of the suite's threads by their number, and beside them one process that has a thread for every
 * core; null where the suite's workers are that already, or there is one core.
 */
export interface Layouts { readonly points: readonly Point[]; readonly whole: { readonly threads: number; readonly imagesPerSecond: number } | null }

export interface WorkerCount {
  readonly workers: number;
  /** For people: where the number comes from. */
  readonly reason: string;
}

export interface CountOptions {
  readonly setup: Omit<WorkerSetup, 'parent'>;
  /** Threads of a worker. */
  readonly threads: number;
  /** Bytes that the largest job takes, as estimated: no more workers than fit. */
  readonly bytes?: number;
  /** Where the measurement is kept. */
  readonly cache: string;
  readonly cores?: number;
  readonly signal?: AbortSignal;
  /** Processor cores that other programs keep busy; default: looked at for a moment. */
  readonly busyCores?: number;
  /** Job kind that is called with `{ seconds }` and gives `{ imagesPerSecond }`. */
  readonly kind?: string;
  /** Further config for it. */
  readonly config?: JsonObject;
}

const warmUpSeconds = 0.3;
const measureSeconds = 1.5;
/** A worker with the tensor library and a small model. More are not tried than fit into free memory. */
const bytesPerWorker = 1.2e9;
/** A further worker costs memory; it must bring this much. */
const worthwhile = 1.03;

/** Numbers of workers to try: every one up to 4, then doubling, and the limit itself. */
export function candidates(limit: number): readonly number[] {
  const counts = [1, 2, 3, 4];
  for (let n = 8; n < limit; n *= 2) counts.push(n);
  return [...new Set([...counts, limit])].filter((n) => n >= 1 && n <= limit).sort((a, b) => a - b);
}

/** The smallest number whose throughput is within 3 % of the best. */
export function choose(points: readonly Point[]): number {
  const best = Math.max(...points.map(({ imagesPerSecond }) => imagesPerSecond));
  return points.find(({ imagesPerSecond }) => imagesPerSecond * worthwhile >= best)!.workers;
}

const isPoint = (value: unknown): value is Point => {
  const point = value as Partial<Point> | null;
  return Number.isInteger(point?.workers) && Number(point?.imagesPerSecond) > 0;
};
const isLayouts = (value: unknown): value is Layouts => {
  const { points, whole } = (value ?? {}) as Partial<Layouts>;
  return Array.isArray(points) && points.length > 0 && points.every(isPoint) && (whole === null || Number(whole?.imagesPerSecond) > 0);
};

/** Threads are in every key, so a run never changes them by itself: where more of them would be faster, it is said. */
function tell({ points, whole }: Layouts): string {
  const rate = (imagesPerSecond: number): number => Math.round(imagesPerSecond);
  const best = Math.max(...points.map(({ imagesPerSecond }) => imagesPerSecond));
  return [
    `images/s by workers ${points.map(({ workers, imagesPerSecond }) => `${workers}: ${rate(imagesPerSecond)}`).join(', ')}`,
    ...(whole === null ? [] : [`one process of ${whole.threads} threads: ${rate(whole.imagesPerSecond)}`]),
    ...(whole === null || whole.imagesPerSecond <= best * worthwhile ? [] : [`the suite would be faster here with engine: { threads: ${whole.threads} }, as other results`]),
  ].join('; ');
}

/** What the largest of some jobs takes; 0 where none tells. Exclusive ones run alone. */
export const largestMemory = (jobs: readonly JobNode[]): number => Math.max(0, ...jobs.map(({ memory, exclusive }) => (exclusive === true ? 0 : memory ?? 0)));

/** How many workers this machine should run for a plan: as many as are best by measurement, and no more than its jobs leave memory for. */
export async function countWorkers(options: CountOptions): Promise<WorkerCount> {
  const best = await bestCount(options);
  const { bytes = 0 } = options;
  const free = freeMemory();
  const fit = Math.max(1, Math.floor(free / bytes));
  return fit >= best.workers ? best : { workers: fit, reason: `${best.reason}; no more than ${fit}, as a job of this suite may take ${(bytes / 1e9).toFixed(1)} GB and ${(free / 1e9).toFixed(1)} GB are free` };
}

/**
 * How many are best, by measurement of a small model: once for a machine and this code, then from the cache. A measurement that fails (a broken
 * tensor runtime) is not fatal here: the jobs will say what is wrong.
 */
async function bestCount(options: CountOptions): Promise<WorkerCount> {
  const cores = options.cores ?? availableParallelism();
  const file = join(options.cache, 'workers.json');
  // Another engine may be served best by another number.
  const code = await createCodeReader(defaultDist()).codeOf(['jobs/calibrate.js']).then(({ hash }) => hash, () => null);
  const id = hashJson({ machine: machineFingerprint(options.setup.machine), cores, threads: options.threads, code }).slice(0, 16);
  const known = (await readJson(file).catch(() => ({}))) as Record<string, unknown> | null;
  const stored = known?.[id];
  if (isLayouts(stored)) return { workers: choose(stored.points), reason: `measured before on this machine: ${tell(stored)}` };
  const limit = Math.max(1, Math.min(cores, Math.floor(freeMemory() / bytesPerWorker)));
  const oneACore = Math.max(1, Math.min(limit, Math.floor(cores / options.threads)));
  const busy = options.busyCores ?? await busyCores();
  if (busy > busyLimit * cores) {
    return { workers: oneACore, reason: `one thread a core: not measured now, because other programs keep ${busy.toFixed(1)} of ${cores} cores busy` };
  }
  try {
    const layouts = await measure(options, limit, cores);
    if (layouts === null) return { workers: 1, reason: 'not measured' };
    // A cache that cannot be written costs the next run a measurement, and this one nothing.
    if (limit === cores) await writeFileAtomic(file, `${JSON.stringify({ ...known, [id]: layouts }, null, 1)}\n`).catch(() => undefined);
    return { workers: choose(layouts.points), reason: `measured: ${tell(layouts)}${limit < cores ? ` (no more than ${limit} fit into the free memory)` : ''}` };
  } catch (error) {
    return { workers: oneACore, reason: `one thread a core, because it could not be measured: ${messageOf(error)}` };
  }
}

/** Null: interrupted. */
async function measure(options: CountOptions, limit: number, cores: number): Promise<Layouts | null> {
  const workers: WorkerProcess[] = [];
  const call = async (worker: WorkerProcess, seconds: number, threads = options.threads): Promise<number> =>
    Number((await measureIn(worker, { kind: options.kind ?? 'calibrate', config: { ...options.config, seconds }, threads }))['imagesPerSecond']);
  const points: Point[] = [];
  try {
    for (const count of candidates(limit)) {
      if (options.signal?.aborted === true) return null;
      const fresh = Array.from({ length: count - workers.length }, () => startWorker(options.setup, options.threads));
      workers.push(...fresh);
      // Libraries load and steps are traced before the clock starts; then all run at once.
      await Promise.all(fresh.map((worker) => call(worker, warmUpSeconds)));
      const rates = await Promise.all(workers.map((worker) => call(worker, measureSeconds)));
      points.push({ workers: count, imagesPerSecond: rates.reduce((sum, rate) => sum + rate, 0) });
      const best = Math.max(...points.slice(0, -1).map(({ imagesPerSecond }) => imagesPerSecond));
      // Past the top it only falls.
      if (points.length > 1 && points.at(-1)!.imagesPerSecond < best) break;
    }
    if (options.threads >= cores || options.signal?.aborted === true) return { points, whole: null };
    const whole = startWorker(options.setup, cores);
    workers.push(whole);
    await call(whole, warmUpSeconds, cores);
    return { points, whole: { threads: cores, imagesPerSecond: await call(whole, measureSeconds, cores) } };
  } finally {
    await Promise.all(workers.map((worker) => worker.kill()));
  }
}
