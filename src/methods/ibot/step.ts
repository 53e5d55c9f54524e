import { add, concat, logSoftmax, mul, reshape, slice, type Tensor } from '@tensorflow/tfjs-core';
import type { FunctionSpec } from '../../engine/contract.js';
import { patchCount, type VitConfig } from '../../models/config.js';
import { vitShapes } from '../../models/vit.js';
import { epochsOf } from '../epochs.js';
import type { Diagnostic, TrainMethod } from '../method.js';
import { refuseProblems } from '../refuse-problems.js';
import { ibotProblems } from './check.js';
import { collapseNote, collapseOf } from './collapse.js';
import { ibotDraws } from './draws.js';
import { head } from './head.js';
import { localModel } from './local-model.js';
import { classLoss, entropy, entropyOfMean, movedCentre, patchLoss, sharpened } from './losses.js';
import { tokensOf } from './network.js';
import { ibotOptions, type IbotOptions } from './options.js';
import { forLocal, ibotParams, studentParams } from './params.js';
import { ibotScalars, ibotSchedule } from './schedule.js';
import { ibotViews } from './views.js';

/** Inputs for a batch of source images. */
function ibotInputs(model: VitConfig, options: IbotOptions, batch: number): FunctionSpec['inputs'] {
  const { imageSize: size } = model;
  const { count } = options.local_crops;
  const local = localModel(model, options);
  const prototypes = [options.head.out_dim];
  return {
    global: { shape: [2 * batch, size, size, 3], type: 'uint8' }, // first views of all images, then second ones
    ...(local === null ? {} : { local: { shape: [count * batch, local.imageSize, local.imageSize, 3], type: 'uint8' } as const }),
    mask: { shape: [2 * batch, patchCount(model)], type: 'float32' },
    ...(options.drop_path === 0 ? {} : { drop_path: { shape: [2 * model.depth, (2 + count) * batch], type: 'float32' } as const }),
    cls_centre: { shape: prototypes, type: 'float32' },
    patch_centre: { shape: prototypes, type: 'float32' },
  };
}

/** The training function: both losses of one batch, the centres of the next step, and what the diagnostics name. */
export function ibotTrain(model: VitConfig, options: IbotOptions, batch: number): FunctionSpec {
  const local = localModel(model, options);
  const large = 2 * batch;
  const small = local === null ? 0 : options.local_crops.count * batch;
  const { out_dim: prototypes } = options.head;
  const logarithms = (outputs: Tensor): Tensor => logSoftmax(mul(outputs, 1 / options.student_temperature));
  const byView = (rows: Tensor): Tensor => reshape(rows, [rows.shape[0] / batch, batch, prototypes]);
  return {
    kind: 'train',
    inputs: ibotInputs(model, options, batch),
    scalars: ibotScalars,
    body: ({ params, inputs, scalars }) => {
      const images = inputs['global']!;
      const mask = inputs['mask']!;
      const dropPath = options.drop_path === 0 ? undefined : inputs['drop_path'];
      const rows = (from: number, count: number): Tensor | undefined => (dropPath === undefined ? undefined : slice(dropPath, [0, from], [2 * model.depth, count]));

      // No gradient goes into the teacher: none of its parameters is trained.
      const teacherHead = head(params);
      const teacher = tokensOf(model, params, images);
      const [teacherCls, teacherPatches] = [teacherHead(teacher.cls), teacherHead(teacher.patches)];
      const [clsCentre, patchCentre] = [inputs['cls_centre']!, inputs['patch_centre']!];
      const cls = sharpened(teacherCls, clsCentre, scalars['teacher_temperature']!);
      const patches = sharpened(teacherPatches, patchCentre, scalars['teacher_temperature']!);

      const own = studentParams(params);
      const studentHead = head(own, scalars['last_layer_gate']);
      const seen = tokensOf(model, own, images, { mask, dropPath: rows(0, large) });
      const near = local === null ? [] : [tokensOf(local, forLocal(own, params), inputs['local']!, { dropPath: rows(large, small) }).cls];
      const classes = logarithms(studentHead(concat([seen.cls, ...near], 0)));
      const [global, others] = [slice(classes, [0, 0], [large, prototypes]), local === null ? undefined : slice(classes, [large, 0], [small, prototypes])];

      const lossCls = classLoss(byView(cls.probabilities), byView(global), others === undefined ? undefined : byView(others));
      const lossPatch = patchLoss(patches.probabilities, logarithms(studentHead(seen.patches)), mask);
      return {
        loss: add(mul(lossCls, options.loss_weights.cls), mul(lossPatch, options.loss_weights.patch)),
        loss_cls: lossCls,
        loss_patch: lossPatch,
        teacher_entropy: entropy(cls),
        teacher_entropy_of_mean: entropyOfMean(cls),
        cls_centre: movedCentre(clsCentre, teacherCls, options.centre_momentum),
        patch_centre: movedCentre(patchCentre, teacherPatches, options.centre_momentum),
      };
    },
  };
}

const diagnostics = (note: string): readonly Diagnostic[] => [
  { name: 'loss_cls', title: 'Loss of class tokens', label: 'class', unit: 'loss' },
  { name: 'loss_patch', title: 'Loss of masked patches', label: 'patches', unit: 'loss' },
  { name: 'teacher_entropy', title: "Entropy of the teacher's output", label: 'class, each image', unit: 'nats', note },
  { name: 'teacher_entropy_of_mean', title: "Entropy of the teacher's output", label: 'class, mean of a batch', unit: 'nats', note },
];

export const ibotMethod: TrainMethod = {
  kind: 'train',
  build({ model, options: json, batchSize, seed, totalSteps, stepsPerEpoch }) {
    const options = ibotOptions(json);
    refuseProblems(ibotProblems(model, options, epochsOf({ totalSteps, stepsPerEpoch })));
    const centre = new Float32Array(options.head.out_dim);
    const views = ibotViews(model, options);
    return {
      params: ibotParams(model, options, seed),
      optimizer: { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clipNorm: options.clip_norm },
      train: ibotTrain(model, options, batchSize),
      draws: ibotDraws({
        mask: options.mask, side: model.imageSize / model.patchSize, batch: batchSize, seed,
        dropPath: options.drop_path === 0 ? null : { depth: model.depth, rate: options.drop_path, views: views.length },
      }),
      schedule: ibotSchedule(options, { batchSize, totalSteps, stepsPerEpoch }),
      carried: new Map([['cls_centre', centre], ['patch_centre', centre]]),
      diagnostics: diagnostics(collapseNote(options.head.out_dim)),
      collapse: (curve) => collapseOf(curve, options.head.out_dim),
      augment: json['augment_global_1'] as typeof json,
      views,
      encoderParams: vitShapes(model).map(({ name }) => name),
    };
  },
};
