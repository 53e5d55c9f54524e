import { cpus } from 'node:os';

/** Model name of this machine's CPU; `unknown` where the system does not tell. */
export const cpuName = (): string => cpus()[0]?.model.trim() || 'unknown';
