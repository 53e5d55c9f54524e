import { readFileSync } from 'node:fs';
import { arch, availableParallelism, platform, release } from 'node:os';
import { cpuName } from '../cpu-name.js';
import { hashJson } from '../files.js';

/** Where a job ran, as its result says it (with what the jobs' module knows of the tensor engine). */
export interface Machine {
  readonly platform: string;
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
}

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

/**
 * What tensors run on here, in the words of a result's `environment.engine`. What cannot be known before the runtime is set
 * up and loaded is left out.
 */
export interface TensorPlace {
  readonly device?: string;
  /** Model of the CPU or GPU. */
  readonly deviceName?: string;
  /** TensorFlow's version. */
  readonly runtime?: string;
  readonly oneDnn?: boolean;
}

const placeFacts = ['device', 'deviceName', 'runtime', 'oneDnn'] as const satisfies readonly (keyof TensorPlace)[];

/**
 * Whether a finished result was made on a machine like this one, and its tensors under a runtime like this one's: compared is
 * what both sides tell, and a job without tensors tells of the machine alone. Null: it does not say.
 */
export function isFromHere(result: unknown, tensors: TensorPlace): boolean | null {
  const environment = (result as { environment?: Partial<Machine> & { readonly engine?: TensorPlace | null } } | null)?.environment;
  if (environment?.cpu === undefined) return null;
  const { engine } = environment;
  const differs = (fact: keyof TensorPlace): boolean => engine?.[fact] !== undefined && tensors[fact] !== undefined && engine[fact] !== tensors[fact];
  return environment.cpu === cpuName() && (environment.platform ?? '').split(' ')[0] === platform() && !placeFacts.some(differs);
}
