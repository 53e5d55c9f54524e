import type { Tensor } from '@tensorflow/tfjs-core';
import type { Params, ParamSpec } from '../engine/contract.js';
import { normal, trained } from './init.js';
import { linearLayer } from './linear.js';

/** A linear classifier `head.*` [classes, width] with small normal weights (as MAE's heads), zero bias. */
export const headParams = (classes: number, width: number, seed: number, std = 0.01): readonly ParamSpec[] => [
  trained('head.weight', [classes, width], normal('head.weight', [classes, width], std, seed)),
  trained('head.bias', [classes], new Float32Array(classes)),
];

/** Logits [B, classes] of features [B, D]. */
export const classify = (params: Params, features: Tensor): Tensor => linearLayer(params, 'head', features);
