import { mul, sum, tensor, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type { HostTensor } from '../../../src/engine/contract.js';
import { homologousContrast } from '../../../src/methods/mixedae/contrastive.js';
import { forward, project } from '../../../src/methods/mixedae/network.js';
import type { MixedaeOptions } from '../../../src/methods/mixedae/options.js';
import { mixedaeMethod, mixedaeTrain } from '../../../src/methods/mixedae/step.js';
import { maskedInputs } from '../../../src/methods/mae/network.js';
import { attendSelected, type ClassToken, topKeys } from '../../../src/models/selected-attention.js';
import { difference, seeded, summary, type Summary, withoutKeyBias } from '../../models/seeded.js';
import { expectSameTraining } from '../training-parity.js';
import { c, compileOne, groups, inputs, masks, model, options, own, parameter, paramsOf, patches, reference } from './reference.js';

const trainable = paramsOf(options).filter((spec) => spec.trainable);
const values = c.patch ** 2 * 3;

/** Rows in the order of positions, where the step has a group's or an image's tokens in the order of its masks. */
function byPosition(rows: ArrayLike<number>, positions: Int32Array, perRow: number, perBlock: number, out: Float32Array, block: (row: number) => number): Float32Array {
  positions.forEach((position, row) => {
    for (let i = 0; i < perRow; i++) out[(block(row) * perBlock + position) * perRow + i] = rows[row * perRow + i]!;
  });
  return out;
}

/** With beta1 = 0 the first moment is the gradient itself. */
async function gradients(own: MixedaeOptions): Promise<{ readonly outputs: Readonly<Record<string, HostTensor>>; readonly of: ReadonlyMap<string, Float32Array> }> {
  const compiled = await compileOne(paramsOf(own), mixedaeTrain(model, own, c.batch));
  const outputs = compiled.run('one', inputs(0), { lr: 0, weight_decay: 0 });
  const { m } = compiled.readOptimizer();
  compiled.dispose();
  return { outputs, of: m };
}

function expectSame(found: Awaited<ReturnType<typeof gradients>>, wanted: typeof reference.norm_pix): void {
  const close = (name: string, value: number): void => expect(Math.abs(found.outputs[name]!.data[0]! / value - 1), name).toBeLessThan(1e-5);
  close('loss', wanted.loss);
  close('loss_reconstruction', wanted.reconstruction);
  close('loss_contrastive', wanted.contrastive);
  expect([...found.of.keys()].sort()).toEqual(Object.keys(wanted.gradients).sort());
  for (const [name, gradient] of found.of) {
    const seen = withoutKeyBias(name, gradient);
    expect(difference(summary(seen), wanted.gradients[name]!, seen.length), `gradient of ${name}`).toBeLessThan(1e-4);
  }
}

describe('MixedAE holds the values of PyTorch', () => {
  it('has the parameters of the restatement', () => {
    expect(trainable.map(({ name }) => name).sort()).toEqual([...reference.names].sort());
  });

  it('mixes as it does', () => {
    const which = new Array<number>(groups * patches).fill(-1);
    masks(0).keep.forEach((position, row) => {
      const image = Math.floor(row / own);
      which[Math.floor(image / c.images) * patches + position] = image % c.images;
    });
    expect(which).toEqual(reference.forward.which);
  });

  it('encodes and predicts the same', async () => {
    const compiled = await compileOne(paramsOf(options), {
      kind: 'evaluate', inputs: maskedInputs(model, own, c.batch), scalars: [],
      body: (args) => {
        const { encoded, predicted } = forward(model, options, args);
        return { encoded, predicted };
      },
    });
    const { encoded, predicted } = compiled.run('one', inputs(0));
    compiled.dispose();
    const { keep, masked } = masks(0);
    expect(encoded!.shape).toEqual([groups, 1 + patches, c.width]);
    const tokens = (1 + patches) * c.width;
    const latent = new Float32Array(groups * tokens);
    for (let group = 0; group < groups; group++) {
      const from = encoded!.data.slice(group * tokens, (group + 1) * tokens);
      latent.set(from.slice(0, c.width), group * tokens);
      byPosition(from.slice(c.width), keep.slice(group * patches, (group + 1) * patches), c.width, patches, latent.subarray(group * tokens + c.width, (group + 1) * tokens), () => 0);
    }
    expect(difference(summary(latent), reference.forward.latent, latent.length)).toBeLessThan(1e-5);
    expect(predicted!.shape).toEqual([c.batch, patches - own, values]);
    const all = byPosition(predicted!.data, masked, values, patches, new Float32Array(c.batch * patches * values), (row) => Math.floor(row / (patches - own)));
    expect(difference(summary(all), reference.forward.predicted, all.length)).toBeLessThan(1e-5);
  });

  it('has the same losses, shares of homologous keys and gradients with normalised pixels', async () => {
    const found = await gradients(options);
    expectSame(found, reference.norm_pix);
    const shares = Array.from({ length: c.depth - 1 }, (_, i) => found.outputs[`topk_accuracy_block${i + 1}`]!.data[0]!);
    shares.forEach((share, i) => expect(share).toBeCloseTo(reference.forward.shares[i]!, 6));
    expect(shares).toHaveLength(reference.forward.shares.length);
  });

  it('has the same losses and gradients with plain pixels', async () => {
    expectSame(await gradients({ ...options, norm_pix_loss: false }), reference.raw);
  });

  it('without segments, selection and contrast is naive mixing', async () => {
    const naive: MixedaeOptions = { ...options, segment_embed: false, topk: 'off', contrastive: { ...options.contrastive, weight: 0 } };
    const { outputs, of } = await gradients(naive);
    expect(Object.keys(outputs)).toEqual(['loss']);
    expect(Math.abs(outputs['loss']!.data[0]! / reference.naive - 1)).toBeLessThan(1e-5);
    expect([...of.keys()].filter((name) => name.startsWith('segment') || name.startsWith('projector'))).toEqual([]);
  });

  it('takes the same ten AdamW steps with the same rates', async () => {
    const { training } = reference;
    const recipe = mixedaeMethod.build({ model, options: options, batchSize: c.batch, seed: 0, totalSteps: training.total_steps, stepsPerEpoch: training.steps_per_epoch });
    await expectSameTraining(recipe, training, reference.names, inputs);
  });
});

describe('its parts alone', () => {
  /** The value of an operation of one tensor, and the gradient of its sum weighted with `weights`. */
  async function differentiated(shape: readonly number[], value: ArrayLike<number>, weights: ArrayLike<number> | null, f: (x: Tensor) => Readonly<Record<string, Tensor>>) {
    const compiled = await compileOne([parameter('x', shape, value)], {
      kind: 'train', inputs: {}, scalars: [],
      body: ({ params }) => {
        const outputs = f(params['x']!);
        const y = outputs['y']!;
        return { loss: weights === null ? y : sum<Tensor>(mul(y, tensor(Float32Array.from(weights), y.shape))), ...outputs };
      },
    });
    const outputs = compiled.run('one', {}, { lr: 0, weight_decay: 0 });
    const gradient = compiled.readOptimizer().m.get('x')!;
    compiled.dispose();
    return { outputs, gradient };
  }
  const same = (found: ArrayLike<number>, wanted: Summary): void => expect(difference(summary(found), wanted, found.length)).toBeLessThan(1e-5);

  it.each(['apart', 'alike'] as const satisfies readonly ClassToken[])('attention to the k best keys, class token %s', async (classToken) => {
    const [batch, tokens, heads, width, k] = reference.alone.shape;
    const qkv = Array.from(seeded(31, batch * tokens * 3 * width), (x) => 2 * x);
    const { outputs, gradient } = await differentiated([batch, tokens, 3 * width], qkv, seeded(32, batch * tokens * width), (x) => {
      const { attended, selected } = attendSelected(x, heads, topKeys(k, classToken));
      return { y: attended, selected };
    });
    const wanted = reference.alone[classToken];
    expect(Array.from(outputs['selected']!.data)).toEqual(wanted.selected);
    same(outputs['y']!.data, wanted.attended);
    same(gradient, wanted.gradient);
  });

  it('the contrastive loss', async () => {
    const { shape: [count, images, each, width], temperature, loss, gradient: wanted } = reference.alone.contrast;
    const { outputs, gradient } = await differentiated([count, images * each, width], seeded(33, count * images * each * width), null, (x) => ({ y: homologousContrast(x, images, temperature) }));
    expect(Math.abs(outputs['y']!.data[0]! / loss - 1)).toBeLessThan(1e-5);
    same(gradient, wanted);
  });

  it.each([1, 3] as const)('a projector of %i layers', async (depth) => {
    const params = Array.from({ length: depth }, (_, layer) => {
      const entering = layer === 0 ? 6 : 5;
      return [parameter(`projector.fc${layer + 1}.weight`, [5, entering], seeded(40 + 2 * layer, 5 * entering)), parameter(`projector.fc${layer + 1}.bias`, [5], seeded(41 + 2 * layer, 5))];
    }).flat();
    // A class token in front of each of the two groups, which no projector sees.
    const drawn = seeded(34, 2 * 4 * 6);
    const tokens = Float32Array.from([...new Array<number>(6).fill(9), ...drawn.slice(0, 24), ...new Array<number>(6).fill(9), ...drawn.slice(24)]);
    const compiled = await compileOne(params, {
      kind: 'evaluate', inputs: { tokens: { shape: [2, 5, 6], type: 'float32' } }, scalars: [],
      body: (args) => ({ z: project(args.params, { width: 5, depth }, args.inputs['tokens']!) }),
    });
    const { z } = compiled.run('one', { tokens });
    compiled.dispose();
    expect(z!.shape).toEqual([2, 4, 5]);
    same(z!.data, reference.alone[`projector_${depth}`]);
  });
});
