import * as tf from '@tensorflow/tfjs-core';
import { MirrorPad, type GradConfig, type Tensor } from '@tensorflow/tfjs-core';
import { core } from '../native.js';
import { nativeKernel } from './native-op.js';

const KERNEL = 'MirrorPadGrad';

/** TensorFlow's own gradient of MirrorPad: what was mirrored out is added back to where it came from. */
export const mirrorPadGrad = nativeKernel(KERNEL, ({ inputs, attrs, run, type, text, withLiteral }) => {
  const dy = inputs['dy']!;
  const paddings = attrs['paddings'] as [number, number][];
  return withLiteral(paddings.flat(), [paddings.length, 2], (literal) =>
    run(KERNEL, [type('T', dy.dtype), type('Tpaddings', 'int32'), text('mode', (attrs['mode'] as string).toUpperCase())], [dy, literal]));
});

/** tfjs only cuts the border off, and so loses what flows through the mirrored values. */
const gradient: GradConfig = {
  kernelName: MirrorPad,
  gradFunc: (dy, _saved, attrs) => ({ x: () => core.runKernel(KERNEL, { dy: dy as Tensor }, attrs) as Tensor }),
};

export function replaceMirrorPadGradient(): void {
  tf.unregisterGradient(MirrorPad);
  tf.registerGradient(gradient);
}
