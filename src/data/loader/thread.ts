import { parentPort, workerData } from 'node:worker_threads';
import { makeBatches, type RingWork, type ThreadSetup } from './ring.js';

/** Main of a loader thread: makes one series of batches after another. What it makes is decided in ring.ts alone. */
parentPort?.on('message', (work: RingWork) => {
  makeBatches(work, workerData as ThreadSetup);
});
