import { beforeAll, describe, expect, it } from 'vitest';
import { ignoredLabel } from '../../src/data/dense.js';
import type { Engine } from '../../src/engine/contract.js';
import type { JsonObject } from '../../src/files.js';
import { encoderMacs } from '../../src/models/flops.js';
import { scoredOf } from '../../src/protocols/dense/scored.js';
import { protocols } from '../../src/protocols/index.js';
import type { ProtocolSpec, SegmentationJudgement } from '../../src/protocols/protocol.js';
import { openEngine } from '../engine/open.js';
import { distance, expectSameParams, expectSameState, openEngineThatShows, stateOf, TOLERANCE, type Mode } from '../engine/modes.js';
import { filled } from './filled.js';
import { toyEncoder, toyModel } from './toy.js';
import { type ToyMaps, toyMaps } from './toy-maps.js';
import { poolCounts, segmentationCounts, segmentationScores } from '../../src/metrics/index.js';

const longParity = Number(process.env['MASKBENCH_PARITY_STEPS'] ?? 0);
let engine: Engine;
beforeAll(async () => { engine = await openEngine({ threads: 1 }); });

/**
 * Settings under which the toy is learnt, with an mIoU that is far from chance (a patch has 4 pixels, a rectangle 5 to 16); and with something to choose.
 * `parity`: steps in which traced and op by op are compared. With batch norms and ReLU rounding errors grow fast: in 50 steps of UperNet to 5e-4 of the loss;
 * `npm run test:parity` holds those at a rate small enough that no ReLU changes sides.
 */
const settings: Readonly<Record<string, { readonly plain: JsonObject; readonly grid: JsonObject; readonly reaches: number; readonly parity: number; readonly least: number }>> = {
  upernet: { plain: { lr: 0.01, layer_decay: 1, steps: 80, channels: 32, scale: [1, 1] }, grid: { lr: [1e-5, 0.003, 0.01], layer_decay: 1, steps: 8, channels: 8 }, reaches: 0.65, parity: 6, least: 4 },
  'linear-segmentation': { plain: { lr: 0.03, steps: 60, scale: [1, 1] }, grid: { lr: [1e-5, 0.03, 0.1], steps: 8 }, reaches: 0.6, parity: 50, least: 1 },
};

async function run(spec: ProtocolSpec, { task, set, annotations }: ToyMaps, options: JsonObject, seed = 0, own = engine): Promise<SegmentationJudgement> {
  const protocol = await spec.load();
  if (protocol.judges !== 'segmentation') throw new Error('not a protocol of segmentation');
  return protocol.run({ engine: own, model: toyModel, encoder: toyEncoder(seed), options: filled(spec.name, options), task, set, annotations, seed, progress: () => undefined, log: () => undefined, phases: { enter: () => undefined } });
}

const meanIou = (truths: readonly Uint8Array[], maps: readonly Uint8Array[], classes: number): number =>
  segmentationScores(poolCounts(truths.map((truth, i) => segmentationCounts(truth, maps[i]!, classes, ignoredLabel)))).mIoU;
const score = ({ task, truth }: ToyMaps, maps: readonly Uint8Array[]): number => meanIou(task.test.indices.map((index) => truth[index]!), maps, task.classes.length);
const withoutTest = ({ trials, chosen, atEdge, curve, trainScore }: SegmentationJudgement) => ({ trials, chosen, atEdge, curve, trainScore });
const counts = { train: 12, validation: 4, test: 5 };

describe.each(Object.entries(protocols).filter(([, { judges }]) => judges === 'segmentation'))('protocol %s', (name, spec) => {
  const { plain, grid, reaches, parity, least } = settings[name]!;

  it('is registered under its own name, with a described default for every option', () => {
    expect(spec.name).toBe(name);
    expect(spec.schema['additionalProperties']).toBe(false);
    for (const property of Object.values(spec.schema['properties'] as Readonly<Record<string, JsonObject>>)) {
      expect(property).toHaveProperty('default');
      expect(property['description']).toMatch(/\.$/);
    }
  });

  it('learns coloured squares, and gives maps of the original sizes', async () => {
    const toy = toyMaps(counts);
    const judgement = await run(spec, toy, plain);
    expect(judgement.maps.map(({ length }) => length)).toEqual(toy.task.test.indices.map((index) => toy.truth[index]!.length));
    expect(score(toy, judgement.maps)).toBeGreaterThan(reaches);
    expect(judgement.trainScore).toBeGreaterThan(reaches);
    expect(judgement.trials).toEqual([]);
    expect(judgement.chosen).toHaveProperty('lr', plain['lr']);
    expect(judgement.curve.at(-1)!.loss).toBeLessThan(judgement.curve[0]!.loss / 2);
  });

  it('learns it by windows too, whose logits are averaged', async () => {
    const toy = toyMaps(counts);
    const judgement = await run(spec, toy, { ...plain, window: { size: 24, stride: 5 } });
    expect(judgement.maps.map(({ length }) => length)).toEqual(toy.task.test.indices.map((index) => toy.truth[index]!.length));
    expect(score(toy, judgement.maps)).toBeGreaterThan(reaches);
  });

  it('one window that is the picture is the whole picture', async () => {
    const toy = toyMaps(counts);
    const options = { ...plain, steps: 8 };
    const [whole, window] = [await run(spec, toy, options), await run(spec, toy, { ...options, window: { size: 32, stride: 32 } })];
    expect(window.curve).toEqual(whole.curve);
    expect(window.flops).toBe(whole.flops);
    // Resized once or twice: a pixel at a border may change its class.
    const same = window.maps.reduce((sum, map, i) => sum + map.filter((label, at) => label === whole.maps[i]![at]).length, 0) / window.maps.reduce((sum, map) => sum + map.length, 0);
    expect(same).toBeGreaterThan(0.95);
  });

  it.each([
    [{ window: { size: 40, stride: 8 } }, 'do not fit'], [{ window: { size: 16, stride: 17 } }, 'leave gaps'], [{ window: { size: 30, stride: 8 } }, 'cannot be cut into patches'],
    [{ scale: [2, 1] }, 'scale goes from 2 to 1'], [{ lrr: 1 }, 'did you mean "lr"'], [{ lr: [] }, 'lr'],
  ] as const)('refuses %o', async (options, message) => {
    await expect(run(spec, toyMaps(counts), options)).rejects.toThrow(message);
  });

  it('refuses such options by the task\'s shape alone, before anything has run', () => {
    // The toy's pictures: 8 patches of 4 a side.
    const planned = (options: JsonObject) => () => spec.flops(filled(name, { ...plain, ...options }), { train: 12, validation: 4, test: 5, classes: 4, width: toyModel.width, side: 32 / toyModel.patchSize, patchSize: toyModel.patchSize });
    expect(planned({})()).toBeGreaterThan(0);
    expect(planned({ window: { size: 40, stride: 8 } })).toThrow('do not fit');
    expect(planned({ window: { size: 30, stride: 8 } })).toThrow('windows of 30 pixels cannot be cut into patches of 4');
    expect(planned({ scale: [2, 1] })).toThrow('scale goes from 2 to 1');
  });

  it('takes windows as small as its head can', async () => {
    const small = (patches: number) => run(spec, toyMaps(counts), { ...plain, steps: 2, window: { size: patches * toyModel.patchSize, stride: 4 } });
    expect((await small(least)).maps).toHaveLength(5);
    if (least > 1) await expect(small(least - 1)).rejects.toThrow(`windows of ${(least - 1) * toyModel.patchSize} pixels are ${least - 1} patches a side, and the head takes at least ${least}`);
  });

  it('tells what the most frequent class reaches on the very pictures that its score is of, which are not all', async () => {
    const toy = toyMaps({ train: 70, validation: 10, test: 1 });
    const scored = scoredOf([...toy.task.train.indices, ...toy.task.validation.indices]);
    expect(scored).toHaveLength(64);
    const { blindScore } = await run(spec, toy, { ...plain, steps: 1 });
    const constant = (label: number): number => meanIou(scored.map((index) => toy.truth[index]!), scored.map((index) => new Uint8Array(toy.truth[index]!.length).fill(label)), 4);
    expect(blindScore).toBeCloseTo(Math.max(...[0, 1, 2, 3].map(constant)), 12);
  });

  it('refuses a set without label maps', async () => {
    const toy = toyMaps(counts);
    await expect(run(spec, { ...toy, annotations: { ...toy.annotations, labels: () => null } }, plain)).rejects.toThrow('no label maps');
  });

  it('gives the same again, to the bit, and something else at another seed', async () => {
    const once = await run(spec, toyMaps(counts), grid);
    expect((await run(spec, toyMaps(counts), grid, 5)).curve).not.toEqual(once.curve);
    expect(await run(spec, toyMaps(counts), grid)).toEqual(once);
  });

  const judgedIn = async (mode: Mode, options: JsonObject) => {
    const { engine: shown, compiled } = await openEngineThatShows(mode);
    const judgement = await run(spec, toyMaps(counts), { ...plain, ...options }, 0, shown);
    const states = compiled.map(({ model }) => stateOf(model));
    for (const { model } of compiled) model.dispose();
    return { maps: judgement.maps, losses: judgement.curve.map(({ loss }) => loss), states };
  };

  it('computes the same traced as op by op: curve, maps, and what it trained', async () => {
    const options = { steps: parity, batch_size: 4 };
    const [eager, traced] = [await judgedIn('eager', options), await judgedIn('traced', options)];
    expect(distance(traced.losses, eager.losses)).toBeLessThan(TOLERANCE);
    expect(score(toyMaps(counts), traced.maps)).toBeCloseTo(score(toyMaps(counts), eager.maps), 3);
    expect(traced.states).toHaveLength(1);
    expectSameState(traced.states[0]!, eager.states[0]!);
  });

  it.runIf(longParity > parity)('computes the same losses and parameters over many steps at a small rate', async () => {
    const options = { steps: longParity, batch_size: 12, lr: 1e-4 };
    const [eager, traced] = [await judgedIn('eager', options), await judgedIn('traced', options)];
    expect(distance(traced.losses, eager.losses)).toBeLessThan(TOLERANCE);
    expectSameParams(traced.states[0]!, eager.states[0]!);
  });

  it('chooses on validation, records every trial and marks the edge of the grid', async () => {
    const { trials, chosen, atEdge } = await run(spec, toyMaps(counts), grid);
    const values = grid['lr'] as number[];
    expect(trials.map(({ options }) => options['lr'])).toEqual(values);
    const best = Math.max(...trials.map(({ validation }) => validation));
    expect(trials.find(({ options }) => JSON.stringify(options) === JSON.stringify(chosen))?.validation).toBe(best);
    expect(atEdge.includes('lr')).toBe(chosen['lr'] === values[0] || chosen['lr'] === values.at(-1));
  });

  it('cannot be swayed by the test pictures, and predicts each as if it were the only one', async () => {
    const honest = toyMaps(counts);
    const once = await run(spec, honest, plain);
    const pixels = honest.set.pixels.slice();
    for (const index of honest.task.test.indices) pixels.fill(0, index * 32 * 32 * 3, (index + 1) * 32 * 32 * 3);
    const other = await run(spec, { ...honest, set: { ...honest.set, pixels } }, plain);
    expect(withoutTest(other)).toEqual(withoutTest(once));
    expect(other.maps).not.toEqual(once.maps);
    const last = honest.task.test.indices.at(-1)!;
    const alone = await run(spec, { ...honest, task: { ...honest.task, test: { indices: [last] } } }, plain);
    expect(alone.maps[0]).toEqual(once.maps.at(-1));
  });

  it('looks at one label map at a time: each may lie where the one before lay', async () => {
    const toy = toyMaps(counts);
    const short = { ...grid, steps: 2 };
    const place = new Uint8Array(2 * 32 * 32);
    const labels = (index: number): Uint8Array => {
      const map = toy.annotations.labels(index)!;
      place.set(map);
      return place.subarray(0, map.length);
    };
    expect(await run(spec, { ...toy, annotations: { ...toy.annotations, labels } }, short)).toEqual(await run(spec, toy, short));
  });

  it('needs validation pictures where there is something to choose', async () => {
    await expect(run(spec, toyMaps({ ...counts, validation: 0 }), grid)).rejects.toThrow('no validation image');
    const toy = toyMaps(counts);
    const validated = new Set(toy.task.validation.indices);
    const annotations = { ...toy.annotations, labels: (index: number) => (validated.has(index) ? toy.truth[index]!.map(() => ignoredLabel) : toy.truth[index]!) };
    await expect(run(spec, { ...toy, annotations }, grid)).rejects.toThrow('on the validation images nothing counts');
  });

  it.each(['plain', 'grid'] as const)('puts as many pictures through and does as many operations as the plan says, with its %s settings', async (which) => {
    const toy = toyMaps({ train: 7, validation: 3, test: 2 });
    const options = filled(name, which === 'plain' ? { ...plain, steps: 3 } : grid);
    const sizes = { train: 7, validation: 3, test: 2 };
    const images = spec.images(options, sizes);
    const planned = 2 * encoderMacs({ ...toyModel, imageSize: 32 }) * (3 * images.trained + images.evaluated) + spec.flops(options, { ...sizes, classes: 4, width: toyModel.width, side: 8, patchSize: 4 });
    const { flops, imagesSeen } = await run(spec, toy, options);
    expect(flops).toBe(planned);
    expect(imagesSeen).toBe(images.trained + images.evaluated);
  });

  it('leaves no tensor behind', async () => {
    await run(spec, toyMaps(counts), grid);
    const before = engine.liveTensors();
    await run(spec, toyMaps(counts), grid);
    expect(engine.liveTensors()).toBe(before);
  });
});
