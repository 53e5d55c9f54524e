import { DataError } from '../errors.js';
import type { EncoderWeights } from '../methods/method.js';
import type { VitConfig } from './config.js';
import { resizedPositions } from './resized-positions.js';

/**
 * The shape of an encoder on pictures of another size. DataError where they cannot be cut into its patches.
 *
 * @param size pixels a side
 */
export function fittedConfig(model: VitConfig, size: number): VitConfig {
  if (size % model.patchSize !== 0) {
    throw new DataError(`pictures of ${size} pixels a side cannot be cut into patches of ${model.patchSize}`, {
      fix: `Prepare them at a multiple of the model's patch size, for example ${Math.max(1, Math.round(size / model.patchSize)) * model.patchSize}.`,
    });
  }
  return { ...model, imageSize: size };
}

/** An encoder's tensors with positions for pictures of another size (`fittedConfig`); all others are handed on as they are. */
export function fittedEncoder(encoder: EncoderWeights, model: VitConfig, size: number): EncoderWeights {
  const positions = encoder.get('pos_embed');
  if (positions === undefined || size === model.imageSize) return encoder;
  const [from, to] = [model.imageSize / model.patchSize, size / model.patchSize];
  return new Map([...encoder, ['pos_embed', { shape: [1, to * to + 1, model.width], data: resizedPositions(positions.data, model.width, from, to) }]]);
}
