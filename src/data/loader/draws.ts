import type { HostArray } from '../../engine/contract.js';

/** What a step takes from the host, by the name of the function's input. */
export type Arrays = Readonly<Record<string, HostArray>>;

/**
 * Inputs of a step beside the pictures (masks, targets, drop path): a pure function of the step, always of the same names,
 * types and lengths. A loader thread calls it too: it imports `module` and asks its `drawStep` with the same `args`.
 */
export interface StepDraws {
  (step: number): Arrays;
  /** URL of a module that loads no tensors and exports the function as `drawStep`. */
  readonly module: string;
  /** Plain data. */
  readonly args: unknown;
}

/** Draws of a module for itself and for the threads. `module`: its own `import.meta.url`; it must export `drawStep` by that name. */
export const stepDraws = <Args>(module: string, drawStep: (args: Args, step: number) => Arrays, args: Args): StepDraws =>
  Object.assign((step: number): Arrays => drawStep(args, step), { module, args });
