import type { PreparedSet } from '../image-set.js';
import type { Arrays } from './draws.js';
import { arraysIn, fillBatch, type PlainSeries, stepIn } from './series.js';

/**
 * How threads hand batches over: through shared memory and Atomics, never by messages, because a training step blocks the
 * event loop. Steps are numbered by tickets. A thread draws the next ticket, waits until the ticket's slot is free, fills
 * it and marks it ready; the consumer waits for the tickets in order and gives each slot back when it asks for the next.
 * A batch is a function of its step, so neither the number of threads nor their order can change what comes.
 */

/** What a thread is started with: shared by all that it makes. */
export interface ThreadSetup {
  readonly set: PreparedSet;
  readonly threads: number;
  /** Memory of the slots. */
  readonly memory: SharedArrayBuffer;
}

/** What a thread is asked to do; plain data and shared memory. */
export interface RingWork {
  /** One after the other; their steps count on. */
  readonly series: readonly PlainSeries[];
  /** Step of ticket 0. */
  readonly first: number;
  readonly control: SharedArrayBuffer;
  /** Control of the work before it, which used the same slots. */
  readonly before: SharedArrayBuffer | null;
}

/** Draws the further inputs of a step, of each series. */
export type Draw = ((step: number) => Arrays) | null;

// Words of the control memory. `released` counts the slots given back; `failed` holds 1 + the first ticket without a batch;
// `ready + slot` 1 + the ticket that fills it.
const ticket = 0;
const released = 1;
const closed = 2;
const finished = 3;
const failed = 4;
const ready = 5;

/** The batch in use, one that is ready, and one that each thread makes. */
const slotsFor = (threads: number): number => threads + 2;

export const newControl = (threads: number): SharedArrayBuffer => new SharedArrayBuffer(4 * (ready + slotsFor(threads)));

const slotBytes = (series: readonly PlainSeries[]): number => Math.max(...series.map(({ bytes }) => bytes));

/** Bytes that the slots of several series need. */
export const ringBytes = (series: readonly PlainSeries[], threads: number): number => slotsFor(threads) * slotBytes(series);

/** How many of the threads have their slots in so many bytes. None: the batches are too large to be made ahead. */
export const threadsWithin = (bytes: number, series: readonly PlainSeries[], threads: number): number =>
  Math.max(0, Math.min(threads, Math.floor(bytes / slotBytes(series)) - slotsFor(0)));

export const stepsIn = (series: readonly PlainSeries[]): number => series.reduce((sum, { steps }) => sum + steps, 0);

/** A ticket's batch, and which series makes it. */
function slotOf({ series, first }: RingWork, { memory, threads }: Pick<ThreadSetup, 'memory' | 'threads'>, number: number) {
  const { at, step } = stepIn(series, first + number);
  return { at, step, arrays: arraysIn(series[at]!, memory, (number % slotsFor(threads)) * slotBytes(series)) };
}

/** A thread's part: makes batches until the work is over or closed. An error ends the thread, which its owner notices. */
export function makeBatches(work: RingWork, draws: readonly Draw[], setup: ThreadSetup): void {
  const { series, first, before } = work;
  if (before !== null) untilFinished(new Int32Array(before), setup.threads);
  const control = new Int32Array(work.control);
  const slots = slotsFor(setup.threads);
  const steps = stepsIn(series);
  try {
    for (;;) {
      const number = Atomics.add(control, ticket, 1);
      if (first + number >= steps || !untilFree(control, number - slots)) return;
      const { at, step, arrays } = slotOf(work, setup, number);
      try {
        fillBatch(setup.set, series[at]!, draws[at]!, step, arrays);
      } catch (error) {
        tellFailure(control, number);
        throw error;
      }
      Atomics.store(control, ready + (number % slots), number + 1);
      Atomics.notify(control, ready + (number % slots));
    }
  } finally {
    Atomics.add(control, finished, 1);
    Atomics.notify(control, finished);
  }
}

function tellFailure(control: Int32Array, number: number): void {
  for (;;) {
    const seen = Atomics.load(control, failed);
    if ((seen !== 0 && seen <= number + 1) || Atomics.compareExchange(control, failed, seen, number + 1) === seen) return;
  }
}

/** The first ticket whose batch could not be made; null where each could. */
export function failedTicket({ control: shared }: RingWork): number | null {
  const seen = Atomics.load(new Int32Array(shared), failed);
  return seen === 0 ? null : seen - 1;
}

/** Waits until more than `number` slots have been given back; false when the work is closed. */
function untilFree(control: Int32Array, number: number): boolean {
  for (;;) {
    const seen = Atomics.load(control, released);
    if (Atomics.load(control, closed) === 1) return false;
    if (seen > number) return true;
    Atomics.wait(control, released, seen);
  }
}

/** A slot of the work before may still be written to until all its threads are through. */
function untilFinished(control: Int32Array, threads: number): void {
  for (let seen = Atomics.load(control, finished); seen < threads; seen = Atomics.load(control, finished)) Atomics.wait(control, finished, seen);
}

/** The batch of a ticket if it is there within `milliseconds`, else null. Blocks this thread meanwhile. */
export function takeBatch(work: RingWork, setup: ThreadSetup, number: number, milliseconds: number): Arrays | null {
  const control = new Int32Array(work.control);
  const word = ready + (number % slotsFor(setup.threads));
  const seen = Atomics.load(control, word);
  if (seen !== number + 1) Atomics.wait(control, word, seen, milliseconds);
  return Atomics.load(control, word) === number + 1 ? slotOf(work, setup, number).arrays : null;
}

/** Gives the oldest slot that is out back to the threads. */
export function releaseBatch({ control: shared }: RingWork): void {
  const control = new Int32Array(shared);
  Atomics.add(control, released, 1);
  Atomics.notify(control, released);
}

/** Ends the work before its last step: threads stop after the batch at hand. */
export function closeRing({ control: shared }: RingWork): void {
  const control = new Int32Array(shared);
  Atomics.store(control, closed, 1);
  // Changes the word that threads wait on, so that none goes to sleep on its old value.
  Atomics.add(control, released, 1);
  Atomics.notify(control, released);
}
