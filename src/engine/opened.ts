import type { EngineInfo } from './contract.js';

let used: EngineInfo | null = null;

/** Called with every `openEngine`, so that a job's result can say what it computed on. */
export const noteEngineUse = (info: EngineInfo): void => {
  used = info;
};

/** What was opened since the last call, null for nothing: a job without tensors. Loads nothing. */
export function takeEngineUse(): EngineInfo | null {
  const taken = used;
  used = null;
  return taken;
}
