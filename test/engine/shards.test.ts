import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CompileSpec, Engine, FunctionSpec, HostArray, Precision } from '../../src/engine/contract.js';
import { describeCpu } from '../../src/engine/cpu.js';
import { kthLargest } from '../../src/engine/kernels/kth-largest.js';
import { bf16Problem } from '../../src/engine/precision.js';
import { DataType, floatOp, type GraphNode } from '../../src/engine/trace/graph.js';
import type { Abstract } from '../../src/engine/trace/output-shapes.js';
import type * as Count from '../../src/engine/trace/shards/count.js';
import { batchOf, lanesOf, turnsOf } from '../../src/engine/trace/shards/count.js';
import { cutBatch } from '../../src/engine/trace/shards/cut.js';
import { inShards, type ShardedGraph } from '../../src/engine/trace/shards/index.js';
import { flatRows, gatherRows, scatterRows } from '../../src/models/rows.js';
import { stream } from '../../src/random.js';
import { testDevice } from './device.js';
import { buildMethod, methodWays, protocolWays, runProtocol } from './every-spec.js';
import { graphs } from './graphs.js';
import { distance, TOLERANCE, type Mode } from './modes.js';
import { openEngine } from './open.js';

/** With two threads a traced step goes in two pieces of the batch. It computes what the ops compute one by one on the whole. */
vi.mock('../../src/engine/trace/pool.js', async (load) => (await import('./graphs.js')).keepsGraphs(await load()));
/** Turns are for larger steps than a test's. */
const turns = vi.hoisted(() => ({ wanted: 1, lanes: Infinity }));
vi.mock('../../src/engine/trace/shards/count.js', async (load) => {
  const real = await load<typeof Count>();
  return { ...real, lanesOf: (batch: number, threads: number) => real.lanesOf(batch, Math.min(threads, turns.lanes)), turnsOf: (batch: number, lanes: number, bytes: number) => (turns.wanted === 1 ? real.turnsOf(batch, lanes, bytes) : (batch / lanes) % turns.wanted === 0 ? turns.wanted : 1) };
});
beforeEach(() => { Object.assign(turns, { wanted: 1, lanes: Infinity }); });

const engines = {} as Record<Mode, Engine>;
beforeAll(async () => {
  // The first decides how threads are shared.
  for (const mode of ['traced', 'eager'] as const) engines[mode] = await openEngine({ threads: 2, mode });
});

it('has a thread for each piece', () => {
  expect(engines.traced.info.threads).toEqual({ intraOp: 1, interOp: 2 });
});

it.each([
  ['pictures', [[4, 8, 8, 3], [4, 16]], 4], ['views of two sizes', [[8, 8, 8, 3], [44, 4, 4, 3]], 4], ['features', [[3], [16, 96]], 16], ['nothing', [], 1],
] as const)('counts the images of %s', (_, shapes, images) => {
  expect(batchOf(shapes)).toBe(images);
});

it.each([[64, 1, 1], [64, 2, 2], [64, 5, 4], [6, 4, 3], [7, 2, 1], [7, 8, 7], [1, 4, 1]])('%i images on %i threads are %i pieces', (batch, threads, pieces) => {
  expect(lanesOf(batch, threads)).toBe(pieces);
});

it.each([
  [64, 2, 6e7, 1], [32, 2, 12e9, 4], [8, 2, 3e9, 1], [12, 2, 10e9, 6], [7, 1, 4e9, 7], [2, 2, 1e12, 1],
])('%i images in %i lanes whose ops make %i bytes take %i turns', (batch, lanes, bytes, count) => {
  expect(turnsOf(batch, lanes, bytes)).toBe(count);
});

describe('groups of images that the threads do not divide', () => {
  /** Eight images [8, 4], squared; as two groups [2, 16] squared so many times; as images again, added to what they were. */
  const grouped = (times: number): ShardedGraph => {
    const known = new Map<string, Abstract>([['x', { dtype: DataType.float, shape: [8, 4], literal: null }]]);
    const nodes: GraphNode[] = [];
    const add = (name: string, op: string, inputs: readonly string[], shape: readonly number[]): string => {
      nodes.push(floatOp(name, op, inputs));
      known.set(name, { dtype: DataType.float, shape, literal: null });
      return name;
    };
    const reshaped = (name: string, input: string, shape: readonly number[]): string => {
      known.set(`${name}/shape`, { dtype: DataType.int32, shape: [shape.length], literal: Int32Array.from(shape) });
      return add(name, 'Reshape', [input, `${name}/shape`], shape);
    };
    const groups = reshaped('together', add('before', 'Square', ['x'], [8, 4]), [2, 16]);
    const last = Array.from({ length: times }, (_, i) => i).reduce((input, i) => add(`group${i}`, 'Square', [input], [2, 16]), groups);
    const apart = reshaped('apart', last, [8, 4]);
    return { nodes, known, inputs: ['x'], weights: [], results: [add('after', 'Add', [apart, 'before'], [8, 4])] };
  };
  const pieces = (times: number, threads: number): Readonly<Record<string, number>> => {
    const { nodes } = cutBatch('f', grouped(times), 8, threads, false)!;
    return Object.fromEntries(['before', 'group0', 'after'].map((name) => [name, nodes.filter((node) => node.name.startsWith(`${name}/`)).length]));
  };

  // Four pieces cut `before` and `after` alone, of 32 numbers each: three of them take 3 x 2 x 8 = 48 from the fourth. Two pieces cut all 4 + times values: one takes 80, or 96.
  it.each([[1, 4, 2], [2, 4, 2], [2, 5, 2], [2, 3, 2], [2, 2, 2]])('%i times on %i threads go in %i pieces', (times, threads, count) => {
    expect(pieces(times, threads)).toEqual({ before: count, group0: count, after: count });
  });

  it('stay whole where more pieces take more from the first even so', () => {
    // 3 x 12 x 8 = 288 against (4 + 1 + 10) x 16 = 240.
    const { nodes, known, ...rest } = grouped(1);
    const more = Array.from({ length: 10 }, (_, i) => floatOp(`more${i}`, 'Square', [i === 0 ? 'after' : `more${i - 1}`]));
    const all = new Map([...known, ...more.map(({ name }) => [name, known.get('after')!] as const)]);
    const cut = cutBatch('f', { ...rest, nodes: [...nodes, ...more], known: all, results: ['more9'] }, 8, 4, false)!;
    expect([piecesOf(cut.nodes.filter(({ name }) => name.startsWith('more0/')), 'Square'), cut.nodes.some(({ name }) => name === 'group0')]).toEqual([4, true]);
  });

  it('are on two threads, and on one, what they were', () => {
    const { nodes, numbers } = cutBatch('f', grouped(2), 8, 2, false)!;
    expect({ nodes, numbers }).toEqual({ nodes: inShards('f', grouped(2), 8, 2, 1).nodes, numbers: 6 * 16 });
    expect(cutBatch('f', grouped(2), 8, 1, false)).toBeNull();
  });
});

/** Bytes, shares, and places that are valid everywhere: of what is fed only the type is known. */
function feedsOf({ inputs }: FunctionSpec, seed: number): Readonly<Record<string, HostArray>> {
  const { uniform } = stream(seed, 'test/shards');
  return Object.fromEntries(Object.entries(inputs).map(([name, { shape, type }]) => {
    const values = Array.from({ length: shape.reduce((all, size) => all * size, 1) }, (_, at) => (type === 'int32' ? at % 2 : type === 'uint8' ? Math.floor(256 * uniform()) : 0.05 + 0.9 * uniform()));
    return [name, type === 'int32' ? Int32Array.from(values) : type === 'uint8' ? Uint8Array.from(values) : Float32Array.from(values)];
  }));
}

/** What a function is fed beside that, where not every value would do. */
type Draws = (fn: string, step: number) => Readonly<Record<string, HostArray>>;

/** Two steps of what trains and a run of every other function, one after the other, and what they leave. */
function runs(spec: CompileSpec, mode: Mode, draws: Draws, precision: Precision = 'f32') {
  const compiled = engines[mode].compile({ ...spec, precision });
  const outputs = Object.entries(spec.functions).flatMap(([name, fn]) => (fn.kind === 'train' ? [0, 1] : [0]).map((seed) =>
    compiled.run(name, { ...feedsOf(fn, seed), ...draws(name, seed) }, Object.fromEntries([...fn.scalars, ...(fn.kind === 'train' ? ['lr', 'weight_decay'] : [])].map((scalar) => [scalar, scalar === 'lr' ? 1e-3 : 0.05])))));
  const { m, v } = compiled.readOptimizer();
  compiled.dispose();
  return { outputs, moments: [...m, ...v] };
}

const piecesOf = (nodes: readonly GraphNode[], op: string): number => nodes.filter((node) => node.op === op && /\/[0-3]$/.test(node.name)).length;

type Runs = ReturnType<typeof runs>;

function expectSame(spec: CompileSpec, draws: Draws = () => ({}), eager: Runs = runs(spec, 'eager', draws)): readonly GraphNode[] {
  const traced = runs(spec, 'traced', draws);
  for (const [at, outputs] of eager.outputs.entries()) {
    for (const [name, { shape, data }] of Object.entries(outputs)) {
      expect(traced.outputs[at]![name]!.shape).toEqual(shape);
      expect(Array.from(data).every(Number.isFinite), name).toBe(true);
      expect(distance(traced.outputs[at]![name]!.data, data), name).toBeLessThan(TOLERANCE);
    }
  }
  // Of parameters that begin at 0 Adam makes steps of rounding noise; the gradients tell.
  for (const [at, [name, moment]] of eager.moments.entries()) if (!name.endsWith('attn.qkv.bias')) expect(distance(traced.moments[at]![1], moment), name).toBeLessThan(TOLERANCE);
  return graphs.at(-1)!;
}

describe('every method and protocol is the same in pieces', () => {
  const firstWays = methodWays.filter(([name], at) => methodWays.findIndex(([other]) => other === name) === at);
  // Other ways have the same ops, but for the experts of single tokens.
  const otherOps = methodWays.filter(([, changes]) => changes['gate'] === 'token');
  it.each([...firstWays.map(([name, changes]) => [name, changes, [1, 2]] as const), ...otherOps.map(([name, changes]) => [name, changes, [1]] as const)])('method %s with %o, in %o turns', async (name, changes, counts) => {
    const { spec, draws } = await buildMethod(name, changes);
    const eager = runs(spec, 'eager', draws);
    for (const count of counts) {
      turns.wanted = count;
      const nodes = expectSame(spec, draws, eager);
      // Products of the blocks; a head on all images at once may stay whole.
      expect(piecesOf(nodes, 'MatMul')).toBeGreaterThan(0.7 * nodes.filter(({ op }) => op === 'MatMul').length);
      expect(nodes.some(({ op }) => op === 'NoOp')).toBe(count > 1);
    }
  });

  // k-NN compiles nothing; the cascade has Mask R-CNN's ops, three times.
  it.each([
    ...protocolWays.filter(([name], at) => name !== 'knn' && name !== 'cascade-mask-rcnn' && protocolWays.findIndex(([other]) => other === name) === at).map(([name, options]) => [1, name, options] as const),
    [2, 'fine-tune', { steps: 2, batch_size: 4 }] as const,
    // Its batch norms are where pieces meet; two pictures, in one lane.
    [2, 'upernet', { steps: 2, batch_size: 2, drop_path: 0, channels: 8 }] as const,
  ])('in %i turns, protocol %s with %o', async (count, name, options) => {
    Object.assign(turns, { wanted: count, lanes: options.batch_size === 2 && count === 2 ? 1 : Infinity });
    const specs: CompileSpec[] = [];
    await runProtocol({
      ...engines.traced,
      compile(spec) {
        specs.push(spec);
        return engines.traced.compile(spec);
      },
    }, name, options);
    expect(specs.length).toBeGreaterThan(0);
    for (const spec of specs) expect(expectSame(spec).some(({ op }) => op === 'NoOp')).toBe(count > 1);
  });
});

it.runIf(bf16Problem({ mode: 'traced', device: testDevice, oneDnn: true }, describeCpu()) === null).each([...methodWays.filter(([, changes]) => Object.keys(changes).length === 0).map(([name]) => [1, name] as const), [2, 'mae'] as const])('in bfloat16, in %i turns, %s has the losses and gradients of f32', async (count, name) => {
  turns.wanted = count;
  const { spec, draws } = await buildMethod(name, {});
  const train: CompileSpec = { params: spec.params, optimizer: { ...spec.optimizer!, beta1: 0 }, functions: { train: spec.functions['train']! } };
  const f32 = runs(train, 'eager', draws);
  const bf16 = runs(train, 'traced', draws, 'bf16');
  const losses = ({ outputs }: Runs): readonly number[] => outputs.map(({ loss }) => loss!.data[0]!);
  losses(bf16).forEach((loss, step) => { expect(Math.abs(loss / losses(f32)[step]! - 1), `step ${step}`).toBeLessThan(0.01); });
  expect(losses(bf16)).not.toEqual(losses(f32));
  // Without a first beta the first moments are the last step's gradients; a key's bias has none.
  const gradients = ({ moments }: Runs): readonly number[] => moments.slice(0, moments.length / 2).flatMap(([parameter, values]) => (parameter.endsWith('attn.qkv.bias') ? [] : Array.from(values)));
  const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, at) => sum + value * b[at]!, 0);
  const [a, b] = [gradients(f32), gradients(bf16)];
  expect(dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))).toBeGreaterThan(0.999);
  expect(graphs.at(-1)!.some(({ op }) => op === 'NoOp')).toBe(count > 1);
});

/** `x`: [4, 6, 2] of four images; `w`: a parameter [2, 3]; `v`: one of [4, 2]. */
const cases: readonly (readonly [name: string, op: string, pieces: boolean, f: (x: Tensor, w: Tensor, v: Tensor, i: Tensor) => Tensor])[] = [
  ['a sum with a table for each image', 'Add', true, (x, _, v) => tf.add(x, tf.reshape(v, [4, 1, 2]))],
  ['a product with rows', 'MatMul', true, (x, w) => tf.matMul(tf.reshape(x, [24, 2]), w)],
  ['a product whose gradient sums over images', 'MatMul', true, (x, _, v) => tf.matMul(tf.reshape<tf.Rank.R2>(x, [4, 12]), v, true)],
  ['products of a batch', 'BatchMatMulV2', true, (x, w) => tf.matMul(x, tf.matMul(x, tf.tile(tf.reshape(tf.sum(w, 1), [1, 2, 1]), [4, 1, 2])), false, true)],
  ['softmax over places', 'Softmax', true, (x, w) => tf.softmax(tf.matMul(tf.reshape(x, [24, 2]), w as Tensor<tf.Rank.R2>))],
  ['a mean over images', 'Mean', true, (x) => tf.mean(x, 0)],
  ['a mean over all', 'Mean', true, (x) => tf.mean(x)],
  ['a mean over places', 'Mean', true, (x) => tf.mean(x, 1, true)],
  ['a maximum over images', 'Max', true, (x) => tf.max(x, 0)],
  ['a minimum over images', 'Min', true, (x) => tf.min(x, 0)],
  ['images behind places', 'Transpose', true, (x, w) => tf.matMul(tf.reshape(tf.transpose(x, [1, 0, 2]), [24, 2]), w)],
  ['what is above zero', 'Relu', true, (x) => tf.relu(tf.sub(x, 0.5))],
  ['what is above zero, by its gradient', 'Select', true, (x) => tf.relu(tf.sub(x, 0.5))],
  ['several summed', 'AddN', true, (x) => tf.addN([x, tf.square(x), tf.exp(x)])],
  ['a bias', 'BiasAdd', true, (x, w) => tf.add(tf.matMul(tf.reshape<tf.Rank.R2>(x, [24, 2]), w as Tensor<tf.Rank.R2>), tf.sum(w, 0))],
  ['a convolution', 'Conv2D', true, (x, w) => tf.conv2d(tf.reshape<tf.Rank.R4>(x, [4, 3, 2, 2]), tf.reshape<tf.Rank.R4>(w, [1, 1, 2, 3]), 1, 'same')],
  ['a convolution\'s gradient', 'Conv2DBackpropInput', true, (x, w) => tf.conv2d(tf.reshape<tf.Rank.R4>(x, [4, 3, 2, 2]), tf.reshape<tf.Rank.R4>(w, [1, 1, 2, 3]), 1, 'same')],
  ['a filter\'s gradient', 'Conv2DBackpropFilter', true, (x, w) => tf.conv2d(tf.reshape<tf.Rank.R4>(x, [4, 3, 2, 2]), tf.reshape<tf.Rank.R4>(w, [1, 1, 2, 3]), 1, 'same')],
  ['the largest of neighbours', 'MaxPoolGrad', true, (x) => tf.maxPool(tf.reshape<tf.Rank.R4>(x, [4, 3, 2, 2]), 2, 1, 'valid')],
  ['a larger picture', 'ResizeBilinear', true, (x) => tf.image.resizeBilinear(tf.reshape<tf.Rank.R4>(x, [4, 3, 2, 2]), [6, 4])],
  ['images taken apart', 'Unpack', true, (x) => { const [a, b] = tf.unstack(x, 2); return tf.mul(a!, b!); }],
  ['images one by one', 'Unpack', false, (x) => { const [a, b, c, d] = tf.unstack(x, 0); return tf.addN([a!, b!, c!, d!]); }],
  ['images put on each other', 'Pack', true, (x) => tf.stack([x, tf.square(x)], 1)],
  ['places joined', 'ConcatV2', true, (x, _, v) => tf.concat([x, tf.reshape(v, [4, 1, 2])], 1)],
  ['images joined', 'ConcatV2', false, (x) => tf.concat([x, tf.square(x)], 0)],
  ['some places', 'Slice', true, (x) => tf.slice(x, [0, 1, 0], [4, 3, 2])],
  ['some images', 'Slice', false, (x) => tf.slice(x, [1, 0, 0], [2, 6, 2])],
  ['padded places', 'PadV2', true, (x) => tf.pad(x, [[0, 0], [1, 0], [0, 1]])],
  ['padded images', 'PadV2', false, (x) => tf.pad(x, [[1, 1], [0, 0], [0, 0]])],
  ['rows of a table for each image', 'GatherV2', true, (x, w, _, i) => tf.add(tf.gather(w, i as Tensor<tf.Rank.R2>), tf.reshape(tf.sum(x), [1, 1, 1]))],
  ['rows of other images', 'GatherV2', true, (x, _, __, i) => tf.gather(tf.reshape(x, [24, 2]), i)],
  ['rows of the same image', 'GatherV2', true, (x, _, __, i) => tf.square(gatherRows(tf.reshape(x, [24, 2]), flatRows(i, 6)))],
  ['rows put into the same image', 'UnsortedSegmentSum', true, (x, _, __, i) => tf.square(scatterRows(tf.reshape(tf.slice(x, [0, 0, 0], [4, 3, 2]), [12, 2]), flatRows(i, 5), 20))],
  ['a share of places', 'GatherV2', true, (x) => tf.gather(x, tf.tensor1d([3, 1], 'int32'), 1)],
  ['an op of its own behind such an order', 'Neg', true, (x, _, v) => tf.add(tf.neg(tf.reverse(x, 0)), tf.reshape(v, [4, 1, 2]))],
  ['the k-th largest of a row', 'NthElement', true, (x, _, __, i) => tf.mul(x, tf.reshape(kthLargest(tf.cast(i, 'float32'), 2), [4, 1, 1]))],
  ['an order of images that has no rule', 'ReverseV2', false, (x, w) => tf.matMul(tf.reshape(tf.reverse(x, 0), [24, 2]), w)],
];

it.each([1, 2])('gives the same bits in every run, in %i turns', async (count) => {
  turns.wanted = count;
  const { spec, draws } = await buildMethod('mae', {});
  expect(runs(spec, 'traced', draws)).toEqual(runs(spec, 'traced', draws));
});

it('goes in no turns that would cut groups of images', async () => {
  turns.wanted = 2;
  const { spec } = await buildMethod('mixedae', { mixing_ratio: 0.5 });
  engines.traced.compile(spec).dispose();
  const train = graphs.at(-1)!.filter(({ name }) => name.startsWith('train/'));
  expect(train.some(({ op }) => op === 'NoOp')).toBe(false);
  expect(piecesOf(train, 'MatMul')).toBeGreaterThan(0.7 * train.filter(({ op }) => op === 'MatMul').length);
});

it('a turn begins where the one before has ended', async () => {
  turns.wanted = 2;
  const { spec } = await buildMethod('mae', {});
  engines.traced.compile(spec).dispose();
  const nodes = new Map(graphs.at(-1)!.map((node) => [node.name, node]));
  const ancestors = (name: string): ReadonlySet<string> => {
    const seen = new Set<string>();
    const visit = (one: string): void => {
      if (seen.has(one)) return;
      seen.add(one);
      for (const input of nodes.get(one)?.inputs ?? []) visit(input.replace(/^\^|:\d+$/g, ''));
    };
    visit(name);
    return seen;
  };
  /** Products with a weight: of the batch of a training step. */
  const products = (piece: number): readonly string[] =>
    [...nodes.values()].filter(({ name, op }) => op === 'MatMul' && name.startsWith('train/') && name.endsWith(`/${piece}`) && [...ancestors(name)].some((one) => one.startsWith('read/'))).map(({ name }) => name);
  for (const [later, earlier] of [[2, 0], [3, 1]] as const) {
    expect(products(later).length).toBeGreaterThan(20);
    const before = products(earlier);
    expect(before).toHaveLength(products(later).length);
    for (const product of products(later)) expect(before.filter((one) => !ancestors(product).has(one))).toEqual([]);
  }
  for (const product of products(1)) expect([...ancestors(product)].some((one) => one.endsWith('/0') && nodes.get(one)?.op === 'MatMul')).toBe(false);
});

describe('an op is the same in pieces, with its gradient', () => {
  it.each([1, 2].flatMap((count) => cases.map((one) => [count, ...one] as const)))('in %i turns: %s', (count, name, op, inPieces, f) => {
    turns.wanted = count;
    const nodes = expectSame({
      params: [
        { name: 'w', shape: [2, 3], value: Float32Array.of(0.3, -0.2, 0.5, 0.1, 0.7, -0.4), trainable: true, decay: true, lrScale: 1 },
        { name: 'v', shape: [4, 2], value: Float32Array.of(0.3, -0.2, 0.5, 0.1, 0.7, -0.4, 0.9, -0.8), trainable: true, decay: false, lrScale: 1 },
        { name: 'scale', shape: [2], value: Float32Array.of(0.8, 1.3), trainable: true, decay: false, lrScale: 1 },
      ],
      optimizer: { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
      functions: {
        train: {
          kind: 'train', inputs: { x: { shape: [4, 6, 2], type: 'float32' }, i: { shape: [4, 3], type: 'int32' } }, scalars: [],
          body: ({ params, inputs }) => {
            const x = tf.mul(inputs['x']!, params['scale']!);
            const y = f(x, params['w']!, params['v']!, inputs['i']!);
            const used = tf.add(tf.sum(params['w']!), tf.sum(params['v']!));
            return { loss: tf.add(tf.mul(0.1, used), tf.sum<Tensor>(tf.square(y))), y };
          },
        },
      },
    });
    expect(piecesOf(nodes, op) > 0).toBe(inPieces);
    // Of its own rows a piece needs no others'.
    if (name.includes('same image')) expect(nodes.filter((node) => node.op === 'ConcatV2' && node.name.startsWith('train/shards/')).length).toBeLessThan(2);
  });
});
