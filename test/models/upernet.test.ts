import { readFileSync } from 'node:fs';
import { add, mul, tensor, tidy, variableGrads, type Tensor, variable, type Scalar } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Params } from '../../src/engine/contract.js';
import { batchNorm, observedNorm, pooledStatistics, runningNorm } from '../../src/models/batch-norm.js';
import type { Pyramid } from '../../src/models/pyramid.js';
import { blockPyramidSides } from '../../src/models/pyramid-sides.js';
import { resizeBilinear } from '../../src/models/resample.js';
import { blockPyramidMacs, fcnHeadMacs, uperNetMacs } from '../../src/models/segmentation-macs.js';
import { fcnHead, fcnHeadParams, uperNet, uperNetParams } from '../../src/models/upernet.js';
import { pixelCrossEntropy, pixelTargets } from '../../src/protocols/dense/pixel-cross-entropy.js';
import { distance } from '../engine/modes.js';
import { openEngine } from '../engine/open.js';
import { seeded, seededParameter } from './seeded.js';

type Shapes = Readonly<Record<string, readonly number[]>>;
interface Side { readonly shapes: Shapes; readonly logits: readonly number[] }
/** Numbers from PyTorch in float64: scripts/reference/upernet.py. */
const reference = JSON.parse(readFileSync(new URL('upernet.reference.json', import.meta.url), 'utf8')) as {
  readonly head: Side & { readonly evaluated: readonly number[] }; readonly statistics: Readonly<Record<string, { readonly mean: readonly number[]; readonly var: readonly number[] }>>; readonly auxiliary: Side; readonly losses: readonly [number, number]; readonly gradients: Readonly<Record<string, readonly number[]>>;
};

beforeAll(async () => { await openEngine({ threads: 1 }); });

const maps = (first = 30): Pyramid => [16, 8, 4, 2].map((side, i) => tensor(Float32Array.from(seeded(first + i, 2 * side * side * 8)), [2, side, side, 8])) as unknown as Pyramid;
const filled = (shapes: Shapes, prefix: string): Params =>
  Object.fromEntries(Object.keys(shapes).sort().map((name, i) => [`${prefix}.${name}`, variable(tensor(seededParameter(i, name, shapes[name]!), [...shapes[name]!]), true, undefined)]));
const labels = (): Tensor => tensor(Float32Array.from({ length: 2 * 24 * 24 }, (_, i) => (i % 7 === 3 ? 255 : (i * i + Math.floor(i / 24)) % 5)), [2, 24, 24]);
const byName = (specs: readonly { readonly name: string; readonly shape: readonly number[] }[], prefix: string): Shapes => Object.fromEntries(specs.map(({ name, shape }) => [name.slice(prefix.length + 1), shape]));

describe('UperNet holds the values of PyTorch', () => {
  it('names and shapes', () => {
    expect(byName(uperNetParams('decode_head', 8, 6, 5, 0), 'decode_head')).toEqual(reference.head.shapes);
    expect(byName(fcnHeadParams('auxiliary_head', 8, 6, 5, 0), 'auxiliary_head')).toEqual(reference.auxiliary.shapes);
  });

  it('logits, losses without the ignored pixels, and gradients', () => {
    tidy(() => {
      const head = filled(reference.head.shapes, 'decode_head');
      const auxiliary = filled(reference.auxiliary.shapes, 'auxiliary_head');
      const pyramid = maps();
      expect(distance(uperNet(head, 'decode_head', pyramid, batchNorm).dataSync(), reference.head.logits)).toBeLessThan(1e-5);
      expect(distance(fcnHead(auxiliary, 'auxiliary_head', pyramid[2], batchNorm).dataSync(), reference.auxiliary.logits)).toBeLessThan(1e-5);
      const loss = (logits: Tensor): Tensor => pixelCrossEntropy(resizeBilinear(logits, 24, 24), pixelTargets(labels(), 5));
      const both = (): readonly [Tensor, Tensor] => [loss(uperNet(head, 'decode_head', pyramid, batchNorm)), loss(fcnHead(auxiliary, 'auxiliary_head', pyramid[2], batchNorm))];
      both().forEach((found, i) => { expect(found.dataSync()[0]).toBeCloseTo(reference.losses[i]!, 5); });
      const wanted = Object.keys(reference.gradients);
      const all = { ...head, ...auxiliary };
      const { grads } = variableGrads(() => { const [main, second] = both(); return add<Scalar>(main, mul(second, 0.4)); }, wanted.map((name) => all[name]!) as never);
      const found = new Map(Object.entries(all).map(([name, value]) => [name, grads[(value as never as { name: string }).name]]));
      for (const name of wanted) expect(distance(found.get(name)!.dataSync(), reference.gradients[name]!), name).toBeLessThan(1e-4);
    });
  });
});

describe('batch norms', () => {
  it('evaluate by their running statistics, as PyTorch', () => {
    tidy(() => {
      const found = uperNet(filled(reference.head.shapes, 'decode_head'), 'decode_head', maps(), runningNorm).dataSync();
      expect(distance(found, reference.head.evaluated)).toBeLessThan(1e-5);
    });
  });

  it('pool the statistics of two batches into those of both together', () => {
    tidy(() => {
      const head = filled(reference.head.shapes, 'decode_head');
      const batches = [30, 40].map((first) => {
        const found: Record<string, Tensor> = {};
        uperNet(head, 'decode_head', maps(first), observedNorm(found));
        return Object.fromEntries(Object.entries(found).map(([name, value]) => [name, { data: value.dataSync() }]));
      });
      const pooled = pooledStatistics(batches);
      expect([...pooled.keys()].sort()).toEqual(Object.keys(head).filter((name) => name.includes('running_')).sort());
      for (const [name, { mean, var: variance }] of Object.entries(reference.statistics)) {
        expect(distance(pooled.get(`decode_head.${name}.bn.running_mean`)!, mean), name).toBeLessThan(1e-5);
        expect(distance(pooled.get(`decode_head.${name}.bn.running_var`)!, variance), name).toBeLessThan(1e-5);
      }
    });
  });

  it('are the same in training and evaluation when the statistics are those of the batch', () => {
    tidy(() => {
      const head = filled(reference.head.shapes, 'decode_head');
      const found: Record<string, Tensor> = {};
      const trained = uperNet(head, 'decode_head', maps(), observedNorm(found)).dataSync();
      expect(distance(uperNet({ ...head, ...found }, 'decode_head', maps(), runningNorm).dataSync(), trained)).toBeLessThan(1e-5);
    });
  });
});

describe('multiply-adds', () => {
  it('of the pyramid, by hand', () => {
    // 3 x 3 patches, width 2: a transposed convolution is 9 * 2 * (4 * 2); the second 36 * 16, the other map's again 9 * 16.
    expect(blockPyramidMacs(2, 3, 12)).toBe(144 + 576 + 144);
    expect(blockPyramidMacs(2, 3, 6)).toBe(144);
    expect([blockPyramidSides(9, 16), blockPyramidSides(9, 8)]).toEqual([[36, 18, 9, 4], [18, 9, 4, 2]]);
  });

  it('of UperNet and its auxiliary head, by hand', () => {
    // Pools 1 + 4 + 9 + 36 places of 2 * 3; bottleneck 1 * 9 * (2 + 12) * 3; laterals and convolutions of 64 + 16 + 4 places, 3 * (2 + 27) each;
    // 64 places fused from 12 channels, 9 * 12 * 3, and classified, 3 * 5.
    expect(uperNetMacs(2, 3, 5, [8, 4, 2, 1])).toBe(50 * 6 + 378 + 84 * 87 + 64 * (324 + 15));
    expect(fcnHeadMacs(2, 3, 5, 2)).toBe(4 * 3 * (18 + 5));
  });
});
