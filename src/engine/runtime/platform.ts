import { EngineError } from '../../errors.js';

/** What tensors run on. */
export type Device = 'cpu' | 'cuda';

/** The wheel that holds TensorFlow's libraries for a platform. */
export interface Wheel {
  readonly project: string;
  readonly version: string;
  /** Platform tags to accept, newest first. */
  readonly tags: readonly string[];
  readonly libraries: readonly [string, string];
  /** Name of the wheel's extra that requires the wheels with CUDA's libraries; null: it needs none. */
  readonly extra: string | null;
  /** Size of the download in bytes, for the progress bar; 0 where it was not looked up. */
  readonly bytes: number;
}

/** TensorFlow's C library as an archive, for where there is no pip. */
export interface Archive {
  readonly name: string;
  readonly version: string;
  readonly url: string;
  /** Of the archive's bytes. */
  readonly sha256: string;
}

export const TENSORFLOW_VERSION = '2.21.0';
/** Any version that has a wheel will do: only its libraries are used, never Python. */
export const PYTHON_VERSION = '3.11';
/** The newest one that was published as an archive. */
const ARCHIVE_VERSION = '2.18.0';

const LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'] as const;

const manylinux = (newest: number, architecture: string): readonly string[] =>
  [...Array.from({ length: newest - 16 }, (_, index) => `manylinux_2_${newest - index}_${architecture}`), `manylinux2014_${architecture}`];

const wheels: Readonly<Record<string, Readonly<Partial<Record<Device, Wheel>>>>> = {
  'linux-x64': {
    cpu: { project: 'tensorflow-cpu', version: TENSORFLOW_VERSION, tags: ['manylinux_2_27_x86_64', 'manylinux_2_17_x86_64'], libraries: LIBRARIES, extra: null, bytes: 273_829_956 },
    // NVIDIA's wheels carry tags of their own, up to the C library of the oldest system that they support
    cuda: { project: 'tensorflow', version: TENSORFLOW_VERSION, tags: manylinux(28, 'x86_64'), libraries: LIBRARIES, extra: 'and-cuda', bytes: 572_400_000 },
  },
  'linux-arm64': {
    cpu: { project: 'tensorflow', version: TENSORFLOW_VERSION, tags: ['manylinux_2_27_aarch64', 'manylinux_2_17_aarch64'], libraries: LIBRARIES, extra: null, bytes: 0 },
  },
};

const archive = (kind: 'cpu' | 'gpu', sha256: string): Archive => ({
  name: `libtensorflow-${kind}`, version: ARCHIVE_VERSION, sha256,
  url: `https://storage.googleapis.com/tensorflow/versions/${ARCHIVE_VERSION}/libtensorflow-${kind}-linux-x86_64.tar.gz`,
});

/** The hashes are those that several projects pin, which build against these archives. */
const archives: Readonly<Record<string, Readonly<Record<Device, Archive>>>> = {
  'linux-x64': {
    cpu: archive('cpu', '605bfcb370c7e7ec981eabada880f60784e3de018395be95c95c3e5592c3d9a2'),
    cuda: archive('gpu', '6ca25aae03548cf76f6f68f00bdf53ec39710f08cee23bf6419b9e6e27feca5c'),
  },
};

export const platformName = (): string => `${process.platform}-${process.arch}`;

/** Whether there is a CUDA build for a platform. */
export const hasCuda = (platform = platformName()): boolean => wheels[platform]?.cuda !== undefined;

/** EngineError on platforms that this project does not know how to serve. */
export function wheelFor(device: Device, platform = platformName()): Wheel {
  const wheel = wheels[platform]?.[device];
  if (wheel !== undefined) return wheel;
  throw new EngineError(`TensorFlow cannot be set up by itself on ${platform} for the device ${device}`, {
    where: 'engine set-up',
    fix: `It is tested on linux-x64 and known for ${Object.keys(wheels).join(', ')}. Elsewhere use a Linux container or virtual machine.`,
  });
}

/** Null where none is published. */
export const archiveFor = (device: Device, platform = platformName()): Archive | null => archives[platform]?.[device] ?? null;
