/**
 * What a job's time goes into, in the order in which it is shown. `step`: optimiser steps; `evaluate`: predictions and
 * features; `wait`: until the next inputs are there; `checkpoint`: saving half-finished work; `other`: all the rest (reading,
 * compiling, decoding, writing).
 */
export const phases = ['step', 'evaluate', 'wait', 'checkpoint', 'other'] as const;

export type Phase = (typeof phases)[number];

/** Seconds in each phase. */
export type PhaseSeconds = Readonly<Record<Phase, number>>;

/**
 * Share of the time for steps and evaluations, 0..1, in which they waited for their inputs: what a faster loader could save.
 * null where there was none of them.
 */
export function waitedShare({ step, evaluate, wait }: PhaseSeconds): number | null {
  const all = step + evaluate + wait;
  return step + evaluate === 0 ? null : wait / all;
}

/** Seconds of every phase by a function of it. */
export const perPhase = (seconds: (phase: Phase) => number): Record<Phase, number> =>
  Object.fromEntries(phases.map((phase) => [phase, seconds(phase)])) as Record<Phase, number>;
