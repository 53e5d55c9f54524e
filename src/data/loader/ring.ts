import { batchBytes, type TrainBatch, trainBatch } from './batch.js';

/**
 * How threads hand batches over: through shared memory and Atomics, never by messages, because a training step blocks the
 * event loop. Steps are numbered by tickets. A thread draws the next ticket, waits until the ticket's slot is free, fills
 * it and marks it ready; the consumer waits for the tickets in order and gives each slot back when it asks for the next.
 * A batch is a function of its step, so neither the number of threads nor their order can change what comes.
 */

/** All batches of one training: those of the steps 0..steps-1. */
export interface TrainSeries extends Omit<TrainBatch, 'step'> { readonly steps: number }

/** What a thread is started with: shared by all series that it makes. */
export interface ThreadSetup {
  readonly set: TrainBatch['set'];
  readonly threads: number;
  /** Memory of the slots. */
  readonly memory: SharedArrayBuffer;
}

/** What a thread is asked to do; plain data and shared memory. */
export interface RingWork {
  readonly series: Omit<TrainSeries, 'set'>;
  /** Step of ticket 0. */
  readonly first: number;
  readonly control: SharedArrayBuffer;
  /** Control of the series before it, which used the same slots. */
  readonly before: SharedArrayBuffer | null;
}

// Words of the control memory. `released` counts the slots given back; `ready + slot` holds 1 + the ticket that fills it.
const ticket = 0;
const released = 1;
const closed = 2;
const finished = 3;
const ready = 4;

/** The batch in use, one that is ready, and one that each thread makes. */
const slotsFor = (threads: number): number => threads + 2;

export const newControl = (threads: number): SharedArrayBuffer => new SharedArrayBuffer(4 * (ready + slotsFor(threads)));

/** Tensors take memory that is aligned to this without copying it. */
const alignment = 64;
const slotBytes = (series: Pick<TrainSeries, 'size' | 'batch'>): number => Math.ceil(batchBytes(series) / alignment) * alignment;

/** Bytes that the slots of a series need. */
export const ringBytes = (series: Pick<TrainSeries, 'size' | 'batch'>, threads: number): number => slotsFor(threads) * slotBytes(series);

/** The slot of a ticket: uint8 [batch, size, size, 3]. */
const slotOf = (series: Pick<TrainSeries, 'size' | 'batch'>, { memory, threads }: Pick<ThreadSetup, 'memory' | 'threads'>, number: number): Uint8Array =>
  new Uint8Array(memory, (number % slotsFor(threads)) * slotBytes(series), batchBytes(series));

/** A thread's part: makes batches until the series is over or closed. An error ends the thread, which its owner notices. */
export function makeBatches({ series, first, control: shared, before }: RingWork, setup: ThreadSetup): void {
  if (before !== null) untilFinished(new Int32Array(before), setup.threads);
  const control = new Int32Array(shared);
  const slots = slotsFor(setup.threads);
  try {
    for (;;) {
      const number = Atomics.add(control, ticket, 1);
      const step = first + number;
      if (step >= series.steps || !untilFree(control, number - slots)) return;
      trainBatch({ ...series, set: setup.set, step }, slotOf(series, setup, number));
      Atomics.store(control, ready + (number % slots), number + 1);
      Atomics.notify(control, ready + (number % slots));
    }
  } finally {
    Atomics.add(control, finished, 1);
    Atomics.notify(control, finished);
  }
}

/** Waits until more than `number` slots have been given back; false when the series is closed. */
function untilFree(control: Int32Array, number: number): boolean {
  for (;;) {
    const seen = Atomics.load(control, released);
    if (Atomics.load(control, closed) === 1) return false;
    if (seen > number) return true;
    Atomics.wait(control, released, seen);
  }
}

/** A slot of the series before may still be written to until all its threads are through. */
function untilFinished(control: Int32Array, threads: number): void {
  for (let seen = Atomics.load(control, finished); seen < threads; seen = Atomics.load(control, finished)) Atomics.wait(control, finished, seen);
}

/** The batch of a ticket if it is there within `milliseconds`, else null. Blocks this thread meanwhile. */
export function takeBatch(work: RingWork, setup: ThreadSetup, number: number, milliseconds: number): Uint8Array | null {
  const control = new Int32Array(work.control);
  const word = ready + (number % slotsFor(setup.threads));
  const seen = Atomics.load(control, word);
  if (seen !== number + 1) Atomics.wait(control, word, seen, milliseconds);
  return Atomics.load(control, word) === number + 1 ? slotOf(work.series, setup, number) : null;
}

/** Gives the oldest slot that is out back to the threads. */
export function releaseBatch({ control: shared }: RingWork): void {
  const control = new Int32Array(shared);
  Atomics.add(control, released, 1);
  Atomics.notify(control, released);
}

/** Ends a series before its last step: threads stop after the batch at hand. */
export function closeRing({ control: shared }: RingWork): void {
  const control = new Int32Array(shared);
  Atomics.store(control, closed, 1);
  // Changes the word that threads wait on, so that none goes to sleep on its old value.
  Atomics.add(control, released, 1);
  Atomics.notify(control, released);
}
