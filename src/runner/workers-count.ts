import { availableParallelism, freemem } from 'node:os';
import { join } from 'node:path';
import { hashJson, readJson, writeFileAtomic, type JsonObject } from '../files.js';
import { busyCores, busyLimit } from './busy.js';
import { machineFingerprint } from './machine.js';
import { measureIn } from './workers/measure.js';
import type { WorkerSetup } from './workers/messages.js';
import { startWorker, type WorkerProcess } from './workers/process.js';

/** One point of the measurement: so many workers together trained so many images a second. */
export interface Point { readonly workers: number; readonly imagesPerSecond: number }

export interface WorkerCount {
  readonly workers: number;
  /** For people: where the number comes from. */
  readonly reason: string;
}

export interface CountOptions {
  readonly setup: Omit<WorkerSetup, 'parent'>;
  /** Threads of a worker. */
  readonly threads: number;
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
const isPoints = (value: unknown): value is readonly Point[] => Array.isArray(value) && value.length > 0 && value.every(isPoint);

const tell = (points: readonly Point[]): string => points.map(({ workers, imagesPerSecond }) => `${workers}: ${Math.round(imagesPerSecond)}`).join(', ');

/**
 * How many workers this machine should run, by measurement: once, then from the cache. A measurement that fails (a broken
 * tensor runtime) is not fatal here: the jobs will say what is wrong.
 */
export async function countWorkers(options: CountOptions): Promise<WorkerCount> {
  const cores = options.cores ?? availableParallelism();
  const file = join(options.cache, 'workers.json');
  const id = hashJson({ machine: machineFingerprint(options.setup.machine), cores, threads: options.threads }).slice(0, 16);
  const known = (await readJson(file).catch(() => ({}))) as Record<string, unknown> | null;
  const stored = known?.[id];
  if (isPoints(stored)) {
    return { workers: choose(stored), reason: `measured before on this machine: images/s by workers ${tell(stored)}` };
  }
  const limit = Math.max(1, Math.min(cores, Math.floor(freemem() / bytesPerWorker)));
  const oneACore = Math.max(1, Math.min(limit, Math.floor(cores / options.threads)));
  const busy = options.busyCores ?? await busyCores();
  if (busy > busyLimit * cores) {
    return { workers: oneACore, reason: `one thread a core: not measured now, because other programs keep ${busy.toFixed(1)} of ${cores} cores busy` };
  }
  try {
    const points = await measure(options, limit);
    if (points.length === 0) return { workers: 1, reason: 'not measured' };
    if (limit === cores) await writeFileAtomic(file, `${JSON.stringify({ ...known, [id]: points }, null, 1)}\n`);
    return { workers: choose(points), reason: `measured: images/s by workers ${tell(points)}${limit < cores ? ` (no more than ${limit} fit into the free memory)` : ''}` };
  } catch (error) {
    return { workers: oneACore, reason: `one thread a core, because it could not be measured: ${error instanceof Error ? error.message : String(error)}` };
  }
}

async function measure(options: CountOptions, limit: number): Promise<readonly Point[]> {
  const workers: WorkerProcess[] = [];
  const call = async (worker: WorkerProcess, seconds: number): Promise<number> =>
    Number((await measureIn(worker, { kind: options.kind ?? 'calibrate', config: { ...options.config, seconds }, threads: options.threads }))['imagesPerSecond']);
  const points: Point[] = [];
  try {
    for (const count of candidates(limit)) {
      if (options.signal?.aborted === true) return [];
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
    return points;
  } finally {
    await Promise.all(workers.map((worker) => worker.kill()));
  }
}
