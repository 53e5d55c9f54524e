import { patchCount, type VitConfig } from '../models/config.js';

/**
 * Images of one evaluation call. Larger ones cost memory and no longer gain speed; the number is a function of the model
 * alone, so that tasks of any size share a compiled model.
 */
export const evaluationBatch = (model: VitConfig): number => Math.max(8, Math.min(128, 2 ** Math.floor(Math.log2(8192 / (patchCount(model) + 1)))));
