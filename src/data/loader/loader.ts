import { setImmediate } from 'node:timers/promises';
import { JobError } from '../../errors.js';
import type { PreparedSet } from '../image-set.js';
import { loaderThreads } from './count.js';
import type { Arrays } from './draws.js';
import { closeRing, failedTicket, newControl, releaseBatch, ringBytes, type RingWork, stepsIn, takeBatch, threadsWithin } from './ring.js';
import { arraysIn, fillBatch, type PlainSeries, plainSeries, type Series, stepIn } from './series.js';
import { giveBackTeam, mostBytes, takeTeam } from './team.js';

/** What steps take from the host, made ahead of them where there are threads for it. */
export interface Loader {
  /**
   * The inputs of a step. Valid until the next call, which uses their memory again (an engine's `run` has then given back
   * what it made of them). Steps that ascend by one are made ahead; any other order works, and costs the time of a batch.
   * What fails in a thread is a JobError here.
   */
  next(step: number): Promise<Arrays>;
  /** No batch is asked for any more. */
  close(): void;
}

/**
 * Opens series of batches of a set, one after the other: behind the last step of a training the first of an evaluation is
 * made ahead too. Steps count on from series to series. Without threads each is made when it is asked for; what comes is
 * the same.
 */
export function openLoader(set: PreparedSet, series: readonly Series[], threads: number = loaderThreads()): Loader {
  const plain = series.map((one) => plainSeries(set, one));
  const draws = series.map((one) => (one.kind === 'evaluation' ? null : one.draws ?? null));
  const steps = stepsIn(plain);
  // Fewer where all their batches are more than a memory can hold.
  const own = threadsWithin(mostBytes, plain, threads);
  const loader = own === 0 ? immediate(set, plain, draws) : ahead(set, plain, own);
  let closed = false;
  return {
    async next(step) {
      if (closed || step < 0 || step >= steps) throw new RangeError(`Loader: there is no step ${step} of ${steps}${closed ? ', it was closed' : ''}`);
      return loader.next(step);
    },
    close() {
      if (!closed) loader.close();
      closed = true;
    },
  };
}

function immediate(set: PreparedSet, plain: readonly PlainSeries[], draws: readonly (((step: number) => Arrays) | null)[]): Loader {
  const arrays = plain.map((one) => arraysIn(one, new ArrayBuffer(one.bytes), 0));
  return {
    async next(number) {
      const { at, step } = stepIn(plain, number);
      fillBatch(set, plain[at]!, draws[at]!, step, arrays[at]!);
      return arrays[at]!;
    },
    close: () => undefined,
  };
}

/** Between looks at the slot the event loop has a turn: a thread's death comes as an event. */
const lookMs = 10;

function ahead(set: PreparedSet, plain: readonly PlainSeries[], threads: number): Loader {
  const team = takeTeam(set, threads, ringBytes(plain, threads));
  const begin = (first: number): RingWork => {
    const work = { series: plain, first, control: newControl(threads), before: team.latest()?.control ?? null };
    team.start(work);
    return work;
  };
  // At once: the first batch is made while the caller still compiles.
  let ring = begin(0);
  /** Tickets that were taken from the ring. */
  let taken = 0;

  return {
    async next(step) {
      if (step !== ring.first + taken) {
        closeRing(ring);
        ring = begin(step);
        taken = 0;
      } else if (taken > 0) releaseBatch(ring);
      const number = taken++;
      for (;;) {
        const batch = takeBatch(ring, team.setup, number, lookMs);
        if (batch !== null) return batch;
        const failure = team.failure();
        if (failure !== null) {
          const [message, fix] = failure.message.split('\n  ');
          throw new JobError(`a loader thread failed: ${message}`, {
            where: whereOf(plain, ring.first + (failedTicket(ring) ?? number)), fix: fix ?? 'Run with --loaders 0 to make batches without threads.', cause: failure,
          });
        }
        await setImmediate();
      }
    },
    close() {
      closeRing(ring);
      giveBackTeam(team);
    },
  };
}

function whereOf(plain: readonly PlainSeries[], number: number): string {
  const { at, step } = stepIn(plain, number);
  const { series } = plain[at]!;
  return `${series.kind === 'evaluation' ? 'evaluation' : series.purpose}, step ${step + 1}`;
}
