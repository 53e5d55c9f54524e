import type { WorkerSetup } from './messages.js';
import { startWorker, type WorkerProcess } from './process.js';

/** Up to `size` worker processes, started when they are needed and replaced when they die. */
export interface Pool {
  /** An idle worker with this thread count. The caller has seen to it that fewer than `size` are busy. */
  take(threads: number): WorkerProcess;
  /** Gives a worker back after its request. */
  release(worker: WorkerProcess): void;
  /** Ends all of them at once; resolves when they are gone. */
  kill(): Promise<void>;
}

export function createPool(setup: Omit<WorkerSetup, 'parent'>, size: number): Pool {
  let workers: readonly WorkerProcess[] = [];
  const busy = new Set<WorkerProcess>();
  return {
    take(threads) {
      workers = workers.filter(({ alive }) => alive);
      const idle = workers.filter((worker) => !busy.has(worker));
      const fitting = idle.find((worker) => worker.threads === threads);
      // Thread counts are fixed when the tensor library loads: another count needs another process, in place of an idle one.
      const retired = fitting === undefined && workers.length >= size ? idle[0] : undefined;
      if (retired !== undefined) {
        workers = workers.filter((worker) => worker !== retired);
        void retired.kill();
      }
      const worker = fitting ?? startWorker(setup, threads);
      if (fitting === undefined) workers = [...workers, worker];
      busy.add(worker);
      return worker;
    },
    release: (worker) => { busy.delete(worker); },
    kill: async () => { await Promise.all(workers.map((worker) => worker.kill())); },
  };
}
