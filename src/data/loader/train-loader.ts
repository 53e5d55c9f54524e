import { setImmediate } from 'node:timers/promises';
import { JobError } from '../../errors.js';
import { trainBatch } from './batch.js';
import { loaderThreads } from './count.js';
import { closeRing, newControl, releaseBatch, ringBytes, type RingWork, takeBatch, type TrainSeries } from './ring.js';
import { giveBackTeam, takeTeam } from './team.js';

/** The batches of one training, made ahead of the steps where there are threads for it. */
export interface TrainLoader {
  /**
   * The batch of a step: uint8 [batch, size, size, 3], the same bytes as `trainBatch`. Valid until the next call, which
   * uses its memory again (an engine's `run` has then given back what it made of it). Steps that ascend by one are made
   * ahead; any other order works, and costs the time of a batch. What fails in a thread is a JobError here.
   */
  next(step: number): Promise<Uint8Array>;
  /** No batch is asked for any more. */
  close(): void;
}

/** Opens the batches of a training. Without threads each is made when it is asked for. */
export function openTrainLoader(series: TrainSeries, threads: number = loaderThreads()): TrainLoader {
  return threads === 0 ? immediate(series) : ahead(series, threads);
}

const immediate = (series: TrainSeries): TrainLoader => ({
  next: (step) => Promise.resolve().then(() => trainBatch({ ...series, step })),
  close: () => undefined,
});

/** Between looks at the slot the event loop has a turn: a thread's death comes as an event. */
const lookMs = 10;

function ahead({ set, ...series }: TrainSeries, threads: number): TrainLoader {
  const team = takeTeam(set, threads, ringBytes(series, threads));
  const plain = { ...series, indices: sharedIndices(series.indices) };
  let ring: RingWork | null = null;
  let closed = false;
  /** Tickets that were taken from the ring. */
  let taken = 0;

  const begin = (first: number): RingWork => {
    if (ring !== null) closeRing(ring);
    taken = 0;
    ring = { series: plain, first, control: newControl(threads), before: team.latest()?.control ?? null };
    team.start(ring);
    return ring;
  };
  return {
    async next(step) {
      if (closed || step < 0 || step >= series.steps) throw new RangeError(`TrainLoader: there is no step ${step} of ${series.steps}${closed ? ', it was closed' : ''}`);
      const follows = ring !== null && step === ring.first + taken;
      if (follows && taken > 0) releaseBatch(ring!);
      const work = follows ? ring! : begin(step);
      const number = taken++;
      for (;;) {
        const batch = takeBatch(work, team.setup, number, lookMs);
        if (batch !== null) return batch;
        const failure = team.failure();
        if (failure !== null) {
          throw new JobError(`a loader thread failed: ${failure.message}`, { where: `${series.purpose}, step ${step + 1}`, fix: 'Run with --loaders 0 to make batches without threads.', cause: failure });
        }
        await setImmediate();
      }
    },
    close() {
      if (closed) return;
      closed = true;
      if (ring !== null) closeRing(ring);
      giveBackTeam(team);
    },
  };
}

function sharedIndices(indices: ArrayLike<number>): Int32Array {
  const shared = new Int32Array(new SharedArrayBuffer(4 * indices.length));
  shared.set(indices);
  return shared;
}
