import type { OpenEngine } from '../../src/engine/contract.js';
import { openEngine as open } from '../../src/engine/index.js';
import { testDevice } from './device.js';

// Expected values and tolerances are those of whole float32 products. The driver reads it as the library loads.
if (testDevice === 'cuda') process.env['NVIDIA_TF32_OVERRIDE'] = '0';

/** The engine on the tests' device. */
export const openEngine: OpenEngine = (options) => open({ device: testDevice, ...options });
