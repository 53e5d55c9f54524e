import { expect, it } from 'vitest';
import { trainingBytes } from '../../src/jobs/estimates.js';
import { standardVits, type VitConfig } from '../../src/models/config.js';

const vit = (name: string): VitConfig => ({ name, imageSize: 224, patchSize: 16, mlpRatio: 4, ...standardVits[name]! });

/** Operations of an image and the highest memory of a process, batches of 8: docs/example/speed-vs-ibot.md. */
it.each([
  ['vit_tiny', 'ibot', 55.7e9, 2.91e9], ['vit_tiny', 'mae', 34e9, 2.44e9], ['vit_tiny', 'mixedae', 34.2e9, 2.5e9],
  ['vit_small', 'ibot', 147e9, 5.13e9], ['vit_small', 'mae', 39e9, 3.12e9], ['vit_small', 'mixedae', 39.4e9, 3.19e9],
  ['vit_base', 'ibot', 499e9, 12.4e9], ['vit_base', 'mae', 58.7e9, 5.33e9], ['vit_base', 'mixedae', 59.5e9, 5.6e9],
])('memory of %s by %s is estimated to within a quarter', (model, _, flops, measured) => {
  const ratio = trainingBytes(vit(model), flops, 8) / measured;
  expect(ratio).toBeGreaterThan(0.8);
  expect(ratio).toBeLessThan(1.25);
});

it('a small model takes what any worker does', () => {
  // quick's MAE took 1.05 to 1.37 GB.
  expect(trainingBytes({ name: 'custom', imageSize: 32, patchSize: 8, width: 96, depth: 4, heads: 3, mlpRatio: 4 }, 25e6, 64)).toBeCloseTo(1.22e9, -7);
});
