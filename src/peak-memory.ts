import { readFileSync, writeFileSync } from 'node:fs';

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

/** Linux can forget the highest memory use so far, so that what comes next has a peak of its own; elsewhere what came before counts too. */
export const forgetPeakMemory = (): void => {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Not Linux, or not allowed.
  }
};
