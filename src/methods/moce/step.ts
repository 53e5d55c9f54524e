import { add, addN, matMul, mean, mul, ones, softmax, type Tensor } from '@tensorflow/tfjs-core';
import type { BodyArguments, FunctionSpec } from '../../engine/contract.js';
import { patchCount, type VitConfig } from '../../models/config.js';
import { patchify } from '../../models/images.js';
import { layerNormLayer } from '../../models/layer-norm.js';
import { decodeMasked } from '../../models/mae-decoder.js';
import { takeTokens } from '../../models/rows.js';
import { embedPatches, encode, vitShapes } from '../../models/vit.js';
import { scaledRate, warmupCosine } from '../../training/schedules.js';
import { epochsOf } from '../epochs.js';
import { keptPatches } from '../mae/kept.js';
import { normalisePatches, reconstructionLoss } from '../mae/loss.js';
import { maeInputs, maskTensors } from '../mae/network.js';
import type { TrainMethod } from '../method.js';
import { refuseProblems } from '../refuse-problems.js';
import { moceProblems } from './check.js';
import { moceCollapse, moceDiagnostics, routingStatistics } from './diagnostics.js';
import { moceDraws } from './draws.js';
import type { Gate } from './gate.js';
import { receivedBy } from './gate-table.js';
import { confidenceLoss, distillationLoss, importanceLoss, loadLoss } from './losses.js';
import { encodeRouted, type Encoded } from './network.js';
import { moceOptions, type MoceOptions } from './options.js';
import { moceParams, teacherParams } from './params.js';
import { expertBlocks } from './plan.js';
import { routingOf } from './routing.js';
import { searchEncoder } from './search.js';

/** What noise is drawn for: every cluster, or every token of a batch. */
const noisyUnits = (options: MoceOptions, batch: number, tokens: number): number => (options.gate === 'token' ? batch * tokens : options.clusters.count);

interface Forward extends Encoded {
  /** Of each image's hidden patches: [B, L - K, p * p * 3]. */
  readonly predicted: Tensor;
  /** The images' own values there. */
  readonly pixels: Tensor;
  /** The start's tokens of the same visible patches, as `tokens`; where there is a distillation. */
  readonly teacher: Tensor | null;
}

export function forward(model: VitConfig, options: MoceOptions, args: BodyArguments): Forward {
  const { params, inputs } = args;
  const mask = maskTensors(args);
  const patches = patchify(inputs['images']!, model.patchSize);
  const routing = { ...(options.noise_std === 0 ? {} : { noise: inputs['noise'] }), ...(options.gate === 'token' ? {} : { cluster: inputs['cluster'] }) };
  const encoded = encodeRouted(model, options, params, embedPatches(model, params, patches, mask.keep), routing);
  const start = teacherParams(params);
  const teacher = options.loss_weights.distillation > 0
    ? layerNormLayer(start, 'norm', encode(model, start, embedPatches(model, start, patches, mask.keep)))
    : null;
  return { ...encoded, teacher, predicted: decodeMasked(model, options.decoder, params, encoded.tokens, mask), pixels: takeTokens(patches, mask.masked, true) };
}

/** The training function: MAE's loss, those of the gates, the distance from the start, and what the diagnostics name. */
export function moceTrain(model: VitConfig, options: MoceOptions, batch: number): FunctionSpec {
  const { experts, noise_std: noise, loss_weights: weights } = options;
  const kept = keptPatches(patchCount(model), options.mask_ratio);
  const blocks = expertBlocks(model.depth, experts.blocks);
  const layers = blocks.length;
  return {
    kind: 'train',
    inputs: {
      ...maeInputs(model, options, batch),
      ...(noise === 0 ? {} : { noise: { shape: [layers, noisyUnits(options, batch, kept + 1), experts.count], type: 'float32' } as const }),
      ...(options.gate === 'token' ? {} : { cluster: { shape: [batch], type: 'int32' } as const }),
      ...Object.fromEntries(blocks.map((block) => [receivedBy(block), { shape: [experts.count], type: 'float32' } as const])),
    },
    scalars: [],
    body: (args) => {
      const { predicted, pixels, tokens, teacher, gates } = forward(model, options, args);
      const received = new Map(Array.from(gates, ([block, { chosen }]) => [block, add(args.inputs[receivedBy(block)]!, mean(chosen, 0))] as const));
      const overGates = (loss: (gate: Gate) => Tensor): Tensor => mul(addN(Array.from(gates.values(), loss)), 1 / layers);
      const losses = {
        reconstruction: reconstructionLoss(predicted, options.norm_pix_loss ? normalisePatches(pixels) : pixels),
        importance: overGates(({ logits }) => importanceLoss(softmax(logits))),
        ...(noise === 0 ? {} : { load: overGates((one) => loadLoss(one, noise / experts.count)) }),
        confidence: overGates(({ values }) => confidenceLoss(values)),
        ...(teacher === null ? {} : { distillation: distillationLoss(tokens, teacher) }),
      };
      const weighted = (['importance', 'load', 'confidence', 'distillation'] as const).flatMap((name) => (losses[name] === undefined || weights[name] === 0 ? [] : [mul(losses[name], weights[name])]));
      return {
        loss: weighted.reduce((sum, loss) => add(sum, loss), losses.reconstruction),
        ...Object.fromEntries(Object.entries(losses).map(([name, loss]) => [`loss_${name}`, loss])),
        ...Object.fromEntries(Array.from(received, ([block, own]) => [receivedBy(block), own])),
        ...statisticsOf(options, args, gates, received),
      };
    },
  };
}

/** Of the clusters of the whole set, as the gates are now; of a token gate, of the batch's tokens. received: [N] of each block, with this step. */
function statisticsOf({ gate }: MoceOptions, { params }: BodyArguments, gates: Encoded['gates'], received: ReadonlyMap<number, Tensor>): Readonly<Record<string, Tensor>> {
  const each = Array.from(gates, ([block, { logits }]) => {
    if (gate === 'token') return routingStatistics(block, logits, mul(ones([logits.shape[0]]), 1 / logits.shape[0]), received.get(block)!);
    return routingStatistics(block, matMul(params['centres']!, params[`blocks.${block}.mlp.gate.weight`]!, false, true), params['cluster_share']!, received.get(block)!);
  });
  return Object.fromEntries(each.flatMap((one) => Object.entries(one)));
}

export const moceMethod: TrainMethod = {
  kind: 'train',
  build({ model, options: json, batchSize, seed, totalSteps, stepsPerEpoch, start, clusters }) {
    const options = moceOptions(json);
    refuseProblems(moceProblems(model, options, epochsOf({ totalSteps, stepsPerEpoch }), batchSize));
    const rate = {
      peak: scaledRate(options.base_lr, batchSize), floor: 0, warmupSteps: options.warmup_epochs * stepsPerEpoch, totalSteps,
    };
    const patches = patchCount(model);
    const kept = keptPatches(patches, options.mask_ratio);
    return {
      params: moceParams(model, options, seed, start, clusters ?? null),
      optimizer: { kind: 'adamw', beta1: 0.9, beta2: 0.95, epsilon: 1e-8 },
      train: moceTrain(model, options, batchSize),
      draws: moceDraws({
        batch: batchSize, patches, kept, seed, layers: expertBlocks(model.depth, options.experts.blocks).length, experts: options.experts.count,
        noiseStd: options.noise_std, noisy: noisyUnits(options, batchSize, kept + 1), assignments: options.gate === 'token' ? null : clusters!.assignments,
      }),
      schedule: (step) => ({ lr: warmupCosine(rate, step), weight_decay: options.weight_decay }),
      carried: new Map(expertBlocks(model.depth, options.experts.blocks).map((block) => [receivedBy(block), new Float32Array(options.experts.count)])),
      diagnostics: moceDiagnostics(model, options),
      collapse: (curve) => moceCollapse(model, options, curve),
      ...(options.gate === 'token' ? {} : { routing: (weights) => routingOf(expertBlocks(model.depth, options.experts.blocks), weights, clusters!) }),
      ...(options.gate === 'token' ? {} : { evenOver: clusters!.assignments }),
      augment: options.augment,
      encoderParams: vitShapes(model).map(({ name }) => name),
    };
  },
  search: searchEncoder,
};
