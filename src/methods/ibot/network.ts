import { add, mul, reshape, slice, sub, type Tensor } from '@tensorflow/tfjs-core';
import type { Params } from '../../engine/contract.js';
import { patchCount, type VitConfig } from '../../models/config.js';
import { patchify } from '../../models/images.js';
import { layerNormLayer } from '../../models/layer-norm.js';
import { param } from '../../models/param.js';
import { embedPatches, encode } from '../../models/vit.js';

interface Tokens {
  /** [V, D] */
  readonly cls: Tensor;
  /** [V, L, D] */
  readonly patches: Tensor;
}

/** What differs between student and teacher, and between large and small views. */
interface Seen {
  /** [V, L], 1 where a patch is replaced by the mask token. */
  readonly mask?: Tensor | undefined;
  /** [2 * depth, V] */
  readonly dropPath?: Tensor | undefined;
}

/** Tokens after the final norm. images: [V, S, S, 3]. */
export function tokensOf(config: VitConfig, params: Params, images: Tensor, { mask, dropPath }: Seen = {}): Tokens {
  const [views] = images.shape;
  const count = patchCount(config);
  const { width } = config;
  const embedded = embedPatches(config, params, patchify(images, config.patchSize));
  const tokens = mask === undefined ? embedded : masked(config, params, embedded, reshape(mask, [views, count, 1]));
  const encoded = layerNormLayer(params, 'norm', encode(config, params, tokens, dropPath === undefined ? {} : { dropPath }));
  return {
    cls: reshape(slice(encoded, [0, 0, 0], [views, 1, width]), [views, width]),
    patches: slice(encoded, [0, 1, 0], [views, count, width]),
  };
}

/** A masked patch is the mask token at its position. embedded: [V, L, D]; mask: [V, L, 1]. */
function masked(config: VitConfig, params: Params, embedded: Tensor, mask: Tensor): Tensor {
  const positions = slice(param(params, 'pos_embed'), [0, 1, 0], [1, patchCount(config), config.width]);
  return add(mul(embedded, sub(1, mask)), mul(add(positions, param(params, 'masked_embed')), mask));
}
