/**
 * What a job's time goes into, in the order in which it is shown. `step`: optimiser steps; `evaluate`: predictions and
 * features; `wait`: until the next inputs are there; `checkpoint`: saving half-finished work; `other`: all the rest (reading,
 * compiling, decoding, writing).
 */
export const phases = ['step', 'evaluate', 'wait', 'checkpoint', 'other'] as const;

export type Phase = (typeof phases)[number];

/** Seconds in each phase. */
export type PhaseSeconds = Readonly<Record<Phase, number>>;

/** Seconds of every phase by a function of it. */
export const perPhase = (seconds: (phase: Phase) => number): Record<Phase, number> =>
  Object.fromEntries(phases.map((phase) => [phase, seconds(phase)])) as Record<Phase, number>;
