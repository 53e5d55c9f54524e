import type { ParamSpec } from '../../engine/contract.js';
import { sizeOf } from '../../engine/feeds.js';
import type { EncoderWeights } from '../../methods/method.js';
import type { VitConfig } from '../../models/config.js';
import { fittedEncoder } from '../../models/fitted-encoder.js';
import { vitShapes } from '../../models/vit-shapes.js';
import { encoderTensor } from '../encoder-tensor.js';
import { lrScale } from '../layer-decay.js';
import { decays } from '../optimizer.js';

/**
 * Parameters of the encoder under a dense head, but for its last norm, which such heads do not use; zero, to be filled by
 * `encoderValues`. `decay`: of the learning rate from layer to layer; null: the encoder is not trained.
 */
export const encoderParams = (model: VitConfig, decay: number | null): readonly ParamSpec[] =>
  vitShapes(model).filter(({ name }) => !name.startsWith('norm.')).map(({ name, shape }) => ({
    name,
    shape,
    value: new Float32Array(sizeOf(shape)),
    trainable: decay !== null,
    decay: decay !== null && decays(name, shape),
    lrScale: decay === null ? 1 : lrScale(name, model.depth, decay),
  }));

/**
 * An encoder's values for `encoderParams` at another size: positions interpolated. CheckpointError where it does not fit.
 *
 * @param model the encoder's own shape
 * @param fitted the same on the pictures' size
 */
export function encoderValues(encoder: EncoderWeights, model: VitConfig, fitted: VitConfig): ReadonlyMap<string, Float32Array> {
  for (const { name, shape } of vitShapes(model)) encoderTensor(encoder, name, shape);
  const values = fittedEncoder(encoder, model, fitted.imageSize);
  return new Map(encoderParams(fitted, null).map(({ name }) => [name, values.get(name)!.data]));
}
