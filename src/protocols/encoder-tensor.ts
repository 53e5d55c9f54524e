import { sizeOf } from '../engine/feeds.js';
import { CheckpointError } from '../errors.js';
import type { EncoderWeights } from '../methods/method.js';

/** Values of one of an encoder's tensors. CheckpointError where it is missing or of another size. */
export function encoderTensor(encoder: EncoderWeights, name: string, shape: readonly number[]): Float32Array {
  const given = encoder.get(name);
  if (given?.data.length === sizeOf(shape)) return given.data;
  throw new CheckpointError(given === undefined ? `the encoder has no tensor ${name}` : `the encoder's ${name} has shape [${given.shape.join(', ')}], expected [${shape.join(', ')}]`, {
    fix: 'The encoder does not belong to this model: check the suite\'s `model`.',
  });
}
