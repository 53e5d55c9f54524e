import type { ParamSpec } from '../../engine/contract.js';
import type { VitConfig } from '../../models/config.js';
import { linearParams, normal, trained } from '../../models/init.js';
import { decoderParams } from '../../models/mae-decoder.js';
import type { MixedaeOptions } from './options.js';
import { mixPlan } from './plan.js';

/** What is trained beside the encoder and dropped after it: MAE's decoder, `segment_embed` [n, D] and `projector.*`. */
export function mixedaeParams(model: VitConfig, options: MixedaeOptions, seed: number): readonly ParamSpec[] {
  const { images, projector } = mixPlan(model, options);
  const segments = [images, model.width];
  return [
    ...decoderParams(model, options.decoder, seed),
    ...(options.segment_embed ? [trained('segment_embed', segments, normal('segment_embed', segments, 0.02, seed))] : []),
    ...(projector === null ? [] : [...linearParams('projector.fc1', projector, model.width, seed), ...linearParams('projector.fc2', projector, projector, seed)]),
  ];
}
