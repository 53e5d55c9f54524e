import { expect, it } from 'vitest';
import { tinyCase, type Step } from '../../bench/cases.js';
import { waitOfSteps } from '../../bench/contestant/loader.js';
import { workload } from '../../bench/contestant/workload.js';
import { openEngine } from '../../src/engine/index.js';

it.each(['mae', 'mixedae', 'ibot', 'fine-tune', 'features'] as const satisfies readonly Step[])('with a loader\'s batches a step of %s has all its inputs, whichever changes are asked for', async (step) => {
  // MixedAE needs a second block.
  const one = { ...tinyCase, name: `tiny/${step}`, step, model: { ...tinyCase.model, depth: 2 } };
  const work = workload(one);
  const compiled = (await openEngine({ threads: 1 })).compile(work.spec);
  try {
    for (const augmentation of ['default', 'all'] as const) {
      const { waited, stepped, steps } = await waitOfSteps(one, compiled, work, { threads: 0, augmentation, seconds: 0.001 });
      expect(steps).toBeGreaterThan(0);
      expect(Math.min(waited, stepped)).toBeGreaterThan(0);
    }
  } finally {
    compiled.dispose();
  }
});
