import { beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../src/engine/contract.js';
import type { JsonObject } from '../../src/files.js';
import { encoderMacs } from '../../src/models/flops.js';
import { protocols } from '../../src/protocols/index.js';
import type { Judgement, ProtocolSpec } from '../../src/protocols/protocol.js';
import { stream } from '../../src/random.js';
import { openEngine } from '../engine/open.js';
import { distance, expectSameState, openEngineThatShows, stateOf, TOLERANCE, type Mode } from '../engine/modes.js';
import { filled } from './filled.js';
import { judge } from './judge.js';
import { relabelled, toy, toyEncoder, toyModel, type Toy } from './toy.js';

let engine: Engine;
beforeAll(async () => { engine = await openEngine({ threads: 1 }); });

/** Settings under which a toy task is learnt in a moment, and the same with something to choose. */
const settings: Readonly<Record<string, { readonly plain: JsonObject; readonly grid: JsonObject; readonly searched: string }>> = {
  'fine-tune': {
    plain: { lr: 0.01, layer_decay: 1, steps: 40, batch_size: 16, drop_path: 0.1, augment: { crop_scale: [0.6, 1] } },
    grid: { lr: [1e-5, 0.003, 0.01], layer_decay: 1, steps: 12, batch_size: 16, augment: { crop_scale: [0.6, 1] } },
    searched: 'lr',
  },
  linear: { plain: { lr: 0.1, steps: 60 }, grid: { lr: [1e-6, 0.1, 0.3], weight_decay: [0, 0.1], steps: 40 }, searched: 'lr' },
  knn: { plain: { k: 3 }, grid: { k: [1, 3, 9] }, searched: 'k' },
};

/** The ways through a protocol's network that the engines are compared on: what `plain` is not enough for. */
const ways: Readonly<Record<string, readonly JsonObject[]>> = { 'fine-tune': [{ steps: 50 }, { steps: 50, pool: 'cls', drop_path: 0 }], linear: [{ steps: 50 }], knn: [{}] };

async function run(spec: ProtocolSpec, { task, set, features }: Toy, options: JsonObject, seed = 0, own = engine): Promise<Judgement> {
  const common = { engine: own, model: toyModel, options: filled(spec.name, options), task, seed, progress: () => undefined, log: () => undefined, phases: { enter: () => undefined } };
  return judge(await spec.load(), { ...common, encoder: toyEncoder(seed), set, features });
}

const accuracy = (predictions: Int32Array, labels: readonly number[]): number => labels.filter((label, i) => predictions[i] === label).length / labels.length;
const withoutTest = ({ trials, chosen, atEdge, curve, trainAccuracy }: Judgement) => ({ trials, chosen, atEdge, curve, trainAccuracy });
/** The toy's features are the same by either pooling. */
const withTest = ({ width, cls }: Toy['features'], test: Float32Array): Toy['features'] => ({ width, cls: { ...cls, test }, mean: { ...cls, test } });
const three = { train: [6, 6, 6], validation: [3, 3, 3], test: [5, 5, 5] };

describe.each(Object.entries(protocols).filter(([, { judges }]) => judges === 'classification'))('protocol %s', (name, spec) => {
  const { plain, grid, searched } = settings[name]!;

  it('is registered under its own name, with a default for every option, or off', () => {
    expect(spec.name).toBe(name);
    expect(spec.schema['additionalProperties']).toBe(false);
    for (const property of Object.values(spec.schema['properties'] as Readonly<Record<string, JsonObject>>)) {
      if (!('default' in property)) expect(property['description']).toMatch(/Off unless given\.$/);
      else expect(property).toHaveProperty('default');
    }
  });

  it('learns a task that is easy to separate', async () => {
    const easy = toy(three);
    const judgement = await run(spec, easy, plain);
    expect(accuracy(judgement.predictions, easy.task.test.labels)).toBe(1);
    expect(judgement.trainAccuracy).toBe(1);
    expect(judgement.trials).toEqual([]);
    expect(judgement.atEdge).toEqual([]);
    expect(judgement.chosen).toHaveProperty(searched, plain[searched]);
    for (const { loss } of judgement.curve) expect(loss).toBeGreaterThan(0);
  });

  it('is at chance where labels mean nothing', async () => {
    // The picture does not tell the label: both classes have the same colour.
    const coin = toy({ train: [40], validation: [0], test: [300] }, { label: (_, image) => stream(11, 'toy/coin', image).integer(2), noise: 20 });
    const task = { ...coin.task, classes: ['heads', 'tails'] };
    const judgement = await run(spec, { ...coin, task }, plain);
    expect(judgement.predictions).toHaveLength(300);
    // Four standard deviations of a fair coin thrown 300 times: outside once in 16000 seeds.
    expect(Math.abs(accuracy(judgement.predictions, task.test.labels) - 0.5)).toBeLessThan(4 * Math.sqrt(0.25 / 300));
  });

  it('gives the same again, to the bit', async () => {
    const once = await run(spec, toy(three), grid);
    await run(spec, toy({ train: [4, 4], validation: [2, 2], test: [3, 3] }), plain, 5);
    expect(await run(spec, toy(three), grid)).toEqual(once);
  });

  it.each(ways[name]!)('computes the same traced as op by op: curve, predictions, and what it trained, with %o', async (own) => {
    const judged = async (mode: Mode) => {
      const { engine: shown, compiled } = await openEngineThatShows(mode);
      const judgement = await run(spec, toy(three, { noise: 30 }), { ...plain, ...own }, 0, shown);
      const states = compiled.filter(({ trains }) => trains).map(({ model }) => stateOf(model));
      for (const { model } of compiled) model.dispose();
      return { judgement, states, compiled: compiled.length };
    };
    const [eager, traced] = [await judged('eager'), await judged('traced')];
    expect(eager.compiled > 0).toBe(name !== 'knn'); // which counts neighbours without tensors
    expect(distance(traced.judgement.curve.map(({ loss }) => loss), eager.judgement.curve.map(({ loss }) => loss))).toBeLessThan(TOLERANCE);
    expect({ ...traced.judgement, curve: [] }).toEqual({ ...eager.judgement, curve: [] });
    traced.states.forEach((state, i) => { expectSameState(state, eager.states[i]!); });
    expect([traced.states.length, traced.states.map(({ optimizer }) => optimizer.step)]).toEqual([eager.states.length, eager.states.map(() => 50)]);
  });

  it('refuses an unknown option with the nearest name', async () => {
    const wrong = searched === 'k' ? 'kk' : 'lrr';
    await expect(run(spec, toy(three), { [wrong]: 1 })).rejects.toThrow(`unknown key "${wrong}"; did you mean "${searched}"?`);
    await expect(run(spec, toy(three), { [searched]: 'many' })).rejects.toThrow(searched);
    await expect(run(spec, toy(three), { [searched]: [] })).rejects.toThrow(searched);
  });

  it('chooses on validation, records every trial and marks the edge of the grid', async () => {
    const { trials, chosen, atEdge } = await run(spec, toy(three), grid);
    const values = grid[searched] as number[];
    expect(new Set(trials.map((trial) => trial.options[searched]))).toEqual(new Set(values));
    const best = Math.max(...trials.map((trial) => trial.validation));
    expect(trials.find((trial) => JSON.stringify(trial.options) === JSON.stringify(chosen))?.validation).toBe(best);
    expect(atEdge.includes(searched)).toBe(chosen[searched] === Math.min(...values) || chosen[searched] === Math.max(...values));
  });

  it('chooses the pooling on validation too where there is a list, and marks no edge of it', async () => {
    const easy = toy(three);
    const noise = { train: new Float32Array(18 * 6), validation: new Float32Array(9 * 6), test: new Float32Array(15 * 6) };
    for (const [split, rows] of Object.entries(noise)) rows.forEach((_, i) => { rows[i] = stream(3, `toy/${split}`, i).normal(); });
    for (const informative of ['cls', 'mean'] as const) {
      const features = { width: 6, cls: noise, mean: noise, [informative]: easy.features[informative] };
      const judgement = await run(spec, { ...easy, features }, { ...plain, pool: ['mean', 'cls'] });
      expect(judgement.trials.map(({ options }) => options['pool'])).toEqual(['mean', 'cls']);
      expect(judgement.atEdge).not.toContain('pool');
      if (spec.needs === 'encoder') continue;
      expect(judgement.chosen['pool']).toBe(informative);
      expect(accuracy(judgement.predictions, easy.task.test.labels)).toBe(1);
    }
    await expect(run(spec, easy, { ...plain, pool: ['mean', 'max'] })).rejects.toThrow('pool');
  });

  it('cannot be swayed by the test split: other test labels or images change nothing but predictions', async () => {
    const honest = toy(three, { noise: 30 });
    const once = await run(spec, honest, grid);
    const labels = honest.task.test.labels.map((label) => (label + 1) % 3);
    expect(await run(spec, { ...honest, task: relabelled(honest.task, 'test', labels) }, grid)).toEqual(once);

    // Other test images: black pictures, zero features.
    const pixels = honest.set.pixels.slice();
    for (const index of honest.task.test.indices) pixels.fill(0, index * 8 * 8 * 3, (index + 1) * 8 * 8 * 3);
    const other = await run(spec, { ...honest, set: { ...honest.set, pixels }, features: withTest(honest.features, new Float32Array(honest.features.cls.test.length)) }, grid);
    expect(withoutTest(other)).toEqual(withoutTest(once));
    expect(other.predictions).not.toEqual(once.predictions);
  });

  it('predicts a test image as if it were the only one: no statistics of the test split', async () => {
    const honest = toy(three, { noise: 30 });
    const together = await run(spec, honest, plain);
    const width = honest.features.width;
    // One class alone: its mean and variance are not those of the whole split.
    const chosen = honest.task.test.labels.flatMap((label, at) => (label === 1 ? [at] : []));
    const alone = await run(spec, {
      ...honest,
      task: { ...honest.task, test: { indices: chosen.map((at) => honest.task.test.indices[at]!), labels: chosen.map(() => 1) } },
      features: withTest(honest.features, Float32Array.from(chosen.flatMap((at) => [...honest.features.cls.test.subarray(at * width, (at + 1) * width)]))),
    }, plain);
    expect([...alone.predictions]).toEqual(chosen.map((at) => together.predictions[at]));
    expect(withoutTest(alone)).toEqual(withoutTest(together));
  });

  it('lets no test label reach the protocol at all', async () => {
    const { task, ...rest } = toy(three);
    const guarded = { ...task, test: { indices: task.test.indices, get labels(): readonly number[] { throw new Error('a test label was read'); } } };
    await expect(run(spec, { ...rest, task: guarded }, grid)).resolves.toHaveProperty('predictions');
  });

  it('tries on the train split alone, then trains on train and validation', async () => {
    const honest = toy(three, { noise: 30 });
    const once = await run(spec, honest, grid);
    // Wrong validation labels reach the scores of the trials (each is worse) and the last training, not the trials' training.
    const labels = honest.task.validation.labels.map((label) => (label + 1) % 3);
    const swayed = await run(spec, { ...honest, task: relabelled(honest.task, 'validation', labels) }, grid);
    once.trials.forEach((trial, i) => {
      const right = trial.validation * labels.length;
      expect(swayed.trials[i]!.validation * labels.length).toBeLessThanOrEqual(labels.length - right + 1e-9);
    });
    // Trained on: without a choice to make, wrong labels of the validation images move the predictions.
    const merged = toy({ train: [1, 1, 1], validation: [8, 8, 8], test: [5, 5, 5] });
    const misled = { ...merged, task: relabelled(merged.task, 'validation', merged.task.validation.labels.map((label) => (label + 1) % 3)) };
    expect(accuracy((await run(spec, misled, plain)).predictions, misled.task.test.labels)).toBeLessThan(0.5);
  });

  it('does with unequal classes, two classes, and a class that validation lacks', async () => {
    const unequal = toy({ train: [20, 4], validation: [5, 0], test: [3, 11] });
    const judgement = await run(spec, unequal, { ...plain, [searched]: grid[searched]! });
    expect(judgement.predictions).toHaveLength(14);
    expect(judgement.trials.length).toBeGreaterThan(1);
    expect(accuracy(judgement.predictions, unequal.task.test.labels)).toBe(1);
  });

  it('needs validation images where there is something to choose, and none where there is not', async () => {
    const bare = toy({ train: [6, 6, 6], validation: [0, 0, 0], test: [4, 4, 4] });
    await expect(run(spec, bare, grid)).rejects.toThrow('no validation image');
    expect(accuracy((await run(spec, bare, plain)).predictions, bare.task.test.labels)).toBe(1);
  });

  it.each(['plain', 'grid'] as const)('puts as many images through and does as many operations as the plan says, with its %s settings', async (which) => {
    const uneven = toy({ train: [6, 6, 7], validation: [3, 2, 3], test: [5, 5, 1] });
    const options = filled(name, settings[name]![which]);
    const { train, validation, test } = uneven.task;
    const [trained, validated, tested] = [train, validation, test].map(({ indices }) => indices.length) as [number, number, number];
    const width = spec.needs === 'features' ? uneven.features.width : toyModel.width;
    const sizes = { train: trained, validation: validated, test: tested };
    const images = spec.images(options, sizes);
    const planned = 2 * encoderMacs(toyModel) * (3 * images.trained + images.evaluated) + spec.flops(options, { ...sizes, classes: 3, width });
    const { flops, imagesSeen } = await run(spec, uneven, options);
    expect(flops).toBe(planned);
    expect(imagesSeen).toBe(images.trained + images.evaluated);
  });

  it('counts its work: more for more trials', async () => {
    const one = await run(spec, toy(three), { ...grid, ...Object.fromEntries(Object.entries(grid).map(([key, value]) => [key, Array.isArray(value) ? value[0]! : value])) });
    const many = await run(spec, toy(three), grid);
    expect(one.flops).toBeGreaterThan(0);
    expect(many.flops).toBeGreaterThan(one.flops);
    if (spec.needs === 'features') expect(many.imagesSeen).toBe(0);
    else expect(many.imagesSeen).toBeGreaterThan(one.imagesSeen);
  });

  it('leaves no tensor behind', async () => {
    await run(spec, toy(three), plain);
    const before = engine.liveTensors();
    await run(spec, toy(three), plain);
    expect(engine.liveTensors()).toBe(before);
  });
});
