import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import type { CompileSpec } from '../../src/engine/contract.js';
import type { NativeAttribute, NativeBackend } from '../../src/engine/native.js';
import { openEngine } from './open.js';

it.each<[string, (backend: NativeBackend) => NativeAttribute]>([
  ['a type that is no number', ({ binding }) => ({ name: 'T', type: binding.TF_ATTR_TYPE, value: 'float32' })],
  ['a list of types', ({ binding }) => ({ name: 'T', type: binding.TF_ATTR_TYPE, value: [1, 1] })],
  ['a kind that graphs do not know', () => ({ name: 'T', type: -7, value: 1 })],
])('an op is refused whose attribute cannot be recorded: %s', async (_, attribute) => {
  const engine = await openEngine({ threads: 1, mode: 'traced' });
  const kernelName = 'Planted';
  tf.registerKernel({
    kernelName, backendName: 'tensorflow',
    kernelFunc: ({ inputs, backend }) => (backend as NativeBackend).executeSingleOutput('Identity', [attribute(backend as NativeBackend)], [inputs['x']!]),
  });
  const spec: CompileSpec = {
    params: [],
    functions: { planted: { kind: 'evaluate', inputs: { x: { shape: [2], type: 'float32' } }, scalars: [], body: ({ inputs }) => ({ y: tf.engine().runKernel<tf.Tensor>(kernelName, { x: inputs['x']! }) }) } },
  };
  try {
    expect(() => engine.compile(spec)).toThrow(/op Identity has an attribute that cannot be recorded: T = /);
  } finally {
    tf.unregisterKernel(kernelName, 'tensorflow');
  }
});
