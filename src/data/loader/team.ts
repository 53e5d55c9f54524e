import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { PreparedSet } from '../image-set.js';
import type { RingWork, ThreadSetup } from './ring.js';
import type { PlainSeries } from './series.js';

/**
 * The threads of one data set. A team outlives the training that it was started for, because a short training must not
 * pay for its start; it ends with the process, or when another set is trained on: memory that a thread has seen is only
 * sure to be free once the thread is gone.
 */
export interface Team {
  readonly setup: ThreadSetup;
  /** Why it can do no more. */
  failure(): Error | null;
  start(work: RingWork): void;
  /** The latest work; its threads may still be at it. */
  latest(): RingWork | null;
  end(): void;
}

interface Started { readonly team: Team; readonly set: PreparedSet }

let idle: Started | null = null;
const leased = new Map<Team, PreparedSet>();

/** A team for a set with at least this much memory for its slots: the one that is at hand where it fits, else a new one. */
export function takeTeam(set: PreparedSet, threads: number, bytes: number): Team {
  const found = idle;
  idle = null;
  const fits = found !== null && found.set === set && found.team.failure() === null && found.team.setup.threads === threads && found.team.setup.memory.byteLength >= bytes;
  if (!fits) found?.team.end();
  const team = fits ? found.team : startTeam(set, threads, bytes);
  leased.set(team, set);
  return team;
}

/** Keeps the team for the next training. */
export function giveBackTeam(team: Team): void {
  const set = leased.get(team);
  leased.delete(team);
  idle?.team.end();
  idle = null;
  if (set === undefined || team.failure() !== null) team.end();
  else idle = { team, set };
}

// Without the library of browsers TypeScript does not know it.
declare const WebAssembly: { readonly Memory: new (pages: { readonly initial: number; readonly maximum: number; readonly shared: true }) => { readonly buffer: SharedArrayBuffer } };
const pageBytes = 65_536;
/** Where such a memory ends. */
export const mostBytes = 65_536 * pageBytes;

/** A team gets at least so much, that most trainings and evaluations on a set need no other. What is not used takes no room. */
const leastBytes = 64 * 2 ** 20;

/** Shared memory that begins at a page: a plain SharedArrayBuffer begins anywhere. */
const alignedMemory = (bytes: number): SharedArrayBuffer => {
  const pages = Math.ceil(Math.max(bytes, leastBytes) / pageBytes);
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true }).buffer;
};

/** What a thread needs of a set: its pixels in memory that all share, and no records. */
function shared(set: PreparedSet): PreparedSet {
  const { name, size, channels, crops } = set;
  const rest = { name, size, channels, records: [], unreadable: [], ...(crops === undefined ? {} : { crops: { ...crops, records: [], unreadable: [] } }) };
  if (!('pixels' in set)) return { ...rest, pixelsFile: set.pixelsFile };
  if (set.pixels.buffer instanceof SharedArrayBuffer) return { ...rest, pixels: set.pixels };
  const pixels = new Uint8Array(new SharedArrayBuffer(set.pixels.length));
  pixels.set(set.pixels);
  return { ...rest, pixels };
}

const threadFile = new URL('./thread.js', import.meta.url);
const runsBuilt = existsSync(fileURLToPath(threadFile));
const source = new URL('../../', import.meta.url).href;
const dist = new URL('../../../dist/', import.meta.url).href;

/** The built file of a module, also when the project runs from src/ (tests): threads know no TypeScript. */
const builtModule = (url: string): string => (runsBuilt || !url.startsWith(source) ? url : dist + url.slice(source.length).replace(/\.ts$/, '.js'));
const builtDraws = (series: PlainSeries): PlainSeries =>
  (series.draws === null ? series : { ...series, draws: { ...series.draws, module: builtModule(series.draws.module) } });

function startTeam(set: PreparedSet, threads: number, bytes: number): Team {
  const setup: ThreadSetup = { set: shared(set), threads, memory: alignedMemory(bytes) };
  let failure: Error | null = null;
  let latest: RingWork | null = null;
  const workers = Array.from({ length: threads }, () => {
    const worker = new Worker(new URL(builtModule(threadFile.href)), { workerData: setup, execArgv: [] });
    // An idle thread keeps no process alive.
    worker.unref();
    worker.on('error', (error) => { failure ??= error instanceof Error ? error : new Error(String(error)); });
    worker.on('exit', (code) => { failure ??= new Error(`it ended with exit code ${code}`); });
    return worker;
  });
  return {
    setup,
    failure: () => failure,
    start(work) {
      latest = work;
      const built = { ...work, series: work.series.map(builtDraws) };
      for (const worker of workers) worker.postMessage(built);
    },
    latest: () => latest,
    end() {
      failure ??= new Error('it was ended');
      for (const worker of workers) void worker.terminate();
    },
  };
}
