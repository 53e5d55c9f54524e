import { EngineError } from '../../errors.js';
import { findGpus, type GpuSearch } from './gpu.js';
import { hasCuda, platformName, type Device } from './platform.js';

/** What can be asked for. `auto`: cuda where an NVIDIA GPU is to be seen, else cpu. */
export type DeviceChoice = 'auto' | Device;

export const deviceChoices: readonly DeviceChoice[] = ['auto', 'cpu', 'cuda'];

/** Tells a worker process what its parent has chosen. */
export const DEVICE_VARIABLE = 'MASKBENCH_DEVICE';

/** A name as a person wrote it; EngineError for another one. `where`: the option or variable that it came from. */
export function readDevice(name: string, where: string): DeviceChoice {
  const choice = deviceChoices.find((known) => known === name);
  if (choice !== undefined) return choice;
  throw new EngineError(`there is no device '${name}'`, { where, fix: `Use one of ${deviceChoices.join(', ')}.` });
}

/** The choice of this process: the environment variable MASKBENCH_DEVICE, else `auto`. */
export function deviceOfEnvironment(environment: NodeJS.ProcessEnv = process.env): DeviceChoice {
  const named = environment[DEVICE_VARIABLE];
  return named === undefined || named === '' ? 'auto' : readDevice(named, DEVICE_VARIABLE);
}

/** What a suite's `engine.device` comes to: undefined where the environment variable says otherwise. */
export const suiteDevice = (device: DeviceChoice, environment: NodeJS.ProcessEnv = process.env): DeviceChoice | undefined =>
  (environment[DEVICE_VARIABLE] ? undefined : device);

/** What a person asks for: with an option, else MASKBENCH_DEVICE, else the suite. */
export const deviceMeant = (suite: DeviceChoice, option?: DeviceChoice): DeviceChoice => option ?? suiteDevice(suite) ?? deviceOfEnvironment();

/** A device, with what was found of GPUs while choosing it (null where nothing was looked for). */
export interface ChosenDevice { readonly device: Device; readonly gpus: GpuSearch | null }

/** Decides what a choice means on this machine. EngineError where `cuda` is asked for and there is no GPU, or no build for the platform. */
export async function chooseDevice(choice: DeviceChoice, search: () => Promise<GpuSearch> = findGpus): Promise<ChosenDevice> {
  if (choice === 'cpu') return { device: 'cpu', gpus: null };
  if (choice === 'auto' && !hasCuda()) return { device: 'cpu', gpus: null };
  const gpus = await search();
  if (gpus.present && hasCuda()) return { device: 'cuda', gpus };
  if (choice === 'auto') return { device: 'cpu', gpus };
  if (gpus.present) throw new EngineError(`there is no CUDA build of TensorFlow for ${platformName()}`, { where: 'device cuda', fix: 'Use the device cpu, or Linux on x86-64.' });
  throw new EngineError(`there is no NVIDIA GPU here. Looked for:\n    - ${gpus.looked.join('\n    - ')}`, {
    where: 'device cuda',
    fix: 'Where a GPU is built in, install its driver; in a container, hand the GPU through (docker run --gpus all). The devices cpu and auto compute without one.',
  });
}
