import { readFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, platform, release } from 'node:os';
import { hashJson } from '../files.js';

/** Where a job ran, as its result says it (with what the jobs' module knows of the tensor engine). */
export interface Machine {
  readonly platform: string;
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
}

const cpuName = (): string => cpus()[0]?.model.trim() || 'unknown';

export const thisMachine = (): Machine => ({
  platform: `${platform()} ${release()} ${arch()}`,
  cpu: cpuName(),
  cores: availableParallelism(),
  node: process.versions.node,
});

const instructionSets = (): string => {
  try {
    return /^flags\s*:\s*(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? '';
  } catch {
    return '';
  }
};

/**
 * What must be equal for a half-finished job to go on with equal bits: processor with its instruction sets, Node, and the
 * tensor runtime as the caller describes it. Not the host's name: a restarted container is the same machine.
 */
export const machineFingerprint = (runtime: string): string =>
  hashJson({ platform: platform(), arch: arch(), cpu: cpuName(), instructions: instructionSets(), node: process.versions.node, runtime }).slice(0, 32);

/** Whether a finished result was made on a machine like this one. Null: it does not say. */
export function isFromHere(result: unknown): boolean | null {
  const environment = (result as { environment?: Partial<Machine> } | null)?.environment;
  if (environment?.cpu === undefined) return null;
  return environment.cpu === cpuName() && (environment.platform ?? '').split(' ')[0] === platform();
}
