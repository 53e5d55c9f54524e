import { ExpandDims, GatherV2 } from '@tensorflow/tfjs-core';
import { nativeKernel } from './native-op.js';

/** tfjs-node leaves out the types T and Tdim: eager execution infers them, a graph needs them. */
export const expandDims = nativeKernel(ExpandDims, ({ inputs, attrs, run, type, withLiteral }) => {
  const input = inputs['input']!;
  return withLiteral([attrs['dim'] as number], [], (axis) => run(ExpandDims, [type('T', input.dtype), type('Tdim', 'int32')], [input, axis]));
});

/** tfjs-node reads the indices on the host to check their range. TensorFlow's own kernel checks it too. */
export const gatherV2 = nativeKernel(GatherV2, ({ inputs, attrs, run, type, integer, withLiteral }) => {
  const x = inputs['x']!;
  const indices = inputs['indices']!;
  const settings = [integer('batch_dims', (attrs['batchDims'] as number | undefined) ?? 0), type('Tparams', x.dtype), type('Tindices', indices.dtype), type('Taxis', 'int32')];
  return withLiteral([attrs['axis'] as number], [], (axis) => run(GatherV2, settings, [x, indices, axis]));
});
