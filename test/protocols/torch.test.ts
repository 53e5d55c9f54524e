import { readFileSync } from 'node:fs';
import { grad, tensor2d, tidy } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../src/engine/contract.js';
import { vitShapes } from '../../src/models/vit.js';
import { evaluationBatch } from '../../src/protocols/evaluation-batch.js';
import { extract } from '../../src/protocols/extract.js';
import { rowsOf } from '../../src/protocols/features-view.js';
import { crossEntropy } from '../../src/protocols/fine-tune/cross-entropy.js';
import { smoothTargets } from '../../src/protocols/fine-tune/targets.js';
import { fineTuneSpec, networkShapes } from '../../src/protocols/fine-tune/network.js';
import { predict } from '../../src/protocols/fine-tune/predict.js';
import { fit, oneHot, predict as predictLinear } from '../../src/protocols/linear/fit.js';
import { standardise, statistics } from '../../src/protocols/linear/standardise.js';
import { linearSpec } from '../../src/protocols/linear/step.js';
import type { Pool } from '../../src/protocols/pool.js';
import { openEngine } from '../engine/open.js';
import { formulaModel, pictures, wave, waveWeights } from './formula.js';

interface FineTuneCase { pool: Pool; layerDecay: number; labels: number[]; logits: number[]; scales: Record<string, [number, number]>; lrs: number[]; losses: number[]; after: number[]; cls_token: number[]; head: number[] }
interface Reference {
  fineTune: FineTuneCase[];
  features: { cls: number[]; mean: number[] };
  smoothing: { classes: number; labels: number[]; smoothing: number; loss: number; gradient: number[] };
  linear: { rows: number; width: number; classes: number; steps: number; lr: number; decay: number; momentum: number; labels: number[]; x: number[]; normalised: number[]; losses: number[]; weight: number[]; bias: number[]; predictions: number[] };
}
const reference = JSON.parse(readFileSync(new URL('./torch.reference.json', import.meta.url), 'utf8')) as Reference;

/** Largest difference relative to the largest expected magnitude. */
const difference = (actual: ArrayLike<number>, expected: readonly number[]): number => {
  expect(actual).toHaveLength(expected.length);
  const scale = Math.max(...expected.map(Math.abs));
  return Math.max(...expected.map((value, i) => Math.abs(actual[i]! - value))) / scale;
};

let engine: Engine;
beforeAll(async () => { engine = await openEngine({ threads: 1 }); });

describe.each(reference.fineTune)('fine-tuning with pool $pool, layer decay $layerDecay', (expected) => {
  const shape = { model: formulaModel, classes: 5, pool: expected.pool, batchSize: 6, layerDecay: expected.layerDecay, dropPath: false };
  const shapes = networkShapes(shape);

  it('has the parameters, layer groups and decay groups of timm', () => {
    const ours = Object.fromEntries(fineTuneSpec(shape).params.map(({ name, lrScale, decay }) => [name, [lrScale, decay ? 0.05 : 0]]));
    expect(Object.keys(ours).sort()).toEqual(Object.keys(expected.scales));
    for (const [name, [scale, decay]] of Object.entries(expected.scales)) {
      expect(ours[name]![0], name).toBeCloseTo(scale, 12);
      expect(ours[name]![1], name).toBe(decay);
    }
  });

  it('gives the logits, and through six AdamW steps the losses, weights and logits, of PyTorch', () => {
    const compiled = engine.compile(fineTuneSpec(shape));
    compiled.reset(waveWeights(shapes));
    const batch = evaluationBatch(formulaModel);
    const padded = new Uint8Array(batch * 8 * 8 * 3);
    padded.set(pictures(6));
    const logits = () => compiled.run('evaluate', { images: padded })['logits']!.data.subarray(0, 30);
    expect(difference(logits(), expected.logits)).toBeLessThan(2e-5);
    const losses = expected.lrs.map((lr) => compiled.run('train', { images: pictures(6), targets: smoothTargets(expected.labels, 5, 0.1) }, { lr, weight_decay: 0.05 })['loss']!.data[0]!);
    expect(difference(losses, expected.losses)).toBeLessThan(1e-4);
    expect(difference(logits(), expected.after)).toBeLessThan(1e-3);
    expect(difference(compiled.readParams().get('cls_token')!, expected.cls_token)).toBeLessThan(1e-3);
    expect(difference(compiled.readParams().get('head.weight')!, expected.head)).toBeLessThan(1e-3);
    compiled.dispose();
  });

  it('predicts the largest logit, whatever fills the last batch', async () => {
    const compiled = engine.compile(fineTuneSpec(shape));
    compiled.reset(waveWeights(shapes));
    const best = Array.from({ length: 6 }, (_, i) => {
      const row = expected.logits.slice(i * 5, i * 5 + 5);
      return row.indexOf(Math.max(...row));
    });
    const batch = evaluationBatch(formulaModel);
    const predicted = async (count: number) => {
      const images = new Uint8Array(2 * batch * 192).fill(77);
      images.set(pictures(6), (count - 6) * 192);
      const inputs = async (number: number) => ({ images: images.slice(number * batch * 192, (number + 1) * batch * 192) });
      return Array.from(await predict({ compiled, inputs, count, batch, classes: 5 }) as Int32Array);
    };
    expect(await predicted(6)).toEqual(best);
    expect((await predicted(batch + 6)).slice(batch)).toEqual(best);
    compiled.dispose();
  });
});

describe('features of a frozen encoder', () => {
  it('are the cls token and the mean patch token behind the final norm, as timm computes them', async () => {
    const names = networkShapes({ model: formulaModel, classes: 5, pool: 'cls' });
    const values = waveWeights(names);
    const encoder = new Map(vitShapes(formulaModel).map(({ name, shape }) => [name, { shape, data: values.get(name)! }]));
    const records = Array.from({ length: 6 }, (_, i) => ({ id: String(i), label: '', group: null, domain: null, split: null, side: null }));
    const set = { name: 'formula', size: 8, channels: 3 as const, pixels: pictures(6), unreadable: [], records };
    const features = await extract(engine, formulaModel, encoder, set, [0, 1, 2, 3, 4, 5], { enter: () => undefined }, () => undefined);
    const half = (which: number) => Array.from({ length: 6 }, (_, i) => Array.from(features.subarray((2 * i + which) * 16, (2 * i + which + 1) * 16))).flat();
    expect(difference(half(0), reference.features.cls)).toBeLessThan(2e-5);
    expect(difference(half(1), reference.features.mean)).toBeLessThan(2e-5);
  });

  it('need every tensor of the encoder, in its shape', async () => {
    const set = { name: 'formula', size: 8, channels: 3 as const, pixels: pictures(1), unreadable: [], records: [{ id: '0', label: '', group: null, domain: null, split: null, side: null }] };
    await expect(extract(engine, formulaModel, new Map(), set, [0], { enter: () => undefined }, () => undefined)).rejects.toThrow('no tensor cls_token');
    await expect(extract(engine, formulaModel, new Map([['cls_token', { shape: [3], data: new Float32Array(3) }]]), set, [0], { enter: () => undefined }, () => undefined)).rejects.toThrow('cls_token has shape [3], expected [1, 1, 16]');
  });
});

describe('label-smoothed cross entropy', () => {
  it('has the value and gradient of PyTorch', () => {
    const { classes, labels, smoothing, loss, gradient } = reference.smoothing;
    const [value, slope] = tidy(() => {
      const logits = tensor2d(wave(labels.length * classes, 0.2, 2), [labels.length, classes]);
      const targets = tensor2d(smoothTargets(labels, classes, smoothing), [labels.length, classes]);
      return [crossEntropy(logits, targets).dataSync()[0]!, grad((x) => crossEntropy(x, targets))(logits).dataSync()];
    });
    expect(value).toBeCloseTo(loss, 6);
    expect(difference(slope, gradient)).toBeLessThan(1e-5);
  });
});

describe('linear probe', () => {
  const { rows, width, classes, steps, lr, decay, momentum, labels, x, ...expected } = reference.linear;

  it('normalises and trains as BatchNorm1d without affine, Linear and SGD in PyTorch', () => {
    const raw = rowsOf(Float32Array.from(x), width);
    const features = standardise(raw, statistics(raw));
    expect(difference(features.data, expected.normalised)).toBeLessThan(1e-5);
    const compiled = engine.compile(linearSpec({ rows, width, classes }));
    const result = fit(compiled, features.data, oneHot(labels, classes), width, classes, { lr, weightDecay: decay, momentum, steps });
    compiled.dispose();
    if (result.diverged) throw new Error('diverged');
    expect(difference(result.curve.map(({ loss }) => loss), expected.losses)).toBeLessThan(1e-5);
    expect(difference(result.model.weight, expected.weight)).toBeLessThan(1e-4);
    expect(difference(result.model.bias, expected.bias)).toBeLessThan(1e-4);
    expect(Array.from(predictLinear(result.model, features))).toEqual(expected.predictions);
  });

  it('says so when the loss is no longer finite', () => {
    const compiled = engine.compile(linearSpec({ rows: 2, width: 1, classes: 2 }));
    const result = fit(compiled, Float32Array.of(1e30, -1e30), oneHot([1, 0], 2), 1, 2, { lr: 1e30, weightDecay: 0, momentum: 0.9, steps: 20 });
    compiled.dispose();
    expect(result.diverged).toBe(true);
  });
});
