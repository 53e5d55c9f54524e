export interface FineTuneSchedule { readonly lr: number; readonly minLr: number; readonly steps: number; readonly warmup: number }

/**
 * Learning rate of a 0-based step, as MAE adjusts it each iteration: linear from 0 during warm-up, then half a cosine from
 * `lr` towards `minLr`. An `lr` below `minLr` stays as it is.
 */
export function learningRate(step: number, { lr, minLr, steps, warmup }: FineTuneSchedule): number {
  const rising = warmup * steps;
  if (step < rising) return (lr * step) / rising;
  const floor = Math.min(minLr, lr);
  return floor + (lr - floor) * 0.5 * (1 + Math.cos((Math.PI * (step - rising)) / (steps - rising)));
}
