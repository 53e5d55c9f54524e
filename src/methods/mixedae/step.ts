import { add, mul, type Tensor } from '@tensorflow/tfjs-core';
import type { FunctionSpec } from '../../engine/contract.js';
import { patchCount, type VitConfig } from '../../models/config.js';
import { vitParams } from '../../models/vit.js';
import { scaledRate, warmupCosine } from '../../training/schedules.js';
import { epochsOf } from '../epochs.js';
import { heldOutSpec } from '../held-out.js';
import { normalisePatches, reconstructionLoss } from '../mae/loss.js';
import { maskedInputs } from '../mae/network.js';
import type { TrainMethod } from '../method.js';
import { refuseProblems } from '../refuse-problems.js';
import { mixedaeProblems } from './check.js';
import { homologousContrast } from './contrastive.js';
import { mixedaeDiagnostics, shareName } from './diagnostics.js';
import { mixDraws } from './draws.js';
import { forward, project } from './network.js';
import { mixedaeOptions, type MixedaeOptions } from './options.js';
import { mixedaeParams } from './params.js';
import { mixPlan } from './plan.js';
import { mixedaePreview } from './preview.js';
import { homologousShare } from './recognition.js';

/** The training function: both losses of one batch, and what the diagnostics name. */
export function mixedaeTrain(model: VitConfig, options: MixedaeOptions, batch: number): FunctionSpec {
  const { images, own, projector } = mixPlan(model, options);
  const { weight, temperature } = options.contrastive;
  return {
    kind: 'train',
    inputs: maskedInputs(model, own, batch),
    scalars: [],
    body: (args) => {
      const { predicted, pixels, encoded, selected } = forward(model, options, args);
      const shares = Object.fromEntries(Array.from(selected, ([block, keys]): [string, Tensor] => [shareName(block), homologousShare(keys, images)]));
      const reconstruction = reconstructionLoss(predicted, options.norm_pix_loss ? normalisePatches(pixels) : pixels);
      if (projector === null) return { loss: reconstruction, ...shares };
      const contrast = homologousContrast(project(args.params, projector, encoded), images, temperature);
      return { loss: add(reconstruction, mul(contrast, weight)), loss_reconstruction: reconstruction, loss_contrastive: contrast, ...shares };
    },
  };
}

export const mixedaeMethod: TrainMethod = {
  kind: 'train',
  build({ model, options: json, batchSize, seed, totalSteps, stepsPerEpoch }) {
    const options = mixedaeOptions(json);
    refuseProblems(mixedaeProblems(model, options, epochsOf({ totalSteps, stepsPerEpoch }), batchSize));
    const encoder = vitParams(model, seed);
    const rate = {
      peak: scaledRate(options.base_lr, batchSize), floor: 0, warmupSteps: options.warmup_epochs * stepsPerEpoch, totalSteps,
    };
    const { images, own } = mixPlan(model, options);
    return {
      params: [...encoder, ...mixedaeParams(model, options, seed)],
      optimizer: { kind: 'adamw', beta1: 0.9, beta2: 0.95, epsilon: 1e-8 },
      train: mixedaeTrain(model, options, batchSize),
      draws: mixDraws({ groups: batchSize / images, patches: patchCount(model), images, seed }),
      schedule: (step) => ({ lr: warmupCosine(rate, step), weight_decay: options.weight_decay }),
      diagnostics: mixedaeDiagnostics(model, options),
      augment: options.augment,
      encoderParams: encoder.map(({ name }) => name),
      preview: mixedaePreview(model, options, seed),
      heldOut: heldOutSpec({ model, kept: own, normalised: options.norm_pix_loss, predict: (args) => forward(model, options, args) }),
    };
  },
};
