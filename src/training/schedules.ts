/** Linear warm-up, then half a cosine, per step. */
export interface WarmupCosine {
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

/**
 * Place of a parameter in layer-wise learning-rate decay (MAE's `util/lr_decay.py`): 0 for the class token, positions and
 * patch embedding, i + 1 for block i, depth + 1 for everything after.
 */
export function layerOf(name: string, depth: number): number {
  if (name === 'cls_token' || name === 'pos_embed' || name.startsWith('patch_embed.')) return 0;
  const found = /^blocks\.(\d+)\./.exec(name);
  return found === null ? depth + 1 : Number(found[1]) + 1;
}

/** Factor on a parameter's learning rate: `decay ^ (depth + 1 - layer)`; 1 for the head. */
export const layerScale = (name: string, depth: number, decay: number): number => decay ** (depth + 1 - layerOf(name, depth));

/** Linear scaling rule: `base * batch / 256`. */
export const scaledRate = (base: number, batchSize: number): number => (base * batchSize) / 256;
