import { expect, it } from 'vitest';
import { registries, suiteMembers } from '../../src/catalog.js';
import type { SpeedConfig } from '../../src/jobs/configs.js';
import { suiteNodes } from '../../src/jobs/nodes.js';
import { readSuite } from '../../src/suite/load.js';

const text = `
name: pace
reference: ibot
model: { name: vit_small, image_size: 32, patch_size: 8 }
data: { emoji: { source: emoji } }
pretrain: { batch_size: 64 }
entries:
  - { name: ibot, method: ibot, schedule: { epochs: 400 } }
  - { name: mixedae, method: mixedae, schedule: { epochs: 1600 } }
  - { name: scratch, method: scratch }
speed: { models: [vit_tiny, vit_small], batch_size: 8 }
`;

it('a suite of speed alone plans one exclusive job a model, with the length of every schedule, and no training', async () => {
  const known = await registries();
  const nodes = await suiteNodes(await readSuite(text, 'pace.yaml', suiteMembers(known)), known);
  expect(nodes.map(({ id, exclusive }) => [id, exclusive ?? false])).toEqual([['prepare/emoji', false], ['speed/vit_tiny', true], ['speed/vit_small', true]]);
  const { entries, model, rounds } = nodes[1]!.config as unknown as SpeedConfig;
  expect(model).toMatchObject({ name: 'vit_tiny', image_size: 32, patch_size: 8, width: 192 });
  expect(rounds).toBe(10);
  expect(entries.map(({ name, epochs }) => [name, epochs])).toEqual([['ibot', 400], ['mixedae', 1600]]);
  // Four times as many epochs are four times as many images, to the rounding of one step.
  expect(Math.abs(entries[1]!.scheduleImages - 4 * entries[0]!.scheduleImages)).toBeLessThanOrEqual(4 * 64);
  expect(entries[0]!.scheduleImages).toBe(entries[0]!.steps * 64);
});

it('says which entry cannot take the batch', async () => {
  const known = await registries();
  const suite = await readSuite(text.replace('batch_size: 8 }', 'batch_size: 6 }'), 'pace.yaml', suiteMembers(known));
  await expect(suiteNodes(suite, known)).rejects.toThrow(/the speed of mixedae cannot be measured with vit_tiny and 6 images a step/);
});
