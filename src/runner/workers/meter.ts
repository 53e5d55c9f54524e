import { writeFileSync } from 'node:fs';
import { peakMemoryBytes } from '../../peak-memory.js';

export interface Measured { readonly wallSeconds: number; readonly cpuSeconds: number; readonly peakMemoryBytes: number }

/** Linux can forget the highest memory use so far, so that each job of a worker has a peak of its own. */
function resetPeak(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Elsewhere an earlier job may have set the peak.
  }
}

/** Starts measuring this process: wall time, CPU time of all its threads, peak resident memory. */
export function startMeter(): () => Measured {
  resetPeak();
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
