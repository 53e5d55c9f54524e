import type { BodyArguments, FunctionSpec } from '../../engine/contract.js';
import { patchCount, type VitConfig } from '../../models/config.js';
import { patchify } from '../../models/images.js';
import { layerNormLayer } from '../../models/layer-norm.js';
import { decodeMasked, type MaskTensors } from '../../models/mae-decoder.js';
import { takeTokens } from '../../models/rows.js';
import { embedPatches, encode } from '../../models/vit.js';
import { keptPatches } from './kept.js';
import type { MaeOptions } from './options.js';

/** The inputs that say which patches are kept. */
export const maskTensors = ({ inputs }: BodyArguments): MaskTensors => ({ keep: inputs['keep']!, masked: inputs['masked']!, restore: inputs['restore']! });

/** Inputs of both functions for a batch of images. */
export const maeInputs = (model: VitConfig, options: MaeOptions, batch: number): FunctionSpec['inputs'] =>
  maskedInputs(model, keptPatches(patchCount(model), options.mask_ratio), batch);

/** Images, and which patches of each are kept, `kept` of them; see MaskTensors. */
export function maskedInputs(model: VitConfig, kept: number, batch: number): FunctionSpec['inputs'] {
  const patches = patchCount(model);
  return {
    images: { shape: [batch, model.imageSize, model.imageSize, 3], type: 'uint8' },
    keep: { shape: [batch, kept], type: 'int32' },
    masked: { shape: [batch, patches - kept], type: 'int32' },
    restore: { shape: [batch, patches], type: 'int32' },
  };
}

/** Predicted values of the masked patches [B, L - K, p * p * 3] and the image's own values there. */
export function predictMasked(model: VitConfig, options: MaeOptions, args: BodyArguments) {
  const { params, inputs } = args;
  const mask = maskTensors(args);
  const patches = patchify(inputs['images']!, model.patchSize);
  const encoded = layerNormLayer(params, 'norm', encode(model, params, embedPatches(model, params, patches, mask.keep)));
  const predicted = decodeMasked(model, options.decoder, params, encoded, mask);
  return { predicted, pixels: takeTokens(patches, mask.masked, true) };
}
