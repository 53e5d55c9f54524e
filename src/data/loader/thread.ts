import { parentPort, workerData } from 'node:worker_threads';
import { MaskbenchError } from '../../errors.js';
import type { Arrays } from './draws.js';
import { type Draw, makeBatches, type RingWork, type ThreadSetup } from './ring.js';
import type { PlainSeries } from './series.js';

/** Main of a loader thread: makes the batches of one work after another. What it makes is decided in series.ts alone. */

interface DrawModule { readonly drawStep?: (args: unknown, step: number) => Arrays }

async function drawOf({ draws }: PlainSeries): Promise<Draw> {
  if (draws === null) return null;
  const { drawStep } = (await import(draws.module)) as DrawModule;
  if (drawStep === undefined) throw new Error(`${draws.module} exports no drawStep`);
  return (step) => drawStep(draws.args, step);
}

async function serve(work: RingWork): Promise<void> {
  try {
    makeBatches(work, await Promise.all(work.series.map(drawOf)), workerData as ThreadSetup);
  } catch (error) {
    // Of an error that ends a thread only the message arrives.
    throw error instanceof MaskbenchError ? new Error(error.describe(), { cause: error }) : error;
  }
}

// In the order of the messages: a work waits for the one before it. What fails ends the thread.
let last: Promise<void> = Promise.resolve();
parentPort?.on('message', (work: RingWork) => {
  last = last.then(() => serve(work));
});
