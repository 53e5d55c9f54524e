import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { Compiled, CompileSpec, Engine, HostTensor, Precision } from '../../src/engine/contract.js';
import { describeCpu } from '../../src/engine/cpu.js';
import { recordKernels } from '../../src/engine/index.js';
import { bf16Problem } from '../../src/engine/precision.js';
import { productsInBfloat16 } from '../../src/engine/trace/bf16.js';
import { DataType, type GraphNode } from '../../src/engine/trace/graph.js';
import { openEngine } from './open.js';
import { methodWays, protocolWays, specOfMethod, runProtocol } from './every-spec.js';
import { draw, type GradientInput } from './gradient.js';
import { compositeCases, gradientCases } from './gradient-cases.js';
import { graphs } from './graphs.js';
import { distance, type Mode } from './modes.js';
import { writtenGradients } from './written-cases.js';

/**
 * Collects the kernels that the tape records in every function that methods and protocols compile, and asks that each of them
 * has a numeric gradient test (gradient.test.ts, written-gradients.test.ts). A model, head or loss that starts to use another op
 * fails here until it is tested.
 *
 * A gradient that is right op by op may still be put into a graph wrongly: an attribute that is left out, an op that is
 * recorded as another. So every case is traced too and compared, and every type of op in the graphs of methods and protocols,
 * in f32 and in bf16, must be one that such a case went through. That holds what runs inside gradients written by hand as well.
 * GELU in bf16 is where no gradient is taken alone (bf16.test.ts).
 */
vi.mock('../../src/engine/trace/pool.js', async (load) => (await import('./graphs.js')).keepsGraphs(await load()));

interface Case { readonly name: string; readonly f: (...inputs: Tensor[]) => Tensor; readonly inputs: readonly GradientInput[] }

const engines = {} as Record<Mode, Engine>;
beforeAll(async () => {
  for (const mode of ['eager', 'traced'] as const) engines[mode] = await openEngine({ threads: 1, mode });
});

/** Types of the ops that the bodies of `functions` and their gradients left in a graph, without those of parameters and their update. */
function opsOf(functions: readonly string[], nodes: readonly GraphNode[]): readonly string[] {
  const own = nodes.filter(({ name }) => functions.some((fn) => name.startsWith(`${fn}/`) && !name.startsWith(`${fn}/adamw/`)));
  return [...new Set(own.map(({ op, attributes }) => {
    const lowered = ['T', 'SrcT', 'DstT'].some((key) => attributes[key]?.kind === 'type' && attributes[key].value === DataType.bfloat16);
    return lowered ? `${op} in bf16` : op;
  }))];
}

/** A compiled spec: its functions, the nodes of its graph, and the kernels with a gradient that the tape recorded (a traced body runs its kernels when it is compiled). */
interface Trace { readonly functions: CompileSpec['functions']; readonly nodes: readonly GraphNode[]; readonly onTape: readonly string[] }

function compileTraced(spec: CompileSpec, keep: (trace: Trace) => void): Compiled {
  graphs.length = 0;
  const compiled: Compiled[] = [];
  const uses = recordKernels(() => { compiled.push(engines.traced.compile({ ...spec, precision: 'f32' })); });
  expect(graphs).toHaveLength(1);
  keep({ functions: spec.functions, nodes: graphs[0]!, onTape: uses.filter(({ name, onTape }) => onTape && tf.getGradient(name) !== undefined).map(({ name }) => name) });
  return compiled[0]!;
}

function traceOf(spec: CompileSpec): Trace {
  const traces: Trace[] = [];
  compileTraced(spec, (trace) => traces.push(trace)).dispose();
  return traces[0]!;
}

/** With beta1 0 the first moment after a step is the gradient: of the sum of what `f` gives, times fixed weights. */
function specOf({ f, inputs }: Case): CompileSpec {
  const names = inputs.map((_, i) => `input${i}`);
  const shape = tf.tidy(() => f(...inputs.map((input, i) => tf.tensor(draw(input, i), [...input.shape]))).shape);
  return {
    params: inputs.map((input, i) => ({ name: names[i]!, shape: input.shape, value: draw(input, i), trainable: true, decay: false, lrScale: 1 })),
    optimizer: { kind: 'adamw', beta1: 0, beta2: 0.999, epsilon: 1e-8 },
    functions: {
      train: {
        kind: 'train', inputs: { weights: { shape, type: 'float32' } }, scalars: [],
        body: ({ params, inputs: given }) => {
          const value = f(...names.map((name) => params[name]!));
          return { loss: tf.sum<Tensor>(tf.mul(value, given['weights']!)), value };
        },
      },
    },
  };
}

function stepOf(spec: CompileSpec, mode: Mode, precision: Precision = 'f32'): { readonly value: HostTensor; readonly gradients: ReadonlyMap<string, Float32Array> } {
  const compiled = engines[mode].compile({ ...spec, precision });
  const { value } = compiled.run('train', { weights: draw({ shape: spec.functions['train']!.inputs['weights']!.shape }, 1000) }, { lr: 0, weight_decay: 0 });
  const gradients = compiled.readOptimizer().m;
  compiled.dispose();
  return { value: value!, gradients };
}

const kernelCases = Object.entries(gradientCases).flatMap(([kernel, cases]) => cases.map((one): Case => ({ ...one, name: `${kernel}, ${one.name}` })));
const allCases: readonly Case[] = [...kernelCases, ...compositeCases, ...Object.values(writtenGradients).flat()];

const graphsOfCases = new Map<Case, readonly GraphNode[]>();
const graphOfCase = (one: Case): readonly GraphNode[] => graphsOfCases.get(one) ?? traceOf(specOf(one)).nodes;

describe('value and gradient are the same traced as op by op', () => {
  it.each(allCases)('$name', (one) => {
    const spec = specOf(one);
    const [eager, traced] = [stepOf(spec, 'eager'), stepOf(spec, 'traced')];
    graphsOfCases.set(one, graphs.at(-1)!);
    expect(traced.value.shape).toEqual(eager.value.shape);
    expect(distance(traced.value.data, eager.value.data)).toBeLessThan(1e-5);
    for (const [name, gradient] of eager.gradients) expect(distance(traced.gradients.get(name)!, gradient)).toBeLessThan(1e-5);
    expect([...eager.gradients.values()].some((gradient) => gradient.some((number) => number !== 0))).toBe(true);
  });
});

/** A product alone, and one with a bias. */
const products = allCases.filter(({ name }) => name.startsWith('BatchMatMul, ') || name.startsWith('linear of '));

/** Values are compared where the CPU computes bf16. */
describe.runIf(bf16Problem({ mode: 'traced', device: 'cpu', oneDnn: true }, describeCpu()) === null)('products in bf16 are those of f32, but for rounding', () => {
  it.each(products)('$name', (one) => {
    const spec = specOf(one);
    const [eager, lowered] = [stepOf(spec, 'eager'), stepOf(spec, 'traced', 'bf16')];
    expect(distance(lowered.value.data, eager.value.data)).toBeLessThan(0.02);
    for (const [name, gradient] of eager.gradients) expect(distance(lowered.gradients.get(name)!, gradient)).toBeLessThan(0.02);
  });
});

describe('every kernel on the tape has a numeric-gradient test, and every type of op in a graph is one of a tested gradient', () => {
  /** What only hands values on, and what has no gradient. */
  const exempt: Readonly<Record<string, string>> = {
    Placeholder: 'an input',
    Const: 'a literal',
    Fill: 'a long literal (compile.test.ts)',
    Identity: 'an output',
  };
  let tested: ReadonlySet<string>;
  beforeAll(() => {
    tested = new Set([
      ...Object.keys(exempt),
      ...allCases.flatMap((one) => opsOf(['train'], graphOfCase(one))),
      ...products.flatMap((one) => opsOf(['train'], productsInBfloat16('train', graphOfCase(one), false))),
    ]);
  });
  const check = ({ functions, nodes, onTape }: Trace): void => {
    expect(onTape.length > 3).toBe(Object.values(functions).some(({ kind }) => kind === 'train'));
    expect(onTape.filter((kernel) => gradientCases[kernel] === undefined)).toEqual([]);
    const names = Object.keys(functions);
    const ops = [...opsOf(names, nodes), ...opsOf(names, productsInBfloat16(names[0]!, nodes, false))];
    expect(ops.length).toBeGreaterThan(5);
    expect(ops.filter((op) => !tested.has(op))).toEqual([]);
  };

  it.each(methodWays)('in method %s with %o', async (name, changes) => {
    check(traceOf(await specOfMethod(name, changes)));
  });

  it.each(protocolWays)('in protocol %s with %o', async (name, options) => {
    const traces: Trace[] = [];
    await runProtocol({ ...engines.traced, compile: (spec) => compileTraced(spec, (trace) => traces.push(trace)) }, name, options);
    for (const trace of traces) check(trace);
  });

  it('and another one is found', () => {
    expect(() => { check(traceOf({ params: [], functions: { f: { kind: 'evaluate', inputs: { x: { shape: [2, 2], type: 'float32' } }, scalars: [], body: ({ inputs }) => ({ y: tf.sum(tf.asinh(tf.square(tf.add(inputs['x']!, 1)))) }) } } })); }).toThrow(/Asinh/);
  });
});
