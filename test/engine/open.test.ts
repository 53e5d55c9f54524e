import { expect, it, vi } from 'vitest';
import { temporaryFolder } from '../temporary-folder.js';
import { openEngine } from './open.js';

it('an engine that did not open is opened anew by the next call', async () => {
  vi.stubEnv('MASKBENCH_TENSORFLOW', temporaryFolder());
  await expect(openEngine({ threads: 1 })).rejects.toThrow('no TensorFlow library');
  vi.unstubAllEnvs();
  expect((await openEngine({ threads: 1 })).info.threads.interOp).toBe(1);
});
