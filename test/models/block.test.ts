import { describe, expect, it } from 'vitest';
import type { Compiled, InputSpec } from '../../src/engine/contract.js';
import { block } from '../../src/models/block.js';
import type { VitConfig } from '../../src/models/config.js';
import { dropPathDraws } from '../../src/models/drop-path-draws.js';
import { patchify, unpatchify } from '../../src/models/images.js';
import { blockParams } from '../../src/models/init.js';
import { poolTokens, vitParams, vitTokens } from '../../src/models/vit.js';
import { openEngine } from '../engine/open.js';
import { seeded, seededPixels, withSeeded } from './seeded.js';

const model: VitConfig = { name: 'custom', imageSize: 16, patchSize: 8, width: 8, depth: 3, heads: 2, mlpRatio: 2 };
const batch = 3;
const images: InputSpec = { shape: [batch, 16, 16, 3], type: 'uint8' };
const specs = vitParams(model, 0);
const params = withSeeded(specs, specs.filter(({ trainable }) => trainable).map(({ name }) => name));
const pixels = seededPixels(1, batch * 16 * 16 * 3);

async function compile(): Promise<Compiled> {
  const engine = await openEngine({ threads: 1 });
  return engine.compile({
    params,
    functions: {
      plain: { kind: 'evaluate', inputs: { images }, scalars: [], body: (args) => ({ tokens: vitTokens(model, args.params, args.inputs['images']!) }) },
      dropped: {
        kind: 'evaluate', inputs: { images, paths: { shape: [6, batch], type: 'float32' } }, scalars: [],
        body: (args) => ({ tokens: vitTokens(model, args.params, args.inputs['images']!, { dropPath: args.inputs['paths']! }) }),
      },
      pooled: { kind: 'evaluate', inputs: { images }, scalars: [], body: (args) => {
        const tokens = vitTokens(model, args.params, args.inputs['images']!);
        return { tokens: poolTokens(model, args.params, tokens, 'cls'), mean: poolTokens(model, args.params, tokens, 'mean') };
      } },
    },
  });
}
const image = (tokens: ArrayLike<number>, b: number): readonly number[] => Array.from(tokens).slice(b * 5 * 8, (b + 1) * 5 * 8);

describe('drop path', () => {
  it('factors of 1 change nothing, and all of 0 leave the embedded tokens', async () => {
    const compiled = await compile();
    const plain = compiled.run('plain', { images: pixels })['tokens']!.data;
    expect(compiled.run('dropped', { images: pixels, paths: new Float32Array(18).fill(1) })['tokens']!.data).toEqual(plain);
    const none = compiled.run('dropped', { images: pixels, paths: new Float32Array(18) })['tokens']!.data;
    compiled.dispose();
    // The class token of every image is cls_token + position 0, which is zero.
    const cls = params.find(({ name }) => name === 'cls_token')!.value;
    for (let b = 0; b < batch; b++) image(none, b).slice(0, 8).forEach((value, i) => expect(value).toBeCloseTo(cls[i]!, 6));
    expect(none).not.toEqual(plain);
  });

  it('drops a branch for one image and leaves the others alone', async () => {
    const compiled = await compile();
    const plain = compiled.run('plain', { images: pixels })['tokens']!.data;
    const paths = new Float32Array(18).fill(1);
    paths[2 * 2 * batch + 1] = 0; // block 2, attention branch, image 1
    const dropped = compiled.run('dropped', { images: pixels, paths })['tokens']!.data;
    compiled.dispose();
    expect(image(dropped, 0)).toEqual(image(plain, 0));
    expect(image(dropped, 2)).toEqual(image(plain, 2));
    expect(image(dropped, 1)).not.toEqual(image(plain, 1));
  });

  it('a dropped block is the identity for its image', async () => {
    const engine = await openEngine({ threads: 1 });
    const compiled = engine.compile({
      params: withSeeded(blockParams('b', 8, 2, 0), blockParams('b', 8, 2, 0).map(({ name }) => name)),
      functions: { f: {
        kind: 'evaluate', scalars: [], inputs: { x: { shape: [2, 3, 8], type: 'float32' }, a: { shape: [2, 1, 1], type: 'float32' }, m: { shape: [2, 1, 1], type: 'float32' } },
        body: ({ params: own, inputs }) => ({ y: block(own, 'b', inputs['x']!, 2, { factors: { attention: inputs['a']!, mlp: inputs['m']! } }) }),
      } },
    });
    const x = Float32Array.from(seeded(3, 48));
    const y = compiled.run('f', { x, a: Float32Array.of(0, 2), m: Float32Array.of(0, 0) })['y']!.data;
    compiled.dispose();
    expect(Array.from(y).slice(0, 24)).toEqual(Array.from(x).slice(0, 24));
    expect(Array.from(y).slice(24)).not.toEqual(Array.from(x).slice(24));
  });

  it('has one row for each branch', () => expect(dropPathDraws(3, 0.1, batch, 0, 0)).toHaveLength(18));
});

describe('pooled features', () => {
  it('are the normalised class token, or the mean of the normalised patch tokens', async () => {
    const compiled = await compile();
    const { tokens: cls, mean } = compiled.run('pooled', { images: pixels });
    const tokens = compiled.run('plain', { images: pixels })['tokens']!.data;
    compiled.dispose();
    const gain = params.find(({ name }) => name === 'norm.weight')!.value;
    const bias = params.find(({ name }) => name === 'norm.bias')!.value;
    const norm = (row: readonly number[]): readonly number[] => {
      const m = row.reduce((sum, x) => sum + x, 0) / 8;
      const v = row.reduce((sum, x) => sum + (x - m) ** 2, 0) / 8;
      return row.map((x, i) => ((x - m) / Math.sqrt(v + 1e-6)) * gain[i]! + bias[i]!);
    };
    for (let b = 0; b < batch; b++) {
      const rows = Array.from({ length: 5 }, (_, t) => norm(image(tokens, b).slice(8 * t, 8 * t + 8)));
      for (let i = 0; i < 8; i++) {
        expect(cls!.data[8 * b + i]).toBeCloseTo(rows[0]![i]!, 4);
        expect(mean!.data[8 * b + i]).toBeCloseTo((rows[1]![i]! + rows[2]![i]! + rows[3]![i]! + rows[4]![i]!) / 4, 4);
      }
    }
  });
});

describe('patches', () => {
  it('go row by row with the channel fastest, normalised by ImageNet\'s values, and back', async () => {
    const engine = await openEngine({ threads: 1 });
    const compiled = engine.compile({ params: [], functions: { f: { kind: 'evaluate', inputs: { images }, scalars: [], body: ({ inputs }) => ({ patches: patchify(inputs['images']!, 8) }) } } });
    const patches = compiled.run('f', { images: pixels })['patches']!;
    compiled.dispose();
    expect(patches.shape).toEqual([batch, 4, 192]);
    // Image 1, patch 2 (row 1, column 0), its row 3, column 5, green.
    const value = pixels[((1 * 16 + 8 + 3) * 16 + 5) * 3 + 1]!;
    expect(patches.data[(1 * 4 + 2) * 192 + (3 * 8 + 5) * 3 + 1]).toBeCloseTo((value / 255 - 0.456) / 0.224, 5);
    const first = unpatchify(Float32Array.from(patches.data).subarray(0, 4 * 192), 16, 8);
    for (let i = 0; i < first.length; i++) {
      const channel = i % 3;
      expect(first[i]! * [0.229, 0.224, 0.225][channel]! + [0.485, 0.456, 0.406][channel]!).toBeCloseTo(pixels[i]! / 255, 5);
    }
  });
});
