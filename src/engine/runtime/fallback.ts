import { constants } from 'node:os';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EngineError } from '../../errors.js';
import { DRIVER_LIBRARY, OLDEST_DRIVER, REQUIRED_LIBRARIES } from './cuda-libraries.js';
import type { GpuSearch } from './gpu.js';

/**
 * TensorFlow uses the CPU without a word where it cannot use the GPU. What is asked for here is found out afterwards: the
 * loaded library says whether it has a GPU, and this says why not.
 */

/**
 * Null where the dynamic linker can open a library (a name that it looks for, or a path), else what it says. Node opens it
 * as an addon, and then finds that it is none.
 */
export function cannotOpen(library: string): string | null {
  try {
    process.dlopen({ exports: {} }, library, constants.dlopen.RTLD_LAZY);
    return null;
  } catch (error) {
    const message = error instanceof Error ? error.message.split('\n')[0]! : String(error);
    return /did not self-register|Module version mismatch|NODE_MODULE_VERSION/.test(message) ? null : message;
  }
}

export interface FallbackFacts {
  readonly gpus: GpuSearch;
  /** CUDA's libraries that cannot be opened, each with the linker's words. */
  readonly missing: readonly string[];
  /** The linker's words about the driver's library; null: it can be opened. */
  readonly driverLibrary: string | null;
}

/** What there is to know once TensorFlow has loaded without a GPU. `libraries`: folder of TensorFlow's libraries. */
export function fallbackFacts(libraries: string, gpus: GpuSearch, open: (library: string) => string | null = cannotOpen): FallbackFacts {
  const nvidia = join(dirname(libraries), 'nvidia');
  const folders = ['', ...partsOf(nvidia).map((part) => join(nvidia, part, 'lib'))];
  const missing = REQUIRED_LIBRARIES.flatMap((name) => {
    const words = folders.map((folder) => open(join(folder, name)));
    return words.includes(null) ? [] : [words[0]!.startsWith(name) ? words[0]! : `${name}: ${words[0]!}`];
  });
  return { gpus, missing, driverLibrary: open(DRIVER_LIBRARY) };
}

const partsOf = (nvidia: string): readonly string[] => {
  try {
    return readdirSync(nvidia).sort();
  } catch {
    return [];
  }
};

/** Negative where version `a` is older than `b`. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => text.split('.').map(Number)) as [number[], number[]];
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** TensorFlow does not use the GPU that was meant. */
export class FallbackError extends EngineError {}

/** Why TensorFlow does not use the GPU, at least one line. Pure. */
export function fallbackReasons({ gpus: { driver }, missing, driverLibrary }: FallbackFacts): readonly string[] {
  const reasons = [
    ...missing,
    ...(driverLibrary === null ? [] : [`the driver's library: ${driverLibrary}`]),
    ...(driver !== null && compareVersions(driver, OLDEST_DRIVER) < 0 ? [`the driver is ${driver}, CUDA 12 needs ${OLDEST_DRIVER} or newer`] : []),
  ];
  return reasons.length > 0
    ? reasons
    : [`every library can be opened, driver ${driver ?? 'unknown'}; TensorFlow may be a CPU build, or made for other GPUs (TF_CPP_MIN_LOG_LEVEL=0 makes it say why)`];
}

/** The error of a process that was to use the GPU, and in which TensorFlow does not. Pure. */
export function fallbackError(facts: FallbackFacts, version: string): FallbackError {
  const { gpus, missing } = facts;
  return new FallbackError(`TensorFlow ${version} does not use the GPU and would compute on the CPU:\n    - ${fallbackReasons(facts).join('\n    - ')}`, {
    where: 'device cuda',
    fix: [
      missing.length > 0 ? 'CUDA libraries are set up by `maskbench engine install --device cuda --again`, where MASKBENCH_TENSORFLOW names no other folder.' : 'Update or reinstall the NVIDIA driver, and reboot where it was just updated.',
      'The device cpu computes on the CPU on purpose (engine: { device: cpu } in the suite, or --device cpu).',
      `GPUs found: ${gpus.gpus.map(({ name }) => name).join(', ') || gpus.looked.join('; ')}.`,
    ].join('\n  '),
    data: { missing, driver: gpus.driver },
  });
}
