import { readFileSync } from 'node:fs';
import { tensor, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Params, ParamSpec } from '../../src/engine/contract.js';
import { batchNorm } from '../../src/models/batch-norm.js';
import { convLayer, convParams, upConvLayer, upConvParams } from '../../src/models/conv.js';
import { blockPyramid, blockPyramidParams, blockPyramidSides, type Pyramid, pyramidBlocks, simplePyramid, simplePyramidParams } from '../../src/models/pyramid.js';
import { adaptiveAveragePool, bilinearTaps, resizeBilinear } from '../../src/models/resample.js';
import { distance } from '../engine/modes.js';
import { openEngine } from '../engine/open.js';
import { seeded, seededParameter } from './seeded.js';

type Shapes = Readonly<Record<string, readonly number[]>>;
/** Numbers from PyTorch in float64: scripts/reference/pyramid.py. */
interface Reference {
  readonly layers: Readonly<Record<'conv3' | 'conv1' | 'up', readonly number[]>> & { readonly shapes: Shapes };
  readonly resize: readonly { readonly to: readonly [number, number]; readonly values: readonly number[] }[];
  readonly pool: readonly { readonly bins: number; readonly values: readonly number[] }[];
  readonly small: { readonly shapes: Shapes; readonly maps: readonly (readonly number[])[] };
  readonly block: { readonly shapes: Shapes; readonly maps: readonly (readonly number[])[] };
  readonly simple: { readonly shapes: Shapes; readonly maps: readonly (readonly number[])[] };
}
const reference = JSON.parse(readFileSync(new URL('pyramid.reference.json', import.meta.url), 'utf8')) as Reference;

beforeAll(async () => { await openEngine({ threads: 1 }); });

const given = (index: number, shape: readonly number[]): Tensor => tensor(Float32Array.from(seeded(index, shape.reduce((a, b) => a * b, 1))), [...shape]);
const input = (): Tensor => given(1, [2, 5, 4, 3]);
const maps = (): Pyramid => [10, 11, 12, 13].map((index) => given(index, [2, 3, 3, 8])) as unknown as Pyramid;
/** Parameters by the formula, as the reference numbers them. */
const filled = (shapes: Shapes, prefix = ''): Params =>
  Object.fromEntries(Object.keys(shapes).sort().map((name, i) => [`${prefix}${name}`, tensor(seededParameter(i, name, shapes[name]!), [...shapes[name]!])]));
const shapesOf = (specs: readonly ParamSpec[], prefix: string): Shapes => Object.fromEntries(specs.map(({ name, shape }) => [name.slice(prefix.length), shape]));
const values = (f: () => Tensor): ArrayLike<number> => tidy(() => f().dataSync().slice());

describe('the values of PyTorch', () => {
  it('of convolutions', () => {
    const { shapes } = reference.layers;
    const all = [...convParams('conv1', 4, 3, 1, 0), ...convParams('conv3', 4, 3, 3, 0), ...upConvParams('up', 3, 2, 0)];
    expect(shapesOf(all, '')).toEqual(shapes);
    for (const name of ['conv1', 'conv3'] as const) expect(distance(values(() => convLayer(filled(shapes), name, input())), reference.layers[name])).toBeLessThan(1e-5);
    expect(distance(values(() => upConvLayer(filled(shapes), 'up', input())), reference.layers.up)).toBeLessThan(1e-5);
  });

  it.each(reference.resize)('of a bilinear resize to $to', ({ to, values: wanted }) => {
    expect(distance(values(() => resizeBilinear(input(), ...to)), wanted)).toBeLessThan(1e-6);
  });

  it.each(reference.pool)('of adaptive average pooling to $bins', ({ bins, values: wanted }) => {
    expect(distance(values(() => adaptiveAveragePool(input(), bins)), wanted)).toBeLessThan(1e-6);
  });

  it.each([
    { which: 'block' as const, patchSize: 16, maps: (): Pyramid => maps() },
    { which: 'small' as const, patchSize: 8, maps: (): Pyramid => [20, 21, 22, 23].map((index) => given(index, [1, 5, 5, 8])) as unknown as Pyramid },
  ])('of the pyramid of four blocks, with patches of $patchSize', ({ which, patchSize, maps: four }) => {
    const { shapes, maps: wanted } = reference[which];
    expect(shapesOf(blockPyramidParams('p', 8, patchSize, 0), 'p.')).toEqual(shapes);
    const found = tidy(() => blockPyramid(filled(shapes, 'p.'), 'p', four(), patchSize, batchNorm).map((map) => ({ side: map.shape[1], data: map.dataSync().slice() })));
    expect(found.map(({ side }) => side)).toEqual(blockPyramidSides(which === 'block' ? 3 : 5, patchSize));
    found.forEach(({ data }, i) => { expect(distance(data, wanted[i]!)).toBeLessThan(1e-5); });
  });

  it('of the pyramid of the last block', () => {
    expect(shapesOf(simplePyramidParams('p', 8, 6, 0), 'p.')).toEqual(reference.simple.shapes);
    reference.simple.maps.forEach((wanted, i) => { expect(distance(values(() => simplePyramid(filled(reference.simple.shapes, 'p.'), 'p', maps()[3])[i]!), wanted)).toBeLessThan(1e-5); });
    const two = tidy(() => simplePyramid(filled(reference.simple.shapes, 'p.'), 'p', maps()[3], [1, 3]).map((map) => map.dataSync().slice()));
    two.forEach((found, i) => { expect(distance(found, reference.simple.maps[2 * i + 1]!)).toBeLessThan(1e-5); });
    expect(simplePyramidParams('p', 8, 6, 0, [1, 3]).map(({ name }) => name)).toEqual(simplePyramidParams('p', 8, 6, 0).map(({ name }) => name).filter((name) => /^p\.[13]/.test(name)));
  });
});

describe('bilinear taps', () => {
  it('sum to one each, and are each other\'s mirror image', () => {
    for (const [from, to] of [[3, 7], [12, 96], [9, 4], [1, 5]] as const) {
      const { weights } = bilinearTaps(from, to);
      for (let i = 0; i < to; i++) {
        const row = weights.subarray(i * from, (i + 1) * from);
        expect(row.reduce((sum, x) => sum + x, 0)).toBeCloseTo(1, 6);
        row.forEach((x, j) => { expect(x).toBeCloseTo(weights[(to - 1 - i) * from + from - 1 - j]!, 6); });
      }
    }
  });
});

it('takes the blocks at 1/3, 1/2, 2/3 and the end: iBOT\'s of 12', () => {
  expect([12, 24, 4, 2, 1].map(pyramidBlocks)).toEqual([[3, 5, 7, 11], [7, 11, 15, 23], [0, 1, 2, 3], [0, 0, 0, 1], [0, 0, 0, 0]]);
});
