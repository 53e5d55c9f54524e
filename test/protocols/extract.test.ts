import { expect, it } from 'vitest';
import { evaluationBatch } from '../../src/protocols/evaluation-batch.js';
import { extract } from '../../src/protocols/extract.js';
import { openEngine } from '../engine/open.js';
import { distance, openEngineThatShows } from '../engine/modes.js';
import { toy, toyEncoder, toyModel } from './toy.js';

const batch = evaluationBatch(toyModel);
const count = batch + 3;
const { set } = toy({ train: [count - 40, 40], validation: [], test: [] }, { noise: 40 });
const all = Array.from({ length: count }, (_, i) => i);
const row = 2 * toyModel.width;
const phases = { enter: () => undefined };

it('gives an image the features that it has alone, also in a last batch that is not full', async () => {
  const engine = await openEngine({ threads: 1 });
  const seen: number[] = [];
  const features = await extract(engine, toyModel, toyEncoder(), set, all, phases, (done) => seen.push(done));
  expect(features).toHaveLength(count * row);
  expect(seen).toEqual([batch, count]);
  const own = (image: number): Float32Array => features.subarray(image * row, (image + 1) * row);
  for (const image of [0, 1, batch - 1, batch, batch + 1, batch + 2]) {
    const alone = await extract(engine, toyModel, toyEncoder(), set, [image], phases, () => undefined);
    expect(alone).toHaveLength(row);
    expect(distance(own(image), alone)).toBeLessThan(1e-6);
  }
  expect(distance(own(batch), own(batch + 1))).toBeGreaterThan(1e-3); // pictures are told apart
});

it('computes the same traced as op by op', async () => {
  const extracted = async (mode: 'eager' | 'traced') => {
    const { engine, compiled } = await openEngineThatShows(mode);
    const features = await extract(engine, toyModel, toyEncoder(), set, all, phases, () => undefined);
    for (const { model } of compiled) model.dispose();
    return features;
  };
  expect(distance(await extracted('traced'), await extracted('eager'))).toBeLessThan(1e-5);
});
