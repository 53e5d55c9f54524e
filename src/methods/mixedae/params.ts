import type { ParamSpec } from '../../engine/contract.js';
import type { VitConfig } from '../../models/config.js';
import type { Projector } from '../../models/flops.js';
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
    ...projectorLayers(projector).flatMap((name, layer) => linearParams(name, projector!.width, layer === 0 ? model.width : projector!.width, seed)),
  ];
}

/** Names of the projector's layers in their order. */
export const projectorLayers = (projector: Projector | null): readonly string[] => Array.from({ length: projector?.depth ?? 0 }, (_, layer) => `projector.fc${layer + 1}`);
