import { readFileSync, writeFileSync } from 'node:fs';

export interface Measured { readonly wallSeconds: number; readonly cpuSeconds: number; readonly peakMemoryBytes: number }

/** Linux can forget the highest memory use so far, so that each job of a worker has a peak of its own. */
const resetPeak = (): boolean => {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
    return true;
  } catch {
    return false;
  }
};

const peakBytes = (): number => {
  try {
    const found = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
    if (found !== null) return Number(found[1]) * 1024;
  } catch {
    // Not Linux: the process's peak, which an earlier job may have set.
  }
  return process.resourceUsage().maxRSS * 1024;
};

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
      peakMemoryBytes: peakBytes(),
    };
  };
}
