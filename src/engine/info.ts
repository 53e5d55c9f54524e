import { version_core } from '@tensorflow/tfjs-core';
import type { EngineInfo, Precision } from './contract.js';
import type { OpenedDevice } from './device.js';
import type { NativeBackend } from './native.js';
import { oneDnnEnabled } from './onednn.js';

/** Facts about the opened engine, for results and for `maskbench engine`. */
export function engineInfo({ binding }: NativeBackend, threads: EngineInfo['threads'], mode: EngineInfo['mode'], precision: Precision, { device, name, gpu }: OpenedDevice): EngineInfo {
  return {
    name: 'tensorflow',
    mode,
    precision,
    device,
    deviceName: name,
    ...(gpu === null ? {} : { gpu }),
    runtime: binding.TF_Version,
    tfjs: version_core,
    node: process.versions.node,
    threads,
    oneDnn: oneDnnEnabled(),
  };
}
