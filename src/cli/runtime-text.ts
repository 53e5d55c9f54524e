import { oneDnnEnabled } from '../engine/onednn.js';
import type { Runtime } from '../engine/runtime/index.js';

/** What of the runtime must be equal for half-finished jobs to go on, and for measurements to hold. */
export function runtimeText({ version, source, device, gpus }: Pick<Runtime, 'version' | 'source' | 'device' | 'gpus'>): string {
  const gpu = gpus?.gpus[0];
  const tf32 = process.env['NVIDIA_TF32_OVERRIDE'] ?? 'default';
  const on = device === 'cpu' ? '' : `, ${device}, ${gpu?.name ?? 'unknown GPU'}, driver ${gpus?.driver ?? 'unknown'}, TF32 ${tf32}`;
  return `TensorFlow ${version}, ${source}, oneDNN ${oneDnnEnabled() ? 'on' : 'off'}, XLA ${process.env['TF_XLA_FLAGS'] ?? 'default'}${on}`;
}
