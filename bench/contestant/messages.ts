/** What the bench asks a contestant's process, one JSON object a line on its stdin. */
export type Request =
  /** Does a few training steps from the first values (features: one batch), answers with what came out, and starts anew. */
  | { readonly do: 'check' }
  /** Steps for at least `seconds`, at least one; `warm`: one more before, that is not counted. */
  | { readonly do: 'run'; readonly seconds: number; readonly warm: boolean }
  | { readonly do: 'steps'; readonly count: number }
  | { readonly do: 'memory' }
  /** Steps as a job does them, with batches from a loader of so many threads. */
  | { readonly do: 'loader'; readonly threads: number; readonly augmentation: Augmentation; readonly seconds: number }
  /** Times every native operation of `repeats` steps; the engine's eager mode alone can. */
  | { readonly do: 'profile'; readonly repeats: number };

/** What a loader does to pictures. `default`: what the method or protocol does by itself; `all`: everything that it can be asked for. */
export type Augmentation = 'default' | 'all';

/** The answers, one JSON object a line on its stdout; the first one, unasked, is `ready`. */
export interface Answers {
  readonly ready: { readonly parameters: number; readonly versions: Readonly<Record<string, string>> };
  /** Losses of the steps, or the first and last features. */
  readonly check: { readonly values: readonly number[] };
  /** Seconds of each step. */
  readonly run: { readonly seconds: readonly number[] };
  readonly steps: Readonly<Record<string, never>>;
  /** Resident memory in bytes, now and at most so far; with a GPU also what it had of its memory at most. */
  readonly memory: { readonly resident: number; readonly peak: number; readonly device?: DeviceMemory };
  /** Seconds that all steps waited for their inputs, and that they took. */
  readonly loader: { readonly waited: number; readonly stepped: number; readonly steps: number };
  readonly profile: { readonly operations: readonly Operation[] };
}

/** `by`: whose count it is. PyTorch counts what tensors held, the driver what a process has taken. */
export interface DeviceMemory { readonly peak: number; readonly by: string }

export type Answer<K extends keyof Answers> = Answers[K] | { readonly error: string };

/** One kind of native operation at one combination of shapes, in one step. */
export interface Operation {
  readonly op: string;
  /** Shapes of the inputs and of the first output: `[32, 96] [96, 288] -> [32, 288]`. */
  readonly shapes: string;
  readonly count: number;
  readonly milliseconds: number;
  /** Multiply-adds counted twice; 0 for all but matrix products. */
  readonly flops: number;
}

/** Steps of `check`. */
export const checkSteps = 4;
