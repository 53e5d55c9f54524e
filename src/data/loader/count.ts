import { UsageError } from '../../errors.js';

/** Environment variable with the number of threads that make batches in a process. */
export const LOADERS_VARIABLE = 'MASKBENCH_LOADERS';

export const mostLoaders = 64;

/**
 * Threads that make batches in this process, as the environment says; 0 where it says nothing. Changes no result.
 * UsageError for what is no whole number from 0 to 64.
 */
export function loaderThreads(environment: NodeJS.ProcessEnv = process.env): number {
  const text = environment[LOADERS_VARIABLE] ?? '';
  if (text === '') return 0;
  if (/^\d+$/.test(text) && Number(text) <= mostLoaders) return Number(text);
  throw new UsageError(`${LOADERS_VARIABLE} is '${text}'`, { fix: `Give a whole number from 0 to ${mostLoaders}.` });
}

/** Room that a run leaves: `workers` processes of `threads` threads on `cores`. */
export interface Room { readonly cores: number; readonly workers: number; readonly threads: number }

/** Where a GPU trains, several threads may be needed for one step; each costs memory for a batch. */
const mostByRule = 4;

/**
 * How many loader threads each worker gets: the cores that its tensors leave it, at most 4. None where workers use every
 * core: a thread more would only take turns with the step that it works for. By CPU time the work is then the same with it
 * or without, but for 2 % that the hand-over costs (docs/running.md): nothing is gained that a shorter batch would not gain too.
 */
export const loadersFor = ({ cores, workers, threads }: Room): number =>
  Math.max(0, Math.min(mostByRule, Math.floor(cores / workers) - threads));

/**
 * Decides for all workers of this process: what was asked for, else what the environment says, else by the rule. They read
 * it from the environment.
 */
export function decideLoaders(asked: number | undefined, room: Room, environment: NodeJS.ProcessEnv = process.env): number {
  const loaders = asked ?? (environment[LOADERS_VARIABLE] ? loaderThreads(environment) : loadersFor(room));
  environment[LOADERS_VARIABLE] = String(loaders);
  return loaders;
}
