import { argMax } from '@tensorflow/tfjs-core';
import jstat from 'jstat';
import { describe, expect, it } from 'vitest';
import type { HostTensor } from '../../../src/engine/contract.js';
import { forward, moceMethod, moceTrain } from '../../../src/methods/moce/step.js';
import { gateTable, receivedBy } from '../../../src/methods/moce/gate-table.js';
import type { MoceOptions } from '../../../src/methods/moce/options.js';
import { difference, summary, withoutKeyBias } from '../../models/seeded.js';
import { expectSameTraining } from '../training-parity.js';
import { c, clusters, compileOne, inputs, kept, type Losses, model, noise, options, params, paramsOf, received, reference } from './reference.js';

const ofTokens: MoceOptions = { ...options, gate: 'token' };

async function gradients(own: MoceOptions, before: Float32Array = received): Promise<{ readonly outputs: Readonly<Record<string, HostTensor>>; readonly of: ReadonlyMap<string, Float32Array> }> {
  const compiled = await compileOne(paramsOf(own), moceTrain(model, own, c.batch));
  const outputs = compiled.run('one', { ...inputs(0, own), ...Object.fromEntries(reference.blocks.map((block) => [receivedBy(block), before])) }, { lr: 0, weight_decay: 0 });
  const { m } = compiled.readOptimizer();
  compiled.dispose();
  return { outputs, of: m };
}

function expectSame(found: Awaited<ReturnType<typeof gradients>>, wanted: Losses): void {
  const close = (name: string, value: number): void => expect(Math.abs(found.outputs[name]!.data[0]! / value - 1), name).toBeLessThan(1e-4);
  close('loss', wanted.loss);
  for (const [name, value] of Object.entries(wanted.losses)) close(`loss_${name}`, value);
  expect([...found.of.keys()].sort()).toEqual(Object.keys(wanted.gradients).sort());
  for (const [name, gradient] of found.of) {
    const seen = withoutKeyBias(name, gradient);
    expect(difference(summary(seen), wanted.gradients[name]!, seen.length), `gradient of ${name}`).toBeLessThan(1e-4);
  }
}

describe('MoCE holds the values of PyTorch', () => {
  it('trains the parameters of the restatement, and leaves the others', () => {
    const names = (trainable: boolean) => params.filter((spec) => spec.trainable === trainable).map(({ name }) => name).sort();
    expect(names(true)).toEqual([...reference.trained].sort());
    const computed = ['pos_embed', 'decoder_pos_embed', 'cluster_share'];
    expect(names(false)).toEqual([...reference.names.filter((name) => !reference.trained.includes(name)), ...computed].sort());
  });

  it.each([['cluster', options], ['token', ofTokens]] as const)('routes and encodes the same with a gate of the %s', async (kind, own) => {
    const train = moceTrain(model, own, c.batch);
    const compiled = await compileOne(paramsOf(own), {
      kind: 'evaluate', inputs: train.inputs, scalars: [],
      body: (args) => {
        const { tokens, gates } = forward(model, own, args);
        return { tokens, ...Object.fromEntries(Array.from(gates, ([block, gate]) => [[`values${block}`, gate.values], [`chosen${block}`, argMax(gate.chosen, -1)]] as const).flat()) };
      },
    });
    const outputs = compiled.run('one', inputs(0, own));
    compiled.dispose();
    const wanted = reference[kind];
    expect(outputs['tokens']!.shape).toEqual([c.batch, kept + 1, c.width]);
    expect(difference(summary(outputs['tokens']!.data), wanted.latent, outputs['tokens']!.data.length)).toBeLessThan(1e-5);
    reference.blocks.forEach((block, layer) => {
      expect(Array.from(outputs[`chosen${block}`]!.data)).toEqual(wanted.chosen[layer]);
      const { data } = outputs[`values${block}`]!;
      expect(difference(summary(data), wanted.values[layer]!, data.length)).toBeLessThan(1e-5);
    });
  });

  it('has the same losses and gradients', async () => {
    expectSame(await gradients(options), reference.cluster);
  });

  it('has the same losses and gradients with a gate of tokens', async () => {
    expectSame(await gradients(ofTokens), reference.token);
  });

  it('tells the same of its routing, in the step and from gate and centres alone', async () => {
    const { outputs } = await gradients(options);
    reference.statistics.forEach(({ largest, dead: idle, entropy, experts }, layer) => {
      const block = reference.blocks[layer]!;
      expect(outputs[`largest_expert_block${block}`]!.data[0]).toBeCloseTo(largest, 6);
      expect(outputs[`idle_experts_block${block}`]!.data[0]).toBeCloseTo(idle / c.experts, 6);
      expect(outputs[`gate_entropy_block${block}`]!.data[0]).toBeCloseTo(entropy, 5);
      const tensor = (name: string) => {
        const { shape, value } = params.find((spec) => spec.name === name)!;
        return { shape, data: value };
      };
      expect([...gateTable(tensor(`blocks.${block}.mlp.gate.weight`), tensor('centres')).chosen]).toEqual(experts);
    });
  });

  it('counts what each expert receives, as the gate chooses with its noise, and calls dead what has received too little', async () => {
    // Of three experts two had 10 steps' worth of images, the last none. A step of six images adds [1/2, 1/2, 0] and [0, 2/3, 1/3]: the last has 0 and 1/3 of 21, under 1/12.
    const { outputs } = await gradients(options);
    expect(reference.cluster.chosen).toEqual([[1, 0, 0, 0, 1, 1], [1, 2, 2, 1, 1, 1]]);
    const [first, second] = reference.blocks.map((block) => outputs[receivedBy(block)]!.data);
    [10.5, 10.5, 0].forEach((value, expert) => { expect(first![expert]).toBeCloseTo(value, 5); });
    [10, 10 + 2 / 3, 1 / 3].forEach((value, expert) => { expect(second![expert]).toBeCloseTo(value, 5); });
    const deadOf = (found: typeof outputs) => reference.blocks.map((block) => found[`dead_experts_block${block}`]!.data[0]);
    expect(deadOf(outputs)).toEqual([expect.closeTo(1 / 3, 6), expect.closeTo(1 / 3, 6)]);
    // Without noise no cluster goes to expert 1 of the first block: it is not dead for that.
    expect(reference.statistics.map(({ dead }) => dead)).toEqual([1, 0]);
    expect(deadOf((await gradients(options, new Float32Array(3).fill(10))).outputs)).toEqual([0, 0]);
    // A gate of tokens counts tokens: seven of each image.
    const { outputs: tokens } = await gradients(ofTokens, new Float32Array(3));
    reference.blocks.forEach((block, layer) => {
      const chosen = reference.token.chosen[layer]!;
      expect(chosen).toHaveLength(c.batch * (kept + 1));
      tokens[receivedBy(block)]!.data.forEach((value, expert) => { expect(value).toBeCloseTo(chosen.filter((one) => one === expert).length / chosen.length, 5); });
    });
  });

  it('has neither a teacher nor its loss where the weight is 0', async () => {
    const { outputs, of } = await gradients({ ...options, loss_weights: { importance: 0, load: 0, confidence: 0, distillation: 0 } });
    expect(outputs).not.toHaveProperty('loss_distillation');
    expect(outputs['loss']!.data).toEqual(outputs['loss_reconstruction']!.data);
    expect(Math.abs(outputs['loss']!.data[0]! / reference.cluster.losses.reconstruction - 1)).toBeLessThan(1e-5);
    expect([...of.keys()].sort()).toEqual([...reference.trained].sort());
  });

  it('evens out the chances that the deviation of its own noise gives', async () => {
    const own: MoceOptions = { ...options, noise_std: 2 };
    const { outputs } = await gradients(own);
    const train = moceTrain(model, own, c.batch);
    const compiled = await compileOne(paramsOf(own), {
      kind: 'evaluate', inputs: train.inputs, scalars: [],
      body: (args) => Object.fromEntries(Array.from(forward(model, own, args).gates, ([block, { logits, noisy }]) => [[`logits${block}`, logits], [`noisy${block}`, noisy]] as const).flat()),
    });
    const routed = compiled.run('one', inputs(0, own));
    compiled.dispose();
    const losses = reference.blocks.map((block) => {
      const rows = (name: string) => Array.from({ length: c.batch }, (_, b) => Array.from(routed[`${name}${block}`]!.data.slice(b * c.experts, (b + 1) * c.experts)));
      const [logits, noisy] = [rows('logits'), rows('noisy')];
      const chances = Array.from({ length: c.experts }, (_, e) => logits.reduce((sum, row, b) => sum + 1 - jstat.normal.cdf(Math.max(...noisy[b]!) - row[e]!, 0, 2 / c.experts), 0) / c.batch);
      const average = chances.reduce((sum, chance) => sum + chance, 0) / c.experts;
      return chances.reduce((sum, chance) => sum + (chance / average - 1) ** 2, 0) / c.experts;
    });
    const wanted = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    expect(Math.abs(wanted / reference.cluster.losses.load - 1)).toBeGreaterThan(0.1);
    expect(outputs['loss_load']!.data[0]! / wanted).toBeCloseTo(1, 4);
  });

  it('asks for no noise, and has no loss of its chances, where there is none', async () => {
    const own: MoceOptions = { ...options, noise_std: 0, loss_weights: { ...options.loss_weights, load: 0 } };
    const { outputs } = await gradients(own);
    expect(outputs).not.toHaveProperty('loss_load');
    expect(moceTrain(model, own, c.batch).inputs).not.toHaveProperty('noise');
    const quiet = await compileOne(params, moceTrain(model, { ...own, noise_std: 1 }, c.batch));
    const zeros = quiet.run('one', { ...inputs(0), noise: new Float32Array(noise(0, c.clusters).length) }, { lr: 0, weight_decay: 0 });
    quiet.dispose();
    for (const name of ['loss', 'loss_reconstruction', 'loss_importance', 'loss_confidence', 'loss_distillation']) expect(outputs[name]!.data[0]! / zeros[name]!.data[0]!, name).toBeCloseTo(1, 6);
  });

  it('takes the same ten AdamW steps with the same rates', async () => {
    const { training } = reference;
    const recipe = moceMethod.build({ model, options, batchSize: c.batch, seed: 0, totalSteps: training.total_steps, stepsPerEpoch: training.steps_per_epoch, clusters });
    await expectSameTraining(recipe, training, reference.names, inputs);
  });
});
