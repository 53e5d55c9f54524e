import type { JsonObject } from '../src/files.js';
import { maeSchema } from '../src/methods/mae/options.js';
import { mixedaeSchema } from '../src/methods/mixedae/options.js';
import { withDefaults } from '../src/suite/validate.js';
import type { Case } from './cases.js';

/** Options of a pre-training step: the method's defaults but for the decoder. The length of the warm-up changes no speed. */
export const methodOptions = (method: 'mae' | 'mixedae', { decoder }: Case): JsonObject =>
  withDefaults(method === 'mae' ? maeSchema : mixedaeSchema, { warmup_epochs: 1, decoder: { ...decoder } });
