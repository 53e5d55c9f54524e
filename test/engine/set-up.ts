import { ensureRuntime, phaseTitle, type SetUpProgress } from '../../src/engine/runtime/index.js';
import { testDevice } from './device.js';

/** Vitest's globalSetup: the runtime is there before the first test, whose time limit does not fit a download. */
export async function setup(): Promise<void> {
  let shown: SetUpProgress['phase'] | null = null;
  await ensureRuntime({
    device: testDevice,
    onProgress: ({ phase }) => {
      if (phase !== shown) process.stderr.write(`tests: ${phaseTitle[phase]}\n`);
      shown = phase;
    },
  });
}
