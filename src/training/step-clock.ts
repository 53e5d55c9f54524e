/**
 * How long training has taken, of the steps that were timed: all but the first of each process, in which TensorFlow prepares the
 * graph. Plain data, so that a checkpoint can hold it: what was done after a checkpoint and is done again counts once.
 */
export interface StepClock { readonly steps: number; readonly seconds: number }

export const newClock: StepClock = { steps: 0, seconds: 0 };

export const tick = ({ steps, seconds }: StepClock, took: number): StepClock => ({ steps: steps + 1, seconds: seconds + took });

/** Seconds of so many steps, at the mean of those that were timed; null where none was. */
export const secondsOf = ({ steps, seconds }: StepClock, of: number): number | null => (steps === 0 ? null : (seconds / steps) * of);

/** A moment of a training: finished steps, and the seconds that they took. */
export interface Mark { readonly step: number; readonly seconds: number | null }
