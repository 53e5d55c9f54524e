import { findBackend } from '@tensorflow/tfjs-core';
import type { NativeBackend, NativeTensor, NativeValues } from '../../src/engine/native.js';
import type { Operation } from './messages.js';

/** Watches the native calls of this process. */
export interface Profiler {
  /** Operations since the last call, their times and counts divided by `steps`, longest first. */
  take(steps: number): readonly Operation[];
}

const product = (shape: readonly number[]): number => shape.reduce((all, n) => all * n, 1);

const flopsOf = (op: string, attributes: readonly { readonly name: string; readonly value: unknown }[], inputs: readonly (readonly number[] | undefined)[], output: readonly number[]): number => {
  if (!op.startsWith('BatchMatMul') && op !== 'MatMul') return 0;
  const first = inputs[0] ?? [];
  const transposed = attributes.some(({ name, value }) => (name === 'adj_x' || name === 'transpose_a') && value === true);
  return 2 * product(output) * (first[first.length - (transposed ? 2 : 1)] ?? 0);
};

/**
 * Eager mode makes one native call an operation and waits for it, so each can be timed. Call it when the engine is open and
 * before anything is compiled: shapes are known for what is made afterwards.
 */
export function startProfiler(): Profiler {
  const backend = findBackend('tensorflow') as unknown as NativeBackend;
  const real = backend.binding;
  const shapes = new Map<number, readonly number[]>();
  const found = new Map<string, { op: string; shapes: string; count: number; milliseconds: number; flops: number }>();

  const executeOp: typeof real.executeOp = (op, attributes, inputs, outputs): NativeTensor[] => {
    const start = performance.now();
    const results = real.executeOp(op, attributes, inputs, outputs);
    const milliseconds = performance.now() - start;
    const given = inputs.map((id) => shapes.get(id));
    const made = results[0]?.shape ?? [];
    const text = `${given.map((shape) => (shape === undefined ? '?' : `[${shape.join(', ')}]`)).join(' ')} -> [${made.join(', ')}]`;
    const key = `${op} ${text}`;
    const entry = found.get(key) ?? { op, shapes: text, count: 0, milliseconds: 0, flops: 0 };
    entry.count += 1;
    entry.milliseconds += milliseconds;
    entry.flops += flopsOf(op, attributes, given, made);
    found.set(key, entry);
    for (const { id, shape } of results) shapes.set(id, [...shape]);
    return results;
  };
  const createTensor = (shape: readonly number[], dtype: number, values: NativeValues): number => {
    const id = real.createTensor(shape, dtype, values);
    shapes.set(id, [...shape]);
    return id;
  };
  const binding = Object.create(real) as typeof real;
  for (const [key, value] of Object.entries({ executeOp, createTensor })) Object.defineProperty(binding, key, { value });
  backend.binding = binding;

  return {
    take(steps) {
      const operations = [...found.values()]
        .map(({ op, shapes: text, count, milliseconds, flops }) => ({ op, shapes: text, count: count / steps, milliseconds: milliseconds / steps, flops: flops / steps }))
        .sort((a, b) => b.milliseconds - a.milliseconds);
      found.clear();
      return operations;
    },
  };
}
