/** Linear warm-up, then half a cosine, per step. */
interface WarmupCosine {
  /** Learning rate at the end of the warm-up. */
  readonly peak: number;
  /** Learning rate at the end. */
  readonly floor: number;
  /** Steps; need not be whole. */
  readonly warmupSteps: number;
  readonly totalSteps: number;
}

/**
 * Learning rate of a step, 0-based: `peak * step / warmup` before the warm-up ends (so the first step has 0), then
 * `floor + (peak - floor) * (1 + cos(pi * progress)) / 2`, as MAE's `util/lr_sched.py`.
 */
export function warmupCosine({ peak, floor, warmupSteps, totalSteps }: WarmupCosine, step: number): number {
  if (step < warmupSteps) return (peak * step) / warmupSteps;
  const progress = (step - warmupSteps) / (totalSteps - warmupSteps);
  return floor + ((peak - floor) * (1 + Math.cos(Math.PI * progress))) / 2;
}

/** Linear scaling rule: `base * batch / 256`. */
export const scaledRate = (base: number, batchSize: number): number => (base * batchSize) / 256;
