import { patchCount, type VitConfig } from '../../models/config.js';
import { encoderMacs } from '../../models/flops.js';
import { localModel } from './local-model.js';
import type { IbotOptions } from './options.js';

/** Multiply-adds of a step for one source image, encoders and heads apart. */
interface IbotMacs { readonly encoders: number; readonly heads: number }

/**
 * The student forward and backward (three forward passes) on all views, the teacher forward on the two large ones. Heads
 * work on every token of large views and on the class token of small ones, whose patches enter no loss.
 */
export function ibotMacs(model: VitConfig, options: IbotOptions): IbotMacs {
  const { hidden, bottleneck, out_dim: prototypes } = options.head;
  const token = model.width * hidden + hidden * hidden + hidden * bottleneck + bottleneck * prototypes;
  const local = localModel(model, options);
  const count = local === null ? 0 : options.local_crops.count;
  const large = 2 * encoderMacs(model);
  const tokens = 2 * (patchCount(model) + 1);
  return {
    encoders: 3 * (large + (local === null ? 0 : count * encoderMacs(local))) + large,
    heads: token * (3 * (tokens + count) + tokens),
  };
}
