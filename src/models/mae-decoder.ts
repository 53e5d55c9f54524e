import { add, concat, gather, reshape, sum, tensor2d, zeros, type Tensor } from '@tensorflow/tfjs-core';
import type { Params, ParamSpec } from '../engine/contract.js';
import { block } from './block.js';
import { patchCount, patchValues, type VitConfig } from './config.js';
import { blockParams, fixed, linearParams, normal, normParams, trained } from './init.js';
import { layerNormLayer } from './layer-norm.js';
import { linearLayer } from './linear.js';
import { param } from './param.js';
import { sinCosPositions } from './positions.js';
import { flatRows, takeTokens } from './rows.js';
import { withGradient } from './with-gradient.js';

export interface DecoderConfig { readonly width: number; readonly depth: number; readonly heads: number }

/** Parameters under MAE's own names (`decoder_embed`, `mask_token`, `decoder_blocks.0`, ...). */
export function decoderParams(encoder: VitConfig, decoder: DecoderConfig, seed: number): readonly ParamSpec[] {
  const { width } = decoder;
  return [
    trained('mask_token', [1, 1, width], normal('mask_token', [1, 1, width], 0.02, seed)),
    fixed('decoder_pos_embed', [1, patchCount(encoder) + 1, width], sinCosPositions(width, encoder.imageSize / encoder.patchSize)),
    ...linearParams('decoder_embed', width, encoder.width, seed),
    ...Array.from({ length: decoder.depth }, (_, i) => blockParams(`decoder_blocks.${i}`, width, encoder.mlpRatio, seed)).flat(),
    ...normParams('decoder_norm', width),
    ...linearParams('decoder_pred', patchValues(encoder), width, seed),
  ];
}

/** Which patches of each image are kept and which are not; see methods/mae/masks.ts. */
export interface MaskTensors {
  /** int32 [B, K]: positions of the kept patches, in the order of the encoder's tokens. */
  readonly keep: Tensor;
  /** int32 [B, L - K]: positions of the others. */
  readonly masked: Tensor;
  /** int32 [B, L]: for each position its place among the kept patches, or K where it is masked. */
  readonly restore: Tensor;
}

/**
 * Every position's decoder token: kept patches' tokens back at their places, one shared mask token elsewhere, the class
 * token in front. The gradient is two gathers (every token stands at one place), so it is the same on every device.
 *
 * @param tokens [B, K + 1, W]
 * @param maskToken [1, 1, W]
 * @returns [B, L + 1, W]
 */
export function restoreTokens(tokens: Tensor, maskToken: Tensor, mask: MaskTensors): Tensor {
  const [batch, count, width] = tokens.shape as [number, number, number];
  const places = mask.restore.shape[1]! + 1;
  const withClass = (indices: Tensor): Tensor => concat([zeros([batch, 1], 'int32'), add(indices, one())], 1);
  return withGradient(
    [tokens, maskToken],
    (save) => {
      const table = concat([tokens, add(zeros([batch, 1, width]), maskToken)], 1);
      const rows = flatRows(withClass(mask.restore), count + 1);
      save([mask.keep, mask.masked]);
      return reshape(gather(reshape(table, [batch * (count + 1), width]), rows), [batch, places, width]);
    },
    (dy, [keep, masked]) => {
      const flat = reshape(dy, [batch * places, width]);
      const dTokens = reshape(gather(flat, flatRows(withClass(keep!), places)), [batch, count, width]);
      const dMask = sum(gather(flat, flatRows(add(masked!, one()), places)), 0);
      return [dTokens, reshape(dMask, [1, 1, width])];
    },
  );
}

const one = (): Tensor => tensor2d([1], [1, 1], 'int32');

/**
 * Predicted values of the masked patches, in the order of `mask.masked`.
 *
 * @param encoded [B, K + 1, D], after the encoder's final norm
 * @returns [B, L - K, p * p * 3]
 */
export function decodeMasked(encoder: VitConfig, decoder: DecoderConfig, params: Params, encoded: Tensor, mask: MaskTensors): Tensor {
  const tokens = linearLayer(params, 'decoder_embed', encoded);
  let x = add(restoreTokens(tokens, param(params, 'mask_token'), mask), param(params, 'decoder_pos_embed'));
  for (let i = 0; i < decoder.depth; i++) x = block(params, `decoder_blocks.${i}`, x, decoder.heads);
  // Only masked patches enter the loss, and the norm and the prediction work token by token: the others are not predicted.
  const wanted = takeTokens(x, add(mask.masked, one()));
  return linearLayer(params, 'decoder_pred', layerNormLayer(params, 'decoder_norm', wanted));
}
