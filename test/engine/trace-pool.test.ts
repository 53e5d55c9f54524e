import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import type { Compiled, CompileSpec } from '../../src/engine/contract.js';
import type { Binding, NativeBackend } from '../../src/engine/native.js';
import { scalarConstant } from '../../src/engine/trace/graph.js';
import { giveBackGraph, takeGraph } from '../../src/engine/trace/pool.js';
import { openEngine } from './open.js';

const scaled = (size: number, start: number): CompileSpec => ({
  params: [{ name: 'p', shape: [size], value: new Float32Array(size).fill(start), trainable: false, decay: false, lrScale: 1 }],
  functions: { double: { kind: 'evaluate', inputs: {}, scalars: [], body: ({ params }) => ({ y: tf.mul(params['p']!, 2) }) } },
});

it('a model of the same shape as one that was disposed of loads no graph', async () => {
  const engine = await openEngine({ threads: 1 });
  const backend = tf.findBackend('tensorflow') as unknown as NativeBackend;
  const { binding } = backend;
  let loads = 0;
  const counting = Object.create(binding) as Binding;
  Object.defineProperty(counting, 'loadSavedModel', { value: (folder: string, tags: string) => { loads += 1; return binding.loadSavedModel(folder, tags); } });
  backend.binding = counting;
  try {
    const compiled: Compiled[] = [];
    const loaded = (spec: CompileSpec): number => {
      const before = loads;
      const model = engine.compile(spec);
      compiled.push(model);
      expect(model.run('double', {})['y']!.data[0]).toBe(2 * spec.params[0]!.value[0]!);
      return loads - before;
    };
    expect(loaded(scaled(31, 1))).toBe(1);
    expect(loaded(scaled(31, 2))).toBe(1); // the first one is in use
    compiled[0]!.dispose();
    expect(loaded(scaled(31, 3))).toBe(0);
    compiled[1]!.dispose();
    expect(loaded(scaled(32, 4))).toBe(1); // another shape
    for (const model of compiled) model.dispose();
  } finally {
    backend.binding = binding;
  }
});

/** Stands for the addon: what is loaded, in order, and what was given up. */
function loader() {
  const dropped: number[] = [];
  let loads = 0;
  const backend = { binding: { loadSavedModel: () => 1000 + loads++, deleteSavedModel: (id: number) => dropped.push(id) } } as unknown as NativeBackend;
  const take = (value: number, bytes: number) => takeGraph(backend, [scalarConstant('x', value)], bytes);
  return { backend, dropped, take, loads: () => loads };
}

it.each([['are too many', 13, 4], ['take too much', 3, 100 * 2 ** 20]])('the oldest waiting graph is given up where they %s', (_, count, bytes) => {
  const { backend, dropped, take, loads } = loader();
  const first = count * 100;
  const graphs = Array.from({ length: count }, (__, i) => take(first + i, bytes));
  expect(new Set(graphs.map(({ id }) => id)).size).toBe(count);
  for (const graph of graphs) giveBackGraph(backend, graph);
  expect(dropped.filter((id) => id >= 1000)).toEqual([graphs[0]!.id]); // before it those of the test above
  expect([take(first + 1, bytes), take(first + count - 1, bytes)]).toEqual([graphs[1], graphs[count - 1]]);
  expect(loads()).toBe(count);
  take(first, bytes);
  expect(loads()).toBe(count + 1);
  for (let i = 2; i < count - 1; i++) take(first + i, bytes); // none is left to wait
});
