import { add, tensor2d } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import type { HostArray, InputSpec } from '../../src/engine/contract.js';
import { gelu } from '../../src/models/gelu.js';
import { linear } from '../../src/models/linear.js';
import { openEngine } from './open.js';

/** Ops that are recorded as others, or that TensorFlow fuses, compute what they compute one by one. */
async function inBothModes(inputs: Readonly<Record<string, InputSpec>>, given: Readonly<Record<string, HostArray>>, body: (inputs: Readonly<Record<string, Tensor>>) => Tensor) {
  const results = [];
  for (const mode of ['eager', 'traced'] as const) {
    const engine = await openEngine({ threads: 1, mode });
    const compiled = engine.compile({ params: [], functions: { f: { kind: 'evaluate', inputs, scalars: [], body: (args) => ({ y: body(args.inputs) }) } } });
    results.push(compiled.run('f', given)['y']!);
    compiled.dispose();
  }
  return results as [typeof results[0], typeof results[0]];
}

it.each<[first: readonly number[], second: readonly number[], type: 'float32' | 'int32']>([
  [[2, 3], [3], 'float32'], [[2, 2, 3], [3], 'float32'], [[3], [2, 3], 'float32'], [[3, 1], [3], 'float32'], [[2, 3], [1], 'float32'], [[3], [3], 'float32'], [[2, 3], [3], 'int32'],
])('a sum of [%s] and [%s] of %s is the same traced', async (first, second, type) => {
  const values = (shape: readonly number[], start: number): HostArray => {
    const numbers = Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => start + i);
    return type === 'int32' ? Int32Array.from(numbers) : Float32Array.from(numbers);
  };
  const [eager, traced] = await inBothModes({ a: { shape: first, type }, b: { shape: second, type } }, { a: values(first, 1), b: values(second, 10) }, ({ a, b }) => add(a!, b!));
  expect(traced).toEqual(eager);
});

it('GELU behind a product with a bias is GELU', async () => {
  const rows = 64;
  const x = Float32Array.from({ length: rows * 2 }, (_, i) => 6 * Math.sin(i));
  const [eager, traced] = await inBothModes({ x: { shape: [rows, 2], type: 'float32' }, weight: { shape: [3, 2], type: 'float32' }, bias: { shape: [3], type: 'float32' } },
    { x, weight: Float32Array.of(1, 0, 0, 1, 0.5, -0.5), bias: Float32Array.of(0, 0.25, -1) },
    (inputs) => linear(gelu(linear(inputs['x']!, inputs['weight']!, inputs['bias']!)), tensor2d([1, 0, 0, 0, 1, 0, 0, 0, 1], [3, 3]), inputs['bias']!));
  const worst = Math.max(...Array.from(eager.data, (value, i) => Math.abs(value - traced.data[i]!)));
  expect(worst).toBeLessThan(1e-5);
});
