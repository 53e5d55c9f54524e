import type { Compiled, ParamSpec } from '../engine/contract.js';
import { sizeOf } from '../engine/feeds.js';
import type { EncoderWeights } from '../methods/method.js';
import type { VitConfig } from '../models/config.js';
import { vitShapes } from '../models/vit-shapes.js';
import { encoderTensor } from './encoder-tensor.js';

/** Parameters of an encoder that is not trained, to be filled by `writeEncoder`. */
export const frozenParams = (model: VitConfig): readonly ParamSpec[] =>
  vitShapes(model).map(({ name, shape }) => ({ name, shape, value: new Float32Array(sizeOf(shape)), trainable: false, decay: false, lrScale: 1 }));

/** Gives a compiled model with `frozenParams` its values. CheckpointError where the encoder does not fit the model. */
export function writeEncoder(compiled: Compiled, model: VitConfig, encoder: EncoderWeights): void {
  compiled.writeParams(new Map(vitShapes(model).map(({ name, shape }) => [name, encoderTensor(encoder, name, shape)] as const)));
}
