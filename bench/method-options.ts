import type { JsonObject } from '../src/files.js';
import { ibotSchema } from '../src/methods/ibot/options.js';
import { maeSchema } from '../src/methods/mae/options.js';
import { mixedaeSchema } from '../src/methods/mixedae/options.js';
import { withDefaults } from '../src/suite/validate.js';
import type { Case } from './cases.js';

/** Steps that are one of pre-training. */
export type Pretraining = 'mae' | 'mixedae' | 'ibot';

/**
 * Options of a pre-training step: the method's defaults but for `changes`, MAE's and MixedAE's decoder and, where the model is far smaller than
 * the paper's, iBOT's head. The length of the warm-up changes no speed.
 */
export function methodOptions(method: Pretraining, { decoder, model }: Case, changes: JsonObject = {}): JsonObject {
  const own = { warmup_epochs: 1, ...changes };
  if (method === 'ibot') return withDefaults(ibotSchema, { ...own, teacher_temperature: { warmup_epochs: 1 }, ...(model.width < 192 ? { head: { out_dim: 256, hidden: 256, bottleneck: 64 } } : {}) });
  return withDefaults(method === 'mae' ? maeSchema : mixedaeSchema, { ...own, decoder: { ...decoder } });
}
