import { EngineError } from '../../errors.js';

/** The wheel that holds TensorFlow's libraries for a platform. */
export interface Wheel {
  readonly project: string;
  readonly version: string;
  /** Platform tags to accept, newest first. */
  readonly tags: readonly string[];
  readonly libraries: readonly [string, string];
  /** Size of the download in bytes, for the progress bar; 0 where it was not looked up. */
  readonly bytes: number;
}

export const TENSORFLOW_VERSION = '2.21.0';
/** Any version that has a wheel will do: only its libraries are used, never Python. */
export const PYTHON_VERSION = '3.11';

const LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'] as const;

const wheels: Readonly<Record<string, Wheel>> = {
  'linux-x64': { project: 'tensorflow-cpu', version: TENSORFLOW_VERSION, tags: ['manylinux_2_27_x86_64', 'manylinux_2_17_x86_64'], libraries: LIBRARIES, bytes: 273_829_956 },
  'linux-arm64': { project: 'tensorflow', version: TENSORFLOW_VERSION, tags: ['manylinux_2_27_aarch64', 'manylinux_2_17_aarch64'], libraries: LIBRARIES, bytes: 0 },
};

export const platformName = (): string => `${process.platform}-${process.arch}`;

/** EngineError on platforms that this project does not know how to serve. */
export function wheelFor(platform = platformName()): Wheel {
  const wheel = wheels[platform];
  if (wheel !== undefined) return wheel;
  throw new EngineError(`TensorFlow cannot be set up by itself on ${platform}`, {
    where: 'engine set-up',
    fix: `It is tested on linux-x64 and known for ${Object.keys(wheels).join(', ')}. Elsewhere use a Linux container or virtual machine.`,
  });
}
