import { expect, it } from 'vitest';
import { uperNetProtocol } from '../../src/protocols/upernet/run.js';
import { openEngineThatShows } from '../engine/modes.js';
import { openEngine } from '../engine/open.js';
import { filled } from './filled.js';
import { expectParameterGroups } from './parameter-groups.js';
import { toyEncoder, toyModel } from './toy.js';
import { toyMaps } from './toy-maps.js';

it('learns eight pictures by heart, to an mIoU of 0.95', async () => {
  const engine = await openEngine({ threads: 1 });
  const { trainScore } = await uperNetProtocol.run({
    ...toyMaps({ train: 8, validation: 0, test: 1 }, { square: 48, shapes: 1 }), engine, model: toyModel, encoder: toyEncoder(), seed: 0,
    options: filled('upernet', { lr: 0.01, layer_decay: 1, steps: 120, scale: [1, 1], flip: 0, drop_path: 0 }), progress: () => undefined, log: () => undefined, phases: { enter: () => undefined },
  });
  expect(trainScore).toBeGreaterThanOrEqual(0.95);
});

it('trains each layer at its rate, and neither biases and norms nor the class token and positions decay', async () => {
  const { engine, compiled } = await openEngineThatShows('eager');
  await uperNetProtocol.run({
    ...toyMaps({ train: 2, validation: 0, test: 1 }, { square: 48, shapes: 1 }), engine, model: toyModel, encoder: toyEncoder(), seed: 0,
    options: filled('upernet', { lr: 0.01, layer_decay: 0.5, steps: 1, batch_size: 2 }), progress: () => undefined, log: () => undefined, phases: { enter: () => undefined },
  });
  expectParameterGroups(compiled.find(({ trains }) => trains)!.spec.params);
});
