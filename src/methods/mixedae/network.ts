import type { Tensor } from '@tensorflow/tfjs-core';
import type { BodyArguments } from '../../engine/contract.js';
import type { VitConfig } from '../../models/config.js';
import type { Projector } from '../../models/flops.js';
import { gelu } from '../../models/gelu.js';
import { patchify } from '../../models/images.js';
import { layerNormLayer } from '../../models/layer-norm.js';
import { linearLayer } from '../../models/linear.js';
import { decodeMasked } from '../../models/mae-decoder.js';
import { param } from '../../models/param.js';
import { takeTokens } from '../../models/rows.js';
import { attendSelected, topKeys } from '../../models/selected-attention.js';
import { embedPatches, encode } from '../../models/vit.js';
import { maskTensors } from '../mae/network.js';
import { mix, patchTokens, unmix } from './mix.js';
import type { MixedaeOptions } from './options.js';
import { projectorLayers } from './params.js';
import { mixPlan } from './plan.js';

interface Forward {
  /** Of each image's unseen patches: [B, L - K, p * p * 3]. */
  readonly predicted: Tensor;
  /** The images' own values there. */
  readonly pixels: Tensor;
  /** The groups' tokens after the encoder's final norm, class token first: [B / n, 1 + L, D]. */
  readonly encoded: Tensor;
  /** Which keys each query attends to, by block, where that is restricted: [B / n, heads, 1 + L, 1 + L]. */
  readonly selected: ReadonlyMap<number, Tensor>;
}

/** Mixes, encodes, un-mixes and decodes. The group's class token goes to the decoder of each of its images. */
export function forward(model: VitConfig, options: MixedaeOptions, args: BodyArguments): Forward {
  const { params, inputs } = args;
  const { images, topk } = mixPlan(model, options);
  const mask = maskTensors(args);
  const patches = patchify(inputs['images']!, model.patchSize);
  const segments = options.segment_embed ? param(params, 'segment_embed') : undefined;
  const tokens = mix(embedPatches(model, params, patches, mask.keep), images, segments);
  const selected = new Map<number, Tensor>();
  const attend = (block: number) => (topk?.blocks.includes(block) !== true ? undefined : (qkv: Tensor, heads: number): Tensor => {
    const attention = attendSelected(qkv, heads, topKeys(topk.keys, options.topk_class_token));
    selected.set(block, attention.selected);
    return attention.attended;
  });
  const encoded = layerNormLayer(params, 'norm', encode(model, params, tokens, { attend }));
  const predicted = decodeMasked(model, options.decoder, params, unmix(encoded, images), mask);
  return { predicted, pixels: takeTokens(patches, mask.masked, true), encoded, selected };
}

/** Patch tokens as the contrastive loss compares them: linear layers with GELU between. encoded: [B / n, 1 + L, D]; result: [B / n, L, W]. */
export const project = (params: BodyArguments['params'], projector: Projector, encoded: Tensor): Tensor =>
  projectorLayers(projector).reduce((tokens, name, layer) => linearLayer(params, name, layer === 0 ? tokens : gelu(tokens)), patchTokens(encoded));
