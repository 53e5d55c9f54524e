import { forgetPeakMemory, peakMemoryBytes } from '../../peak-memory.js';

export interface Measured { readonly wallSeconds: number; readonly cpuSeconds: number; readonly peakMemoryBytes: number }

/** Starts measuring this process: wall time, CPU time of all its threads, peak resident memory. */
export function startMeter(): () => Measured {
  forgetPeakMemory();
  const cpu = process.cpuUsage();
  const start = process.hrtime.bigint();
  return () => {
    const used = process.cpuUsage(cpu);
    return {
      wallSeconds: Number(process.hrtime.bigint() - start) / 1e9,
      cpuSeconds: (used.user + used.system) / 1e6,
      peakMemoryBytes: peakMemoryBytes(),
    };
  };
}
