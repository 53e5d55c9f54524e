import { expect, it } from 'vitest';
import { uperNetProtocol } from '../../src/protocols/upernet/run.js';
import { openEngine } from '../engine/open.js';
import { filled } from './filled.js';
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
