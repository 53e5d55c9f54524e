import { availableParallelism } from 'node:os';
import { cpuName } from '../cpu-name.js';
import { oneDnnEnabled } from '../engine/onednn.js';
import { chooseDevice, findGpus, usesTf32, usesXla, type Device, type DeviceChoice, type GpuSearch } from '../engine/runtime/index.js';
import { EngineError } from '../errors.js';

/** What steps are measured on. All of it is in a speed job's key: what another machine or device took is no answer for this one. */
export interface SpeedMachine {
  readonly cpu: string;
  readonly cores: number;
  /** What computes: `auto` is decided. */
  readonly device: Device;
  readonly oneDnn: boolean;
  /** With the device cuda. `tf32` null: not known. */
  readonly gpu: { readonly name: string; readonly tf32: boolean | null; readonly xla: boolean } | null;
}

/** This machine under a choice of device. Nothing is loaded. A GPU that is asked for and not there is called `none`: whoever runs the job says so. */
export async function speedMachine(choice: DeviceChoice, search: () => Promise<GpuSearch> = findGpus): Promise<SpeedMachine> {
  const { device, gpus } = await chooseDevice(choice, search).catch((error: unknown) => {
    if (!(error instanceof EngineError)) throw error;
    return { device: 'cuda' as const, gpus: null };
  });
  const gpu = gpus?.gpus[0];
  return {
    cpu: cpuName(),
    cores: availableParallelism(),
    device,
    oneDnn: oneDnnEnabled(),
    gpu: device === 'cpu' ? null : { name: gpus === null ? 'none' : gpu?.name ?? 'NVIDIA GPU', tf32: gpu === undefined ? null : usesTf32(gpu), xla: usesXla() },
  };
}
