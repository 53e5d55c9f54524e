import { cpuName } from '../cpu-name.js';
import type { GpuFacts } from './contract.js';
import { deviceMemory, fallbackError, fallbackFacts, usesTf32, usesXla, type Device, type DeviceMemory, type Runtime } from './runtime/index.js';

/** What tensors really run on in this process, found out after TensorFlow has loaded. */
export interface OpenedDevice {
  readonly device: Device;
  /** Model name of the CPU or GPU. */
  readonly name: string;
  readonly gpu: GpuFacts | null;
  /** The highest use of the GPU's memory so far; null without a GPU, or where it cannot be asked. */
  readonly peakMemory: () => DeviceMemory | null;
}

/** Sets what TensorFlow reads while it loads. One GPU a process: its first graph and its single operations would choose different ones. */
export function prepareDevice({ device, gpus }: Pick<Runtime, 'device' | 'gpus'>, environment: NodeJS.ProcessEnv = process.env): void {
  if (device === 'cpu') {
    environment['CUDA_VISIBLE_DEVICES'] = '-1'; // a CUDA build that the user named computes on the CPU, too, when it is told to
    return;
  }
  // in nvidia-smi's order, so that both mean the same GPU by an index
  environment['CUDA_DEVICE_ORDER'] ??= 'PCI_BUS_ID';
  // as much memory as is used, instead of all: several workers may share a GPU, and what is used can be measured
  environment['TF_FORCE_GPU_ALLOW_GROWTH'] ??= 'true';
  const first = gpus?.gpus[0];
  if (first !== undefined && gpus!.gpus.length > 1) environment['CUDA_VISIBLE_DEVICES'] = first.uuid;
}

/** EngineError where the GPU was meant and TensorFlow has fallen back to the CPU. */
export function openedDevice({ device, gpus, libraries, version }: Pick<Runtime, 'device' | 'gpus' | 'libraries' | 'version'>, usesGpu: boolean): OpenedDevice {
  if (!usesGpu) {
    if (device === 'cuda') throw fallbackError(fallbackFacts(libraries, gpus ?? NO_SEARCH), version);
    return { device: 'cpu', name: cpuName(), gpu: null, peakMemory: () => null };
  }
  const gpu = gpus?.gpus[0] ?? null;
  return {
    device: 'cuda',
    name: gpu?.name ?? 'NVIDIA GPU',
    gpu: {
      driver: gpu?.driver ?? gpus?.driver ?? null, memoryBytes: gpu?.memoryBytes ?? null, computeCapability: gpu?.computeCapability ?? null,
      tf32: usesTf32({ computeCapability: gpu?.computeCapability ?? null }), xla: usesXla(),
    },
    peakMemory: () => (gpu === null ? null : deviceMemory(gpu.uuid)),
  };
}

const NO_SEARCH = { present: false, gpus: [], driver: null, looked: [] } as const;
