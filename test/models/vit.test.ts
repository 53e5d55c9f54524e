import { readFileSync } from 'node:fs';
import { logSoftmax, mean, mul, neg, sum, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type { BodyArguments, InputSpec, ParamSpec } from '../../src/engine/contract.js';
import { standardVits, type VitConfig } from '../../src/models/config.js';
import { classify } from '../../src/models/heads.js';
import { linearParams, normParams } from '../../src/models/init.js';
import { poolTokens, vitParams, vitShapes, vitTokens } from '../../src/models/vit.js';
import { layerNormLayer } from '../../src/models/layer-norm.js';
import { openEngine } from '../engine/open.js';
import { difference, seededPixels, summary, type Summary, withSeeded } from './seeded.js';

/** Numbers from timm's VisionTransformer in float64: scripts/reference/vit.py. */
interface Side { readonly parameters: readonly { readonly name: string; readonly shape: readonly number[] }[]; readonly logits: readonly number[]; readonly tokens: Summary; readonly loss: number; readonly gradients: Readonly<Record<string, Summary>> }
interface Reference {
  readonly config: Readonly<Record<'image' | 'patch' | 'width' | 'depth' | 'heads' | 'classes' | 'batch', number>>;
  readonly token: Side;
  readonly avg: Side;
  readonly vit_base: readonly { readonly name: string; readonly shape: readonly number[] }[];
}
const reference = JSON.parse(readFileSync(new URL('vit-reference.json', import.meta.url), 'utf8')) as Reference;
const c = reference.config;
const model: VitConfig = { name: 'custom', imageSize: c.image, patchSize: c.patch, width: c.width, depth: c.depth, heads: c.heads, mlpRatio: 4 };
const images: InputSpec = { shape: [c.batch, c.image, c.image, 3], type: 'uint8' };
const labels: InputSpec = { shape: [c.batch, c.classes], type: 'float32' };
const pixels = seededPixels(3000, c.batch * c.image * c.image * 3);
const oneHot = Float32Array.from({ length: c.batch * c.classes }, (_, i) => (i % c.classes === Math.floor(i / c.classes) % c.classes ? 1 : 0));

function specs(pool: 'token' | 'avg'): readonly ParamSpec[] {
  const own = pool === 'token' ? vitParams(model, 0) : [...vitParams(model, 0).filter(({ name }) => !name.startsWith('norm.')), ...normParams('fc_norm', c.width)];
  // The positions are fixed in the reference too, but counted, and their gradient is wanted.
  return withSeeded([...own, ...linearParams('head', c.classes, c.width, 0)], reference[pool].parameters.map(({ name }) => name).map((name) => (name === 'pos_embed' ? '' : name)));
}
const logits = (pool: 'token' | 'avg') => ({ params, inputs }: BodyArguments): Tensor =>
  classify(params, poolTokens(model, params, vitTokens(model, params, inputs['images']!), pool === 'token' ? 'cls' : 'mean', pool === 'token' ? 'norm' : 'fc_norm'));

describe('the ViT holds the values of timm', () => {
  it.each(['token', 'avg'] as const)('logits with pool %s', async (pool) => {
    const engine = await openEngine({ threads: 1 });
    const compiled = engine.compile({ params: specs(pool), functions: { logits: { kind: 'evaluate', inputs: { images }, scalars: [], body: (args) => ({ logits: logits(pool)(args) }) } } });
    const found = compiled.run('logits', { images: pixels })['logits']!.data;
    compiled.dispose();
    reference[pool].logits.forEach((value, i) => expect(found[i]).toBeCloseTo(value, 4));
  });

  it.each(['token', 'avg'] as const)('gradients of every parameter with pool %s, positions included', async (pool) => {
    const engine = await openEngine({ threads: 1 });
    const params = specs(pool).map((spec) => ({ ...spec, trainable: true }));
    const compiled = engine.compile({
      params, optimizer: { kind: 'adamw', beta1: 0, beta2: 0.9, epsilon: 1e-8 },
      functions: { train: { kind: 'train', inputs: { images, labels }, scalars: [], body: (args) => ({ loss: neg(mean(sum(mul(logSoftmax(logits(pool)(args)), args.inputs['labels']!), 1))) }) } },
    });
    const loss = compiled.run('train', { images: pixels, labels: oneHot }, { lr: 0, weight_decay: 0 })['loss']!.data[0]!;
    const { m } = compiled.readOptimizer();
    compiled.dispose();
    expect(Math.abs(loss / reference[pool].loss - 1)).toBeLessThan(1e-5);
    expect([...m.keys()].sort()).toEqual(reference[pool].parameters.map(({ name }) => name).sort());
    for (const [name, wanted] of Object.entries(reference[pool].gradients)) {
      const values = m.get(name)!;
      expect(difference(summary(values), wanted, values.length), `gradient of ${name}`).toBeLessThan(1e-4);
    }
  });

  it('tokens after the final norm', async () => {
    const engine = await openEngine({ threads: 1 });
    const compiled = engine.compile({
      params: specs('token'),
      functions: { tokens: { kind: 'evaluate', inputs: { images }, scalars: [], body: ({ params, inputs }) => ({ tokens: layerNormLayer(params, 'norm', vitTokens(model, params, inputs['images']!)) }) } },
    });
    const found = compiled.run('tokens', { images: pixels })['tokens']!;
    compiled.dispose();
    expect(found.shape).toEqual([c.batch, 17, c.width]);
    expect(difference(summary(found.data), reference.token.tokens, found.data.length)).toBeLessThan(1e-5);
  });

  it('names and shapes of vit_base are timm\'s', () => {
    const { width, depth, heads } = standardVits['vit_base']!;
    const base = vitShapes({ name: 'vit_base', imageSize: 224, patchSize: 16, width, depth, heads, mlpRatio: 4 });
    expect([...base].sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual([...reference.vit_base].sort((a, b) => (a.name < b.name ? -1 : 1)));
  });

  it('makes parameters of just these names and shapes', () => {
    expect(vitParams(model, 0).map(({ name, shape }) => ({ name, shape }))).toEqual(vitShapes(model));
  });
});

describe('initial values', () => {
  it('are MAE\'s: Xavier-uniform products, zero biases, unit norms, small tokens', () => {
    const big: VitConfig = { ...model, width: 96 };
    const of = (name: string) => vitParams(big, 3).find((spec) => spec.name === name)!;
    const weight = of('blocks.1.attn.qkv.weight').value;
    const bound = Math.sqrt(6 / (96 + 3 * 96));
    const top = weight.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    expect(top).toBeLessThanOrEqual(bound);
    expect(top).toBeGreaterThan(0.999 * bound);
    const variance = weight.reduce((sum_, x) => sum_ + x * x, 0) / weight.length;
    expect(variance / (bound ** 2 / 3)).toBeCloseTo(1, 1);
    const patch = of('patch_embed.proj.weight').value;
    expect(patch.reduce((most, x) => Math.max(most, Math.abs(x)), 0)).toBeLessThanOrEqual(Math.sqrt(6 / (96 + 192)));
    expect(new Set(of('blocks.0.mlp.fc1.bias').value)).toEqual(new Set([0]));
    expect(new Set(of('norm.weight').value)).toEqual(new Set([1]));
    const token = of('cls_token').value;
    expect(Math.sqrt(token.reduce((sum_, x) => sum_ + x * x, 0) / token.length)).toBeCloseTo(0.02, 2);
  });

  it('depend on the seed and on the name alone', () => {
    const value = (config: VitConfig, seed: number) => vitParams(config, seed).find(({ name }) => name === 'blocks.0.mlp.fc2.weight')!.value;
    expect(value(model, 1)).toEqual(value({ ...model, depth: 1 }, 1));
    expect(value(model, 1)).not.toEqual(value(model, 2));
  });

  it('decay products and tokens, not biases and norms', () => {
    const decayed = vitParams(model, 0).filter(({ decay }) => decay).map(({ name }) => name);
    expect(decayed).toContain('cls_token');
    expect(decayed.every((name) => name === 'cls_token' || name.endsWith('.weight') && !name.includes('norm'))).toBe(true);
    expect(decayed.filter((name) => name.startsWith('blocks.0.'))).toHaveLength(4);
  });
});
