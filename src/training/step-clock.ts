/**
 * How long training has taken, of the steps that were timed: all but the first two of each process, in which TensorFlow prepares the
 * graph and the engine holds a second recording against the first. Plain data, so that a checkpoint can hold it: what was done after a checkpoint and is done again counts once.
 */
export interface StepClock {
  readonly steps: number;
  readonly seconds: number;
  /** The process's processor time meanwhile, of all its threads: less than `seconds` of a single thread where other work took turns with it. */
  readonly cpuSeconds: number;
}

export const newClock: StepClock = { steps: 0, seconds: 0, cpuSeconds: 0 };

export const tick = ({ steps, seconds, cpuSeconds }: StepClock, took: number, cpuTook: number): StepClock => ({ steps: steps + 1, seconds: seconds + took, cpuSeconds: cpuSeconds + cpuTook });

/** A moment of a training: finished steps, and what they took; null where none was timed. */
export interface Mark { readonly step: number; readonly seconds: number | null; readonly cpuSeconds: number | null }

/** What so many steps took, at the mean of those that were timed. */
export const markOf = ({ steps, seconds, cpuSeconds }: StepClock, step: number): Mark =>
  (steps === 0 ? { step, seconds: null, cpuSeconds: null } : { step, seconds: (seconds / steps) * step, cpuSeconds: (cpuSeconds / steps) * step });
