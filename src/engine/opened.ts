import type { EngineInfo } from './contract.js';

/** Highest use of a GPU's memory by the process so far. `of: device`: by all of the GPU's processes, where one cannot be told apart. */
export interface PeakDeviceMemory { readonly bytes: number; readonly of: 'process' | 'device' }

/** What a job computed on, as its result carries it. `peakDeviceMemory`: with the device cuda; null where the driver does not tell. */
export type EngineUse = EngineInfo & { readonly peakDeviceMemory?: PeakDeviceMemory | null };

let used: { readonly info: EngineInfo; readonly peakMemory: () => PeakDeviceMemory | null } | null = null;

/** Called with every `openEngine`, and by a job whose own processes have computed, so that its result can say on what. */
export const noteEngineUse = (info: EngineInfo, peakMemory: () => PeakDeviceMemory | null): void => {
  used = { info, peakMemory };
};

/** What was opened since the last call, null for nothing: a job without tensors. Loads nothing. */
export function takeEngineUse(): EngineUse | null {
  const taken = used;
  used = null;
  if (taken === null) return null;
  return taken.info.device === 'cuda' ? { ...taken.info, peakDeviceMemory: taken.peakMemory() } : taken.info;
}
