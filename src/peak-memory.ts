import { readFileSync } from 'node:fs';

/** Highest resident memory of this process in bytes: on Linux since it was last forgotten, elsewhere since its start. */
export const peakMemoryBytes = (): number => {
  try {
    const found = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
    if (found !== null) return Number(found[1]) * 1024;
  } catch {
    // Not Linux.
  }
  return process.resourceUsage().maxRSS * 1024;
};
