/**
 * Learning rate of a 0-based step: falling on a straight line to 0, and rising from 0 in the first steps (iBOT's poly schedule
 * with power 1 and linear warm-up, methods.md 6.3: the warm-up is a factor on the line).
 *
 * @param warmup share of the steps, 0..1
 */
export const polyRate = (lr: number, steps: number, warmup: number, step: number): number =>
  lr * (1 - step / steps) * (step < warmup * steps ? step / (warmup * steps) : 1);
