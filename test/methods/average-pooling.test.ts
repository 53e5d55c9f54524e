import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CompileSpec } from '../../src/engine/contract.js';
import { methods } from '../../src/methods/index.js';
import type { EncoderMethod, EncoderWeights } from '../../src/methods/method.js';
import type { VitConfig } from '../../src/models/config.js';
import { extractSpec } from '../../src/protocols/extract.js';
import { fineTuneSpec, startValues } from '../../src/protocols/fine-tune/network.js';
import { writeSafetensors } from '../../src/training/safetensors.js';
import { openEngine } from '../engine/open.js';
import { seededParameter, seededPixels } from '../models/seeded.js';
import { temporaryFolder } from '../temporary-folder.js';

/** Numbers from timm's VisionTransformer in float64: scripts/reference/average_pooling.py. */
interface Case {
  readonly tensors: readonly { readonly name: string; readonly shape: readonly number[] }[];
  readonly pooled: readonly number[];
  readonly logits: readonly number[];
  readonly normed_first?: { readonly cls: readonly number[]; readonly mean: readonly number[] };
}
interface Reference {
  readonly config: Readonly<Record<'image' | 'patch' | 'width' | 'depth' | 'heads' | 'classes' | 'batch', number>>;
  readonly cases: Readonly<Record<'token' | 'avg, norm' | 'avg, fc_norm', Case>>;
}
const { config: c, cases } = JSON.parse(readFileSync(new URL('average-pooling.reference.json', import.meta.url), 'utf8')) as Reference;
const model: VitConfig = { name: 'custom', imageSize: c.image, patchSize: c.patch, width: c.width, depth: c.depth, heads: c.heads, mlpRatio: 4 };
const pixels = seededPixels(3000, c.batch * c.image * c.image * 3);

/** The state dict of a timm model, by name. */
const tensorsOf = ({ tensors }: Case): EncoderWeights => new Map(tensors.map(({ name, shape }, index) => [name, { shape, data: seededParameter(index, name, shape) }]));

/** The encoder that a suite gets from that model's file. */
async function encoderOf(one: Case): Promise<EncoderWeights> {
  const path = join(temporaryFolder(), 'timm.safetensors');
  await writeSafetensors(path, tensorsOf(one));
  return ((await methods['checkpoint']!.load()) as EncoderMethod).encoder({ model, options: { path }, seed: 0 });
}

/** What a function of a compiled network gives for the pictures, a row each; they are repeated to fill its batch. */
async function run(spec: CompileSpec, name: string, output: string, values: ReadonlyMap<string, Float32Array>): Promise<readonly (readonly number[])[]> {
  const compiled = (await openEngine({ threads: 1 })).compile(spec);
  compiled.writeParams(values);
  const [batch = 0] = spec.functions[name]!.inputs['images']!.shape;
  const images = Uint8Array.from({ length: batch * c.image * c.image * 3 }, (_, i) => pixels[i % pixels.length]!);
  const { data, shape } = compiled.run(name, { images })[output]!;
  compiled.dispose();
  return Array.from({ length: c.batch }, (_, row) => Array.from(data.slice(row * shape[1]!, (row + 1) * shape[1]!)));
}

/** Features of linear and k-NN. */
async function features(encoder: EncoderWeights): Promise<{ readonly cls: readonly number[]; readonly mean: readonly number[] }> {
  const rows = await run(extractSpec(model, c.batch), 'features', 'features', new Map([...encoder].map(([name, { data }]) => [name, data])));
  return { cls: rows.flatMap((row) => row.slice(0, c.width)), mean: rows.flatMap((row) => row.slice(c.width)) };
}

const largestDifference = (a: readonly number[], b: readonly number[]): number => {
  expect(a).toHaveLength(b.length);
  return Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));
};

describe('a file of a timm model', () => {
  it('that reads the class token: features with `pool: cls` are timm\'s', async () => {
    expect(largestDifference((await features(await encoderOf(cases.token))).cls, cases.token.pooled)).toBeLessThan(1e-4);
  });

  it('that averages normed patch tokens: features with `pool: mean` are timm\'s', async () => {
    expect(largestDifference((await features(await encoderOf(cases['avg, norm']))).mean, cases['avg, norm'].pooled)).toBeLessThan(1e-4);
  });

  it('that averages and then norms (fc_norm): features norm each token first, which is another value than timm\'s', async () => {
    const one = cases['avg, fc_norm'];
    expect(one.tensors.map(({ name }) => name).filter((name) => name.startsWith('norm.'))).toEqual([]);
    const found = await features(await encoderOf(one));
    expect(largestDifference(found.mean, one.normed_first!.mean)).toBeLessThan(1e-4);
    expect(largestDifference(found.cls, one.normed_first!.cls)).toBeLessThan(1e-4);
    expect(largestDifference(found.mean, one.pooled)).toBeGreaterThan(0.01);
  });

  it('that averages and then norms: fine-tuning with `pool: mean` is timm\'s network, with a new fc_norm and a new head', async () => {
    const one = cases['avg, fc_norm'];
    const shape = { model, classes: c.classes, pool: 'mean', batchSize: c.batch, layerDecay: 1, dropPath: false } as const;
    const start = startValues(shape, await encoderOf(one), 0, 'task');
    expect([...start.keys()].sort()).toEqual(one.tensors.map(({ name }) => name).sort());
    expect(new Set(start.get('fc_norm.weight'))).toEqual(new Set([1]));
    expect(new Set(start.get('fc_norm.bias'))).toEqual(new Set([0]));
    const theirs = tensorsOf(one);
    for (const [name, values] of start) if (!/^(fc_norm|head)\./.test(name)) expect(values, name).toEqual(theirs.get(name)!.data);
    const own = ['fc_norm.weight', 'fc_norm.bias', 'head.weight', 'head.bias'].map((name) => [name, theirs.get(name)!.data] as const);
    const logits = await run(fineTuneSpec(shape), 'evaluate', 'logits', new Map([...start, ...own]));
    expect(largestDifference(logits.flat(), one.logits)).toBeLessThan(1e-4);
  });
});
