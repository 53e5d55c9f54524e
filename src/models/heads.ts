import type { Tensor } from '@tensorflow/tfjs-core';
import type { Params } from '../engine/contract.js';
import { linearLayer } from './linear.js';

/** Logits [B, classes] of features [B, D] by a linear classifier `head.*` [classes, D]. */
export const classify = (params: Params, features: Tensor): Tensor => linearLayer(params, 'head', features);
