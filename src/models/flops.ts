import { patchCount, patchValues, type VitConfig } from './config.js';
import type { DecoderConfig } from './mae-decoder.js';

/**
 * Multiply-adds of one image, counted from the layers: matrix products only, as papers count them (norms, activations,
 * softmax and additions are left out).
 */

/** One transformer block on `tokens` tokens: 4 w^2 + 2 r w^2 a token in projections, 2 w a pair of tokens in attention. */
export function blockMacs(tokens: number, width: number, mlpRatio: number): number {
  const hidden = Math.trunc(width * mlpRatio);
  return tokens * (4 * width * width + 2 * width * hidden) + 2 * tokens * tokens * width;
}

/** The encoder on `tokens` of an image's patches and the class token. All patches are embedded, as in the reference. */
export const encoderMacs = (config: VitConfig, tokens = patchCount(config)): number =>
  patchCount(config) * patchValues(config) * config.width + config.depth * blockMacs(tokens + 1, config.width, config.mlpRatio);

/**
 * MAE's forward pass by the published algorithm: all patches embedded, kept ones encoded, all positions decoded and
 * predicted. This project's step leaves out the embedding and the prediction of patches that nothing depends on, which
 * is about 1 % less; counts between methods stay comparable with the papers' this way.
 */
export function maeForwardMacs(config: VitConfig, decoder: DecoderConfig, maskRatio: number): number {
  const kept = Math.trunc(patchCount(config) * (1 - maskRatio));
  return encoderMacs(config, kept) + decoderMacs(config, decoder, kept);
}

/** MAE's decoder on an image of which `kept` patches were encoded: all positions decoded and predicted. */
function decoderMacs(config: VitConfig, decoder: DecoderConfig, kept: number): number {
  const patches = patchCount(config);
  return (
    (kept + 1) * config.width * decoder.width +
    decoder.depth * blockMacs(patches + 1, decoder.width, config.mlpRatio) +
    patches * decoder.width * patchValues(config)
  );
}

/** `depth` linear layers, from the encoder's width to `width` and on at it. */
export interface Projector { readonly width: number; readonly depth: number }

/**
 * MixedAE's forward pass an image, of a group of `images`: all its patches embedded, as counted for MAE; its share of the
 * encoder's blocks on the group's L + 1 tokens; its own decoding.
 *
 * @param projector null: no contrastive loss. It works on the image's L / images tokens, and each of them is compared with the
 *   group's L.
 */
export function mixedForwardMacs(config: VitConfig, decoder: DecoderConfig, images: number, projector: Projector | null): number {
  const patches = patchCount(config);
  const own = patches / images;
  const embedding = patches * patchValues(config) * config.width;
  const blocks = (config.depth * blockMacs(patches + 1, config.width, config.mlpRatio)) / images;
  const contrast = projector === null ? 0 : own * projector.width * (config.width + (projector.depth - 1) * projector.width + patches);
  return embedding + blocks + decoderMacs(config, decoder, own) + contrast;
}
