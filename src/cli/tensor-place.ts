import { describeCpu } from '../engine/cpu.js';
import { oneDnnEnabled } from '../engine/onednn.js';
import { chooseDevice, deviceMeant, runtimeStatus } from '../engine/runtime/index.js';
import { MaskbenchError } from '../errors.js';
import type { TensorPlace } from '../runner/machine.js';
import type { Asked } from './machine-check.js';

/** What tensors run on here under a suite, as far as it can be told without setting anything up. */
export async function tensorPlace(asked: Pick<Asked, 'suite' | 'device'>): Promise<TensorPlace> {
  const choice = deviceMeant(asked.suite.engine.device, asked.device);
  const oneDnn = oneDnnEnabled();
  try {
    const status = await runtimeStatus({ device: choice });
    const { device, gpus } = status.state === 'ready' ? status.runtime : await chooseDevice(choice);
    // Libraries in a folder that the user named do not always say it.
    const version = status.state === 'ready' ? /^\d+\.\d+\.\d+$/.exec(status.runtime.version)?.[0] : undefined;
    return {
      oneDnn,
      // Where a GPU is to be seen TensorFlow may compute on the CPU all the same: only the loaded library tells.
      ...(device === 'auto' || (choice === 'auto' && device === 'cuda') ? {} : { device, deviceName: device === 'cpu' ? describeCpu().model : gpus?.gpus[0]?.name ?? 'NVIDIA GPU' }),
      ...(version === undefined ? {} : { runtime: version }),
    };
  } catch (error) {
    // Said where tensors are needed: a run of cached jobs needs none.
    if (!(error instanceof MaskbenchError)) throw error;
    return { oneDnn };
  }
}
