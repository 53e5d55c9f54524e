import { readFileSync } from 'node:fs';
import type { Answers } from './messages.js';

/** Resident memory of this process as Linux counts it. */
export function residentMemory(status = readFileSync('/proc/self/status', 'utf8')): Answers['memory'] {
  const bytes = (field: string): number => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024;
  return { resident: bytes('VmRSS'), peak: bytes('VmHWM') };
}
