import { warmupCosine } from '../training/schedules.js';

interface Schedule { readonly lr: number; readonly minLr: number; readonly steps: number; readonly warmup: number }

/**
 * Learning rate of a 0-based step: pre-training's schedule, with the warm-up as a share of the steps and the cosine ending
 * at `minLr`. An `lr` below `minLr` stays as it is.
 */
export const learningRate = (step: number, { lr, minLr, steps, warmup }: Schedule): number =>
  warmupCosine({ peak: lr, floor: Math.min(minLr, lr), warmupSteps: warmup * steps, totalSteps: steps }, step);
