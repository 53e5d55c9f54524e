import type { FunctionSpec } from '../../engine/contract.js';
import { patchCount, type VitConfig } from '../../models/config.js';
import { decoderParams } from '../../models/mae-decoder.js';
import { vitParams } from '../../models/vit.js';
import { scaledRate, warmupCosine } from '../../training/schedules.js';
import { epochsOf } from '../epochs.js';
import { heldOutSpec } from '../held-out.js';
import type { TrainMethod } from '../method.js';
import { refuseProblems } from '../refuse-problems.js';
import { startFrom } from '../start.js';
import { maeProblems } from './check.js';
import { keptPatches } from './kept.js';
import { normalisePatches, reconstructionLoss } from './loss.js';
import { maskDraws } from './masks.js';
import { maeInputs, predictMasked } from './network.js';
import { maeOptions, type MaeOptions } from './options.js';
import { maePreview } from './preview.js';

/** The training function: MAE's loss of one batch. */
export const maeTrain = (model: VitConfig, options: MaeOptions, batch: number): FunctionSpec => ({
  kind: 'train',
  inputs: maeInputs(model, options, batch),
  scalars: [],
  body: (args) => {
    const { predicted, pixels } = predictMasked(model, options, args);
    return { loss: reconstructionLoss(predicted, options.norm_pix_loss ? normalisePatches(pixels) : pixels) };
  },
});

export const maeMethod: TrainMethod = {
  kind: 'train',
  build({ model, options: json, batchSize, seed, totalSteps, stepsPerEpoch, start }) {
    const options = maeOptions(json);
    refuseProblems(maeProblems(model, options, epochsOf({ totalSteps, stepsPerEpoch })));
    const encoder = vitParams(model, seed);
    const rate = {
      peak: scaledRate(options.base_lr, batchSize), floor: 0, warmupSteps: options.warmup_epochs * stepsPerEpoch, totalSteps,
    };
    const patches = patchCount(model);
    const kept = keptPatches(patches, options.mask_ratio);
    return {
      params: startFrom([...encoder, ...decoderParams(model, options.decoder, seed)], start),
      optimizer: { kind: 'adamw', beta1: 0.9, beta2: 0.95, epsilon: 1e-8 },
      train: maeTrain(model, options, batchSize),
      draws: maskDraws({ batch: batchSize, patches, kept, seed }),
      schedule: (step) => ({ lr: warmupCosine(rate, step), weight_decay: options.weight_decay }),
      augment: options.augment,
      encoderParams: encoder.map(({ name }) => name),
      preview: maePreview(model, options, seed),
      heldOut: heldOutSpec({ model, kept, normalised: options.norm_pix_loss, predict: (args) => predictMasked(model, options, args) }),
    };
  },
};
