import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Compiled, FunctionSpec } from '../../../src/engine/contract.js';
import { layerNormLayer } from '../../../src/models/layer-norm.js';
import { patchify } from '../../../src/models/images.js';
import { decoderParams } from '../../../src/models/mae-decoder.js';
import { sinCosPositions } from '../../../src/models/positions.js';
import { embedPatches, encode, vitParams } from '../../../src/models/vit.js';
import { keptPatches } from '../../../src/methods/mae/kept.js';
import { type Masks, masksOfNoise } from '../../../src/methods/mae/masks.js';
import { maeInputs, predictMasked } from '../../../src/methods/mae/network.js';
import type { MaeOptions } from '../../../src/methods/mae/options.js';
import { maeMethod, maeTrain } from '../../../src/methods/mae/step.js';
import { openEngine } from '../../engine/open.js';
import { difference, seeded, seededPixels, summary, type Summary, withoutKeyBias, withSeeded } from '../../models/seeded.js';
import { expectSameTraining } from '../training-parity.js';

/** Numbers from PyTorch in float64: scripts/reference/mae.py. */
interface Reference {
  readonly config: Readonly<Record<string, number>>;
  readonly names: readonly string[];
  readonly norm_pix: { readonly loss: number; readonly gradients: Readonly<Record<string, Summary>>; readonly latent: Summary; readonly predicted: Summary; readonly mask: readonly number[] };
  readonly raw: { readonly loss: number; readonly gradients: Readonly<Record<string, Summary>> };
  readonly positions: { readonly encoder: Summary; readonly decoder: Summary; readonly patch_6: readonly number[] };
  readonly training: {
    readonly base_lr: number; readonly warmup_epochs: number; readonly steps_per_epoch: number; readonly total_steps: number;
    readonly losses: readonly number[]; readonly rates: readonly number[]; readonly parameters: Readonly<Record<string, Summary>>;
  };
}
const reference = JSON.parse(readFileSync(new URL('reference.json', import.meta.url), 'utf8')) as Reference;
const c = reference.config as Record<'image' | 'patch' | 'width' | 'depth' | 'heads' | 'ratio' | 'dec_width' | 'dec_depth' | 'dec_heads' | 'mask' | 'batch', number>;
const model = { name: 'custom', imageSize: c.image, patchSize: c.patch, width: c.width, depth: c.depth, heads: c.heads, mlpRatio: c.ratio };
const options: MaeOptions = {
  mask_ratio: c.mask, decoder: { width: c.dec_width, depth: c.dec_depth, heads: c.dec_heads }, norm_pix_loss: true,
  base_lr: reference.training.base_lr, warmup_epochs: reference.training.warmup_epochs, weight_decay: 0.05, augment: {},
};
const patches = (c.image / c.patch) ** 2;
const kept = keptPatches(patches, c.mask);
const params = withSeeded([...vitParams(model, 0), ...decoderParams(model, options.decoder, 0)], reference.names);
const masks = (step: number): Masks => masksOfNoise(seeded(2000 + step, c.batch * patches), patches, kept);
const inputs = (step: number) => ({ images: seededPixels(1000 + step, c.batch * c.image * c.image * 3), ...masks(step) });
const trainable = params.filter((spec) => spec.trainable);

/** With beta1 = 0 the first moment is the gradient itself. */
async function gradients(train: FunctionSpec): Promise<{ readonly loss: number; readonly of: ReadonlyMap<string, Float32Array> }> {
  const engine = await openEngine({ threads: 1 });
  const compiled = engine.compile({ params, optimizer: { kind: 'adamw', beta1: 0, beta2: 0.95, epsilon: 1e-8 }, functions: { train } });
  const loss = compiled.run('train', inputs(0), { lr: 0, weight_decay: 0 })['loss']!.data[0]!;
  const { m } = compiled.readOptimizer();
  compiled.dispose();
  return { loss, of: m };
}

function expectGradients(found: ReadonlyMap<string, Float32Array>, wanted: Readonly<Record<string, Summary>>): void {
  expect([...found.keys()].sort()).toEqual(Object.keys(wanted).sort());
  for (const [name, values] of found) {
    const seen = withoutKeyBias(name, values);
    expect(difference(summary(seen), wanted[name]!, seen.length), `gradient of ${name}`).toBeLessThan(1e-4);
  }
}

describe('MAE holds the values of PyTorch', () => {
  it('starts from the same list of parameters', () => {
    expect(trainable.map(({ name }) => name).sort()).toEqual([...reference.names].sort());
  });

  it('has the same positions', () => {
    const encoder = sinCosPositions(c.width, c.image / c.patch);
    expect(difference(summary(encoder), reference.positions.encoder, encoder.length)).toBeLessThan(1e-6);
    const decoder = sinCosPositions(c.dec_width, c.image / c.patch);
    expect(difference(summary(decoder), reference.positions.decoder, decoder.length)).toBeLessThan(1e-6);
    reference.positions.patch_6.forEach((value, i) => expect(encoder[7 * c.width + i]).toBeCloseTo(value, 6));
  });

  it('masks the same patches', () => {
    const { masked } = masks(0);
    const mask = new Array<number>(c.batch * patches).fill(0);
    masked.forEach((position, i) => { mask[Math.floor(i / (patches - kept)) * patches + position] = 1; });
    expect(mask).toEqual(reference.norm_pix.mask);
  });

  it('encodes and predicts the same', async () => {
    const engine = await openEngine({ threads: 1 });
    const compiled: Compiled = engine.compile({
      params,
      functions: {
        forward: {
          kind: 'evaluate', inputs: maeInputs(model, options, c.batch), scalars: [],
          body: (args) => ({
            predicted: predictMasked(model, options, args).predicted,
            latent: layerNormLayer(args.params, 'norm', encode(model, args.params, embedPatches(model, args.params, patchify(args.inputs['images']!, c.patch), args.inputs['keep']))),
          }),
        },
      },
    });
    const result = compiled.run('forward', inputs(0));
    compiled.dispose();
    const latent = result['latent']!.data as Float32Array;
    expect(difference(summary(latent), reference.norm_pix.latent, latent.length)).toBeLessThan(1e-5);
    const predicted = result['predicted']!.data as Float32Array;
    expect(result['predicted']!.shape).toEqual([c.batch, patches - kept, c.patch ** 2 * 3]);
    expect(difference(summary(predicted), reference.norm_pix.predicted, predicted.length)).toBeLessThan(1e-5);
  });

  it('has the same loss and gradients with normalised pixels', async () => {
    const found = await gradients(maeTrain(model, options, c.batch));
    expect(Math.abs(found.loss / reference.norm_pix.loss - 1)).toBeLessThan(1e-5);
    expectGradients(found.of, reference.norm_pix.gradients);
  });

  it('has the same loss and gradients with plain pixels', async () => {
    const found = await gradients(maeTrain(model, { ...options, norm_pix_loss: false }, c.batch));
    expect(Math.abs(found.loss / reference.raw.loss - 1)).toBeLessThan(1e-5);
    expectGradients(found.of, reference.raw.gradients);
  });

  it('takes the same ten AdamW steps with the same rates', async () => {
    const { training } = reference;
    const recipe = maeMethod.build({
      model, options: options, batchSize: c.batch, seed: 0,
      totalSteps: training.total_steps, stepsPerEpoch: training.steps_per_epoch,
    });
    await expectSameTraining(recipe, training, reference.names, inputs);
  });
});
