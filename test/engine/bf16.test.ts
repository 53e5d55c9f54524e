import { beforeAll, describe, expect, it } from 'vitest';
import { matMul, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';
import type { Compiled, CompileSpec, Engine, HostArray, Precision } from '../../src/engine/contract.js';
import { describeCpu } from '../../src/engine/cpu.js';
import { bf16Problem, checkPrecision } from '../../src/engine/precision.js';
import { productsInBfloat16 } from '../../src/engine/trace/bf16.js';
import { DataType, floatOp, type GraphNode } from '../../src/engine/trace/graph.js';
import { EngineError } from '../../src/errors.js';
import { maeMethod } from '../../src/methods/mae/step.js';
import type { VitConfig } from '../../src/models/config.js';
import { gelu } from '../../src/models/gelu.js';
import { linear } from '../../src/models/linear.js';
import { stream } from '../../src/random.js';
import { testDevice } from './device.js';
import { openEngine } from './open.js';

const traced = { mode: 'traced', device: 'cpu', oneDnn: true } as const;
const cpu = { model: 'a CPU', bf16: true } as const;

describe('bf16 is refused', () => {
  it.each([
    ['by the eager engine', bf16Problem({ ...traced, mode: 'eager' }, cpu), /eager engine/],
    ['without the instructions', bf16Problem(traced, { ...cpu, bf16: false }), /has neither AVX512_BF16 nor AMX_BF16/],
    ['where the CPU does not tell', bf16Problem(traced, { ...cpu, bf16: null }), /does not tell/],
    ['without oneDNN', bf16Problem({ ...traced, oneDnn: false }, cpu), /oneDNN is turned off/],
  ])('%s', (_, problem, message) => {
    expect(problem).toMatch(message);
  });

  it('with what to do, and only where bf16 was asked for', () => {
    expect(() => { checkPrecision('bf16', traced, describeCpu('flags : avx2\n')); }).toThrow(EngineError);
    expect(() => { checkPrecision('bf16', traced, describeCpu('flags : avx2\n')); }).toThrow(/bf16 cannot be used: .* AVX512_BF16/);
    expect(() => { checkPrecision('f32', traced, describeCpu('flags : avx2\n')); }).not.toThrow();
    expect(bf16Problem({ ...traced, device: 'cuda', oneDnn: false }, { ...cpu, bf16: false })).toBeNull();
    expect(bf16Problem(traced, cpu)).toBeNull();
  });

  it('in eager mode by compile too', async () => {
    const engine = await openEngine({ threads: 1, mode: 'eager' });
    expect(() => engine.compile({ params: [], functions: {}, precision: 'bf16' })).toThrow(/eager engine computes in f32 only/);
    await expect(openEngine({ threads: 1, mode: 'eager', precision: 'bf16' })).rejects.toThrow(EngineError);
  });
});

describe('the bf16 pass', () => {
  const type = (node: GraphNode, name: string): number | null => {
    const attribute = node.attributes[name];
    return attribute?.kind === 'type' ? attribute.value : null;
  };
  const nodes = [
    floatOp('f/0_BatchMatMulV2', 'BatchMatMulV2', ['x', 'read/w'], { adj_x: { kind: 'bool', value: false }, adj_y: { kind: 'bool', value: true } }),
    floatOp('f/1_Softmax', 'Softmax', ['f/0_BatchMatMulV2']),
    floatOp('f/2_BatchMatMulV2', 'BatchMatMulV2', ['f/1_Softmax', 'read/w', '^f/0_BatchMatMulV2']),
    floatOp('f/3_Sum', 'Sum', ['f/2_BatchMatMulV2']),
  ];
  const lowered = productsInBfloat16('f', nodes, true);
  const byName = new Map(lowered.map((node) => [node.name, node]));

  it('has every product in bfloat16 between casts, and nothing else', () => {
    const products = lowered.filter(({ op }) => op === 'BatchMatMulV2');
    expect(products.map((node) => type(node, 'T'))).toEqual([DataType.bfloat16, DataType.bfloat16]);
    for (const product of products) {
      expect(product.inputs.slice(0, 2).map((input) => byName.get(input)!).map((node) => [node.op, type(node, 'SrcT'), type(node, 'DstT')])).toEqual(Array.from({ length: 2 }, () => ['Cast', DataType.float, DataType.bfloat16]));
    }
    // An order stays one.
    expect(products.map(({ inputs }) => inputs.slice(2))).toEqual([[], ['^f/0_BatchMatMulV2']]);
    expect(products[0]!.attributes['adj_y']).toEqual({ kind: 'bool', value: true });
    for (const name of ['f/1_Softmax', 'f/3_Sum']) expect(byName.get(name)).toEqual(nodes.find((node) => node.name === name));
  });

  it('keeps float32 under the old names', () => {
    for (const name of ['f/0_BatchMatMulV2', 'f/2_BatchMatMulV2']) {
      expect(byName.get(name)).toMatchObject({ op: 'Cast', inputs: [`${name}/bf16`] });
      expect(type(byName.get(name)!, 'DstT')).toBe(DataType.float);
    }
    expect(new Set(lowered.map(({ name }) => name)).size).toBe(lowered.length);
  });

  it('casts a value once, however many products use it', () => {
    expect(lowered.filter(({ op, inputs }) => op === 'Cast' && inputs[0] === 'read/w')).toHaveLength(1);
  });
});

describe('what TensorFlow computes in the pass of a product is in bfloat16 with it', () => {
  const bools = { transpose_a: { kind: 'bool', value: false }, transpose_b: { kind: 'bool', value: true } } as const;
  const biased = [floatOp('f/product', 'MatMul', ['x', 'read/w'], bools), floatOp('f/sum', 'BiasAdd', ['f/product', 'read/b'])];
  const gelu = [
    floatOp('f/scaled', 'Mul', ['f/sum', 'root']), floatOp('f/erf', 'Erf', ['f/scaled']), floatOp('f/shifted', 'AddV2', ['f/erf', 'one']),
    floatOp('f/halved', 'Mul', ['f/shifted', 'half']), floatOp('f/gelu', 'Mul', ['f/sum', 'f/halved']),
  ];
  const next = floatOp('f/next', 'MatMul', ['f/gelu', 'read/w2'], bools);
  const loweredOf = (nodes: readonly GraphNode[], withGelu = true): readonly string[] =>
    productsInBfloat16('f', nodes, withGelu).filter(({ name }) => name.endsWith('/bf16')).map(({ name }) => name.slice(2, -5));

  it('a bias', () => {
    const lowered = productsInBfloat16('f', biased, true);
    expect(lowered.find(({ name }) => name === 'f/sum/bf16')).toMatchObject({ op: 'BiasAdd', inputs: ['f/product/bf16', 'f/bf16/2'], attributes: { T: { value: DataType.bfloat16 } } });
    expect(lowered.find(({ name }) => name === 'f/bf16/2')).toMatchObject({ op: 'Cast', inputs: ['read/b'] });
    expect(lowered.find(({ name }) => name === 'f/sum')).toMatchObject({ op: 'Cast', inputs: ['f/sum/bf16'] });
  });

  it('GELU, whose result goes into the next product as it is', () => {
    const lowered = productsInBfloat16('f', [...biased, ...gelu, next], true);
    expect(loweredOf([...biased, ...gelu, next])).toEqual(['product', 'sum', 'scaled', 'erf', 'shifted', 'halved', 'gelu', 'next']);
    expect(lowered.find(({ name }) => name === 'f/next/bf16')!.inputs[0]).toBe('f/gelu/bf16');
  });

  it.each<[what: string, nodes: readonly GraphNode[], withGelu: boolean]>([
    ['TensorFlow does not fuse it', gelu, false],
    ['a gradient takes its argument', [...gelu, floatOp('f/square', 'Square', ['f/sum'])], true],
    ['a gradient takes what it multiplies by', [...gelu, floatOp('f/kept', 'Mul', ['f/halved', 'dy'])], true],
    ['it is another function', gelu.map((node) => (node.op === 'Erf' ? { ...node, op: 'Tanh' } : node)), true],
  ])('but not GELU where %s', (_, behind, withGelu) => {
    expect(loweredOf([...biased, ...behind], withGelu)).toEqual(['product', 'sum']);
  });

  it('nor a bias to something else, nor the sum of two products', () => {
    expect(loweredOf([floatOp('f/sum', 'BiasAdd', ['x', 'read/b'])])).toEqual([]);
    expect(loweredOf([biased[0]!, floatOp('f/other', 'AddV2', ['f/product', 'x'])])).toEqual(['product']);
  });
});

/** Values are compared where bf16 is computed; elsewhere it is refused, as tested above. */
describe.runIf(bf16Problem({ ...traced, device: testDevice }, describeCpu()) === null)('a step in bf16', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openEngine({ threads: 1 });
  });

  it('rounds the factors of a product to 8 bits, and sums in float32', () => {
    const body = ({ inputs }: { readonly inputs: Readonly<Record<string, Tensor>> }): { y: Tensor } => ({ y: matMul(inputs['a'] as Tensor2D, inputs['b'] as Tensor2D) });
    const shape = { shape: [16, 16], type: 'float32' } as const;
    const product = (precision: Precision): number => {
      const compiled = engine.compile({ params: [], precision, functions: { product: { kind: 'evaluate', inputs: { a: shape, b: shape }, scalars: [], body } } });
      const a = new Float32Array(256);
      a.fill(1 + 2 ** -9, 0, 1); // needs 9 bits behind the point
      a.fill(2 ** -6, 1, 16);
      const b = new Float32Array(256).fill(1);
      const value = compiled.run('product', { a, b })['y']!.data[0]!;
      compiled.dispose();
      return value;
    };
    expect(product('f32')).toBe(1 + 2 ** -9 + 15 * 2 ** -6);
    expect(product('bf16')).toBe(1.234375); // 1 + 15 / 64: 1 + 2^-9 became 1, and the sum has the 8 bits of a bfloat16
  });

  const run = (body: (inputs: Readonly<Record<string, Tensor>>) => Tensor, given: Readonly<Record<string, Float32Array>>, shapes: Readonly<Record<string, readonly number[]>>): Float32Array => {
    const inputs = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, { shape, type: 'float32' } as const]));
    const compiled = engine.compile({ params: [], precision: 'bf16', functions: { f: { kind: 'evaluate', inputs, scalars: [], body: (args) => ({ y: body(args.inputs) }) } } });
    const { data } = compiled.run('f', given)['y']!;
    compiled.dispose();
    return Float32Array.from(data);
  };

  it('rounds once behind the bias', () => {
    // 1 + 2^-8 lies between two bfloat16, and the even one is 1; with the bias it is one.
    const y = run(({ x, w, b }) => linear(x!, w!, b!), { x: Float32Array.of(1, 2 ** -8, 0, 0), w: Float32Array.of(1, 1, 0, 0), b: Float32Array.of(2 ** -8, 0) }, { x: [2, 2], w: [2, 2], b: [2] });
    expect([...y]).toEqual([1 + 2 ** -7, 0, 2 ** -8, 0]);
  });

  it('has a GELU that is computed in float32 and rounded once, also where erf is almost -1', () => {
    // Factors and sums are bfloat16, so what GELU is given is exact. x erfc(-x / sqrt(2)) / 2 by Python's math
    const x = [-4, -3, -2, -1, -0.5, 0.25, 1, 3];
    const expected = [-0.00012668496733, -0.00404969409489, -0.0455002638964, -0.158655253931, -0.154268769363, 0.149676581421, 0.841344746069, 2.99595030591];
    const shapes = { x: [8, 2], w: [2, 2], b: [2] };
    const y = run(({ x: rows, w, b }) => matMul(gelu(linear(rows!, w!, b!)) as Tensor2D, w as Tensor2D), { x: Float32Array.from(x.flatMap((value) => [value - 1, 0])), w: Float32Array.of(1, 0, 0, 1), b: Float32Array.of(1, 0) }, shapes);
    const errors = expected.map((value, i) => Math.abs(y[2 * i]! - value) / Math.abs(value));
    expect(Math.max(...errors)).toBeLessThan(2 ** -8);
    expect(Math.max(...errors)).toBeGreaterThan(2 ** -12); // it is rounded
  });

  const model: VitConfig = { name: 'custom', imageSize: 32, patchSize: 8, width: 32, depth: 2, heads: 2, mlpRatio: 4 };
  const STEPS = 200;
  const BATCH = 8;
  const recipe = maeMethod.build({
    model, batchSize: BATCH, seed: 0, totalSteps: STEPS, stepsPerEpoch: 20,
    options: { mask_ratio: 0.75, norm_pix_loss: true, decoder: { width: 16, depth: 1, heads: 2 }, base_lr: 0.02, warmup_epochs: 1, weight_decay: 0.05 },
  });
  const spec = (precision: Precision) => ({ params: recipe.params, optimizer: recipe.optimizer, functions: { train: recipe.train }, precision }) satisfies CompileSpec;
  /** A few batches of smooth pictures, with other masks at every step. */
  const pictures = Array.from({ length: 4 }, (_, batch) => {
    const draws = stream(3, 'test/bf16', batch);
    const waves = Array.from({ length: BATCH }, () => [draws.between(0.1, 0.5), draws.between(0.1, 0.5), draws.between(0, 6)] as const);
    return Uint8Array.from({ length: BATCH * 32 * 32 * 3 }, (__, i) => {
      const [u, v, phase] = waves[Math.floor(i / 3072)]!;
      const pixel = Math.floor((i % 3072) / 3);
      return 128 + 100 * Math.sin(u * (pixel % 32) + v * Math.floor(pixel / 32) + phase + (i % 3));
    });
  });
  const inputs = (step: number): Record<string, HostArray> => ({ images: pictures[step % pictures.length]!, ...recipe.draws(step) });
  const train = (compiled: Compiled, from: number, to: number): readonly number[] =>
    Array.from({ length: to - from }, (_, i) => compiled.run('train', inputs(from + i), recipe.schedule(from + i))['loss']!.data[0]!);
  const trained = (precision: Precision): readonly number[] => {
    const compiled = engine.compile(spec(precision));
    const losses = train(compiled, 0, STEPS);
    compiled.dispose();
    return losses;
  };

  it('follows the losses of f32 within 1 % over 200 steps of MAE', () => {
    const [f32, bf16] = [trained('f32'), trained('bf16')];
    expect(f32.at(-1)!).toBeLessThan(0.9 * f32[0]!); // it learns
    expect(bf16).not.toEqual(f32); // and is another computation
    const worst = Math.max(...f32.map((loss, step) => Math.abs(bf16[step]! - loss) / loss));
    expect(worst).toBeLessThan(0.01);
  });

  it("has f32's gradients: every one at a cosine above 0.999, and not the same", () => {
    // With beta1 0 the first moment after one step is the gradient.
    const gradientsIn = (precision: Precision): ReadonlyMap<string, Float32Array> => {
      const compiled = engine.compile({ ...spec(precision), optimizer: { ...recipe.optimizer, beta1: 0 } });
      compiled.run('train', inputs(0), { lr: 0, weight_decay: 0 });
      const { m } = compiled.readOptimizer();
      compiled.dispose();
      return m;
    };
    const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
    const cosine = (a: readonly number[], b: readonly number[]): number => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
    const [f32, bf16] = [gradientsIn('f32'), gradientsIn('bf16')];
    const all = (gradients: ReadonlyMap<string, Float32Array>): readonly number[] => [...gradients.values()].flatMap((gradient) => [...gradient]);
    expect(cosine(all(f32), all(bf16))).toBeLessThan(1 - 1e-9);
    for (const [name, gradient] of f32) {
      // without the bias of the keys, whose true gradient is 0: what is there is rounding
      const parts = (values: Float32Array): readonly number[] => (name.endsWith('attn.qkv.bias') ? [...values].filter((_, i) => Math.floor((3 * i) / values.length) !== 1) : [...values]);
      expect([name, cosine(parts(gradient), parts(bf16.get(name)!)) > 0.999]).toEqual([name, true]);
    }
  });

  it('goes on to the bit from a state that was read', () => {
    const straight = engine.compile(spec('bf16'));
    const first = engine.compile(spec('bf16'));
    const second = engine.compile(spec('bf16'));
    train(straight, 0, 6);
    train(first, 0, 3);
    second.writeParams(first.readParams());
    second.writeOptimizer(first.readOptimizer());
    train(second, 3, 6);
    expect(second.readParams()).toEqual(straight.readParams());
    expect(second.readOptimizer()).toEqual(straight.readOptimizer());
    for (const compiled of [straight, first, second]) compiled.dispose();
  });

  it('is what an engine opened with bf16 compiles, but for a model with a precision of its own', async () => {
    const low = await openEngine({ threads: 1, precision: 'bf16' });
    expect(low.info.precision).toBe('bf16');
    const loss = (opened: Engine, precision?: Precision): number => {
      const { params, optimizer, functions } = spec('f32');
      const compiled = opened.compile({ params, optimizer, functions, ...(precision === undefined ? {} : { precision }) });
      const [value] = train(compiled, 0, 1);
      compiled.dispose();
      return value!;
    };
    const [f32, bf16] = [loss(engine), loss(engine, 'bf16')];
    expect(f32).not.toBe(bf16);
    expect([loss(low), loss(low, 'f32')]).toEqual([bf16, f32]);
  });
});

