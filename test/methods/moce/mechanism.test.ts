import * as tf from '@tensorflow/tfjs-core';
import { add, matMul, mul, reshape, sum, tensor, type Tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { BodyArguments, FunctionSpec, Params, ParamSpec } from '../../../src/engine/contract.js';
import { dispatch, expertMlp } from '../../../src/methods/moce/dispatch.js';
import { extracted } from '../../../src/methods/moce/extract.js';
import { gateTable } from '../../../src/methods/moce/gate-table.js';
import { encodeRouted, type Routing } from '../../../src/methods/moce/network.js';
import type { MoceOptions } from '../../../src/methods/moce/options.js';
import { dispatchShape, type DispatchShape, expertMacs, groupCount } from '../../../src/methods/moce/plan.js';
import { encoderMacs } from '../../../src/models/flops.js';
import { gelu } from '../../../src/models/gelu.js';
import { patchify } from '../../../src/models/images.js';
import { layerNormLayer } from '../../../src/models/layer-norm.js';
import { linear } from '../../../src/models/linear.js';
import { embedPatches, vitShapes, vitTokens } from '../../../src/models/vit.js';
import { openEngine } from '../../engine/open.js';
import { distance } from '../../engine/modes.js';
import { seeded, seededPixels } from '../../models/seeded.js';
import { c, clusterOf, compileOne, model, noise, options, params, reference } from './reference.js';

beforeAll(async () => { await openEngine({ threads: 1 }); });

describe('groups', () => {
  /** Every way to give `units` to `experts`, as counts. */
  function* loads(units: number, experts: number): Generator<readonly number[]> {
    if (experts === 1) yield [units];
    else for (let own = 0; own <= units; own++) for (const rest of loads(units - own, experts - 1)) yield [own, ...rest];
  }

  it.each([[1, 3, 1], [2, 3, 2], [6, 3, 1], [6, 3, 2], [7, 3, 2], [8, 4, 3], [9, 2, 4], [10, 3, 5], [5, 4, 9]])('of %s units, %s experts, %s a group: as many as the worst routing needs', (units, experts, size) => {
    const needed = Array.from(loads(units, experts), (counts) => counts.reduce((total, count) => total + Math.ceil(count / size), 0));
    expect(groupCount(units, experts, size)).toBe(Math.max(...needed));
  });
});

describe('dispatch', () => {
  const [experts, rows, width, hidden] = [3, 2, 4, 5];
  const specs = (units: number): readonly ParamSpec[] => ([
    ['x', [units * rows, width]], ['m.experts.fc1.weight', [experts, hidden, width]], ['m.experts.fc1.bias', [experts, hidden]],
    ['m.experts.fc2.weight', [experts, width, hidden]], ['m.experts.fc2.bias', [experts, width]],
  ] as const).map(([name, shape], i) => ({
    name, shape, value: Float32Array.from(seeded(50 + i, shape.reduce<number>((product, n) => product * n, 1))), trainable: true, decay: false, lrScale: 1,
  }));

  /** Every expert on everything, times 1 or 0. */
  function dense(p: Params, chosen: Tensor, units: number): Tensor {
    const of = (name: string, expert: number): Tensor => {
      const { shape: [, ...shape] } = p[name]!;
      return reshape(tf.slice(p[name]!, [expert], [1]), shape);
    };
    const outputs = Array.from({ length: experts }, (_, e) => {
      const out = linear(gelu(linear(p['x']!, of('m.experts.fc1.weight', e), of('m.experts.fc1.bias', e))), of('m.experts.fc2.weight', e), of('m.experts.fc2.bias', e));
      return mul(reshape(out, [units, rows, width]), reshape(tf.slice(chosen, [0, e], [units, 1]), [units, 1, 1]));
    });
    return reshape(outputs.reduce((total, one) => add(total, one)), [units * rows, width]);
  }

  /** The value, and the gradients of its sum weighted with fixed numbers. */
  async function differentiated(units: number, routed: readonly number[], f: (p: Params, chosen: Tensor) => Tensor) {
    const chosen = Float32Array.from({ length: units * experts }, (_, i) => (routed[Math.floor(i / experts)] === i % experts ? 1 : 0));
    const compiled = await compileOne(specs(units), {
      kind: 'train', inputs: { chosen: { shape: [units, experts], type: 'float32' } }, scalars: [],
      body: ({ params: own, inputs }) => {
        const value = f(own, inputs['chosen']!);
        return { loss: sum<Tensor>(mul(value, tensor(Float32Array.from(seeded(60, value.size)), value.shape))), value };
      },
    });
    const { value } = compiled.run('one', { chosen }, { lr: 0, weight_decay: 0 });
    const gradients = compiled.readOptimizer().m;
    compiled.dispose();
    return { value: value!.data, gradients };
  }

  it.each([
    ['all to one', [1, 1, 1, 1, 1, 1]], ['all to the last', [2, 2, 2, 2, 2, 2]], ['one each', [2, 0, 1]], ['unequally', [0, 2, 0, 0, 2, 0, 0]], ['in turns', [0, 1, 2, 0, 1, 2, 0, 1]], ['a single one', [1]],
  ])('is the dense computation, %s, value and gradients', async (_, routed) => {
    const units = routed.length;
    const wanted = await differentiated(units, routed, (p, chosen) => dense(p, chosen, units));
    for (const size of [1, 2, 3, units]) {
      const shape: DispatchShape = { units, rows, size, groups: groupCount(units, experts, size) };
      const found = await differentiated(units, routed, (p, chosen) => expertMlp(p, 'm', p['x']!, dispatch(chosen, shape), shape));
      expect(distance(found.value, wanted.value), `value, groups of ${size}`).toBeLessThan(1e-5);
      for (const [name, gradient] of wanted.gradients) expect(distance(found.gradients.get(name)!, gradient), `gradient of ${name}, groups of ${size}`).toBeLessThan(1e-5);
    }
    expect([...wanted.gradients.values()].every((gradient) => gradient.some((number) => number !== 0))).toBe(true);
  });

  it('by hand: places within an expert keep the order, groups are of one expert', () => {
    // Experts 1 0 1 1 in groups of 2: [unit 1, -], [units 0, 2], [unit 3, -], and one that nothing is left for.
    const found = tf.tidy(() => {
      const { places, experts: of } = dispatch(tensor([[0, 1, 0], [1, 0, 0], [0, 1, 0], [0, 1, 0]]), { units: 4, rows: 1, size: 2, groups: 4 });
      return { places: [...places.dataSync()], of: [...of.dataSync()] };
    });
    expect(found).toEqual({ places: [2, 0, 3, 4], of: [0, 1, 1, 2] });
  });
});

const size = c.image * c.image * 3;
const images = (count: number): Uint8Array => seededPixels(77, count * size);

/** Tokens of whole images through the experts, and what each gate chose. */
function routedSpec(count: number, own: MoceOptions, noisy: boolean): FunctionSpec {
  return {
    kind: 'evaluate',
    inputs: {
      images: { shape: [count, c.image, c.image, 3], type: 'uint8' }, cluster: { shape: [count], type: 'int32' },
      ...(noisy ? { noise: { shape: [reference.blocks.length, c.clusters, c.experts], type: 'float32' } as const } : {}),
    },
    scalars: [],
    body: ({ params: p, inputs }: BodyArguments) => {
      const routing: Routing = { cluster: inputs['cluster'], ...(noisy ? { noise: inputs['noise'] } : {}) };
      const { tokens, gates } = encodeRouted(model, own, p, embedPatches(model, p, patchify(inputs['images']!, c.patch)), routing);
      return { tokens, ...Object.fromEntries(Array.from(gates, ([block, gate]) => [`chosen${block}`, gate.chosen])) };
    },
  };
}

async function routed(cluster: Int32Array, { own = options, pixels = images(cluster.length), step }: { own?: MoceOptions; pixels?: Uint8Array; step?: number } = {}) {
  const compiled = await compileOne(params, routedSpec(cluster.length, own, step !== undefined));
  const outputs = compiled.run('one', { images: pixels, cluster, ...(step === undefined ? {} : { noise: noise(step, c.clusters) }) });
  compiled.dispose();
  return outputs;
}

describe('routing', () => {
  it('takes all images of a cluster to one expert, with the noise of training too', async () => {
    const cluster = Int32Array.of(3, 0, 3, 1, 0, 3, 4, 4);
    for (const step of [0, 1, 2]) {
      const outputs = await routed(cluster, { step });
      for (const block of reference.blocks) {
        const chosen = Array.from(cluster, (_, i) => Array.from(outputs[`chosen${block}`]!.data.slice(i * c.experts, (i + 1) * c.experts)).indexOf(1));
        cluster.forEach((own, i) => { expect(chosen[i]).toBe(chosen[cluster.indexOf(own)]); });
        expect(chosen).not.toContain(-1);
        expect(new Set(chosen).size).toBeGreaterThan(1);
      }
    }
  });

  it('does not depend on the order of the batch, nor on the size of groups', async () => {
    const cluster = clusterOf(0);
    const order = [4, 2, 0, 5, 1, 3];
    const pixels = images(order.length);
    const each = (data: ArrayLike<number>, i: number): readonly number[] => Array.from(data).slice((i * data.length) / order.length, ((i + 1) * data.length) / order.length);
    const straight = (await routed(cluster, { step: 0 }))['tokens']!.data;
    const permuted = (await routed(Int32Array.from(order, (i) => cluster[i]!), { step: 0, pixels: Uint8Array.from(order.flatMap((i) => [...pixels.subarray(i * size, (i + 1) * size)])) }))['tokens']!.data;
    order.forEach((from, to) => { expect(distance(each(permuted, to), each(straight, from))).toBeLessThan(1e-5); });
    for (const group of [1, 3, 6] as const) {
      const grouped = await routed(cluster, { step: 0, own: { ...options, experts: { ...options.experts, group } } });
      expect(distance(grouped['tokens']!.data, straight)).toBeLessThan(1e-5);
    }
  });
});

describe('extraction', () => {
  const weights = new Map(params.map(({ name, shape, value }) => [name, { shape, data: value }]));
  const tables = reference.blocks.map((block) => gateTable(weights.get(`blocks.${block}.mlp.gate.weight`)!, weights.get('centres')!));
  const encoderParams = (taken: Parameters<typeof extracted>[2]): readonly ParamSpec[] =>
    Array.from(extracted(model, weights, taken), ([name, { shape, data }]) => ({ name, shape, value: data, trainable: false, decay: false, lrScale: 1 }));

  async function plain(taken: Parameters<typeof extracted>[2], count: number): Promise<ArrayLike<number>> {
    const compiled = await compileOne(encoderParams(taken), {
      kind: 'evaluate', inputs: { images: { shape: [count, c.image, c.image, 3], type: 'uint8' } }, scalars: [],
      body: ({ params: p, inputs }) => ({ tokens: layerNormLayer(p, 'norm', vitTokens(model, p, inputs['images']!)) }),
    });
    const { tokens } = compiled.run('one', { images: images(count) });
    compiled.dispose();
    return tokens!.data;
  }

  it.each([0, 1, 2, 3, 4])('is what images of cluster %s go through, with their gate values', async (cluster) => {
    const taken = reference.blocks.map((block, layer) => {
      const { chosen, values, experts } = tables[layer]!;
      return { block, expert: chosen[cluster]!, gate: values[cluster * experts + chosen[cluster]!]! };
    });
    const wanted = (await routed(new Int32Array(4).fill(cluster)))['tokens']!.data;
    expect(distance(await plain(taken, 4), wanted)).toBeLessThan(1e-5);
    const others = taken.map((one) => ({ ...one, expert: (one.expert + 1) % c.experts }));
    expect(distance(await plain(others, 4), wanted)).toBeGreaterThan(1e-2);
  });

  it('gives a ViT of the size and the operations of MAE\'s encoder', () => {
    const specs = encoderParams(reference.blocks.map((block) => ({ block, expert: 1, gate: 0.5 })));
    expect(specs.map(({ name, shape }) => ({ name, shape }))).toEqual(vitShapes(model));
    specs.forEach(({ shape, value }) => { expect(value).toHaveLength(shape.reduce((product, n) => product * n, 1)); });
    expect(multiplyAdds(specs, 2, (p, x) => vitTokens(model, p, x))).toBe(2 * encoderMacs(model));
  });

  it('what the experts compute is counted with their padding', () => {
    const cluster = [0, 1, 2, 3, 4, 0];
    const own = { ...options, experts: { ...options.experts, group: 4 } };
    const count = multiplyAdds(params, cluster.length, (p, x) => encodeRouted(model, own, p, embedPatches(model, p, patchify(x, c.patch)), { cluster: tf.tensor1d(cluster, 'int32') }).tokens);
    const tokens = (c.image / c.patch) ** 2 + 1;
    // Three groups of four images where six would do.
    expect(dispatchShape(own, cluster.length, tokens)).toEqual({ units: 6, rows: tokens, size: 4, groups: 3 });
    expect(count).toBeCloseTo(cluster.length * (encoderMacs(model) + expertMacs(model, own, tokens, cluster.length)), 3);
  });
});

/** Of the matrix products that `f` runs. */
function multiplyAdds(specs: readonly ParamSpec[], count: number, f: (p: Params, x: Tensor) => Tensor): number {
  let total = 0;
  const spy = vi.spyOn(tf.engine(), 'runKernel');
  tf.tidy(() => {
    const p = Object.fromEntries(specs.map(({ name, shape, value }) => [name, tensor(value, [...shape])]));
    f(p, tensor(Float32Array.from(images(count)), [count, c.image, c.image, 3]));
  });
  for (const [kernel, inputs, attrs] of spy.mock.calls) {
    if (kernel !== 'BatchMatMul') continue;
    const { a, b } = inputs as unknown as { readonly a: Tensor; readonly b: Tensor };
    total += a.size * (attrs!['transposeB'] === true ? b.shape.at(-2)! : b.shape.at(-1)!);
  }
  spy.mockRestore();
  return total;
}

it('counts products as it should', () => {
  expect(multiplyAdds([], 1, () => matMul(tf.ones([3, 4]), tf.ones([2, 4]), false, true))).toBe(3 * 4 * 2);
});
