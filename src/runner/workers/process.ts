import { fork, type ChildProcess } from 'node:child_process';
import { appendFile, mkdir } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EngineError } from '../../errors.js';
import { defaultDist } from '../code.js';
import type { JobProgress } from '../job.js';
import type { FromWorker, Reply, Request, WorkerSetup } from './messages.js';

/** How a request ended: the worker's answer, or the worker's own end. */
export type Outcome = Reply | { readonly type: 'died'; readonly how: string };

export interface Listener {
  progress(progress: JobProgress): void;
  /** The job goes on from a checkpoint. */
  resumed(): void;
  /** It starts anew although there were checkpoints. */
  dropped(reason: string): void;
}

export interface WorkerProcess {
  readonly pid: number | undefined;
  readonly threads: number;
  /** false once the process has ended: it takes no further request. */
  readonly alive: boolean;
  /** One request at a time. `logFile`: what the process prints meanwhile is added there. A process whose tensor runtime is broken has ended when its answer is there. */
  request(request: Request, logFile: string | null, listener: Listener): Promise<Outcome>;
  /** Ends it at once; resolves when it is gone. */
  kill(): Promise<void>;
}

const describeEnd = (code: number | null, signal: NodeJS.Signals | null): string => {
  if (signal === 'SIGKILL') return 'its worker process was killed (SIGKILL), by hand or because memory ran out';
  if (signal !== null) return `its worker process died of ${signal}`;
  return `its worker process ended with exit code ${code ?? 'unknown'}`;
};

const workerFile = (): string => {
  const beside = join(dirname(dirname(fileURLToPath(import.meta.url))), 'worker.js');
  return existsSync(beside) ? beside : join(defaultDist(), 'runner', 'worker.js');
};

/** Thread counts must be in the environment before native libraries load. */
const environmentFor = (threads: number): NodeJS.ProcessEnv => ({
  ...process.env,
  OMP_NUM_THREADS: String(threads),
  MASKBENCH_THREADS: String(threads),
});

export function startWorker(setup: Omit<WorkerSetup, 'parent'>, threads: number): WorkerProcess {
  const file = workerFile();
  if (!existsSync(file)) throw new EngineError('The built worker is missing', { where: file, fix: 'Run `npm run build`.' });
  const child: ChildProcess = fork(file, [JSON.stringify({ ...setup, parent: process.pid } satisfies WorkerSetup)], {
    env: environmentFor(threads),
    execArgv: [],
    serialization: 'json',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let alive = true;
  let current: { finish: (outcome: Outcome) => void; listener: Listener; logFile: string | null } | null = null;
  let lastWord: Reply | null = null;
  let writing: Promise<void> = Promise.resolve();
  // The last output is kept for a process that dies without another word.
  const keepOutput = (chunk: Buffer): void => {
    const target = current?.logFile ?? null;
    if (target === null) return;
    writing = writing.then(async () => {
      await mkdir(dirname(target), { recursive: true });
      await appendFile(target, chunk);
    }).catch(() => undefined); // A full disk shows where the job writes; output alone is no reason to fail.
  };
  child.stdout?.on('data', keepOutput);
  child.stderr?.on('data', keepOutput);

  const finish = (outcome: Outcome): void => {
    const ending = current;
    if (ending === null) return;
    void writing.then(() => {
      if (current === ending) current = null;
      ending.finish(outcome);
    });
  };
  child.on('message', (message: FromWorker) => {
    if (message.type === 'progress') current?.listener.progress(message.progress);
    else if (message.type === 'resumed') current?.listener.resumed();
    else if (message.type === 'dropped') current?.listener.dropped(message.reason);
    else if (message.type === 'failed' && message.broken) {
      // A new process may find the runtime whole; this one would fail the next jobs, too.
      lastWord = message;
      child.kill('SIGKILL');
    } else finish(message);
  });
  const ended = new Promise<void>((resolve) => {
    // `close` comes after the pipes are drained, so that the log holds the last words.
    child.on('close', (code, signal) => {
      alive = false;
      finish(lastWord ?? { type: 'died', how: describeEnd(code, signal) });
      resolve();
    });
    child.on('error', (error) => {
      if (child.pid !== undefined) return;
      alive = false;
      finish({ type: 'died', how: `its worker process could not be started: ${error.message}` });
      resolve();
    });
  });

  return {
    get pid() { return child.pid; },
    threads,
    get alive() { return alive && child.connected; },
    request(request, logFile, listener) {
      if (current !== null) throw new Error('a worker serves one request at a time');
      if (!alive) return Promise.resolve({ type: 'died', how: 'its worker process had ended already' });
      return new Promise((resolve) => {
        current = { finish: resolve, listener, logFile };
        child.send(request, (error) => {
          if (error !== null && !child.connected && child.pid !== undefined) child.kill('SIGKILL');
        });
      });
    },
    async kill() {
      if (alive) child.kill('SIGKILL');
      await ended;
    },
  };
}
