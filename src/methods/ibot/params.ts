import type { Params, ParamSpec } from '../../engine/contract.js';
import { patchCount, type VitConfig } from '../../models/config.js';
import { fixed, trained } from '../../models/init.js';
import { resizedPositions } from '../../models/resized-positions.js';
import { vitParams } from '../../models/vit.js';
import { headParams } from './head.js';
import { localModel } from './local-model.js';
import type { IbotOptions } from './options.js';

const student = 'student.';
const localPositions = 'local_pos_embed';

/**
 * The teacher, encoder and head, has the plain names and averages the student, which has the same ones behind `student.`;
 * both begin equally. `student.masked_embed` [1, D] is the mask token, zero at first as in the reference. Positions are
 * fixed, and those of small views interpolated.
 */
export function ibotParams(model: VitConfig, options: IbotOptions, seed: number): readonly ParamSpec[] {
  const both = [...vitParams(model, seed), ...headParams(model.width, options.head, seed)];
  const trainable = both.filter((spec) => spec.trainable);
  const local = localModel(model, options);
  const side = (config: VitConfig): number => config.imageSize / config.patchSize;
  const positions = both.find(({ name }) => name === 'pos_embed')!.value;
  return [
    ...both.map((spec): ParamSpec => (spec.trainable ? { ...spec, trainable: false, decay: false, ema: { of: student + spec.name, momentum: 'teacher_momentum' } } : spec)),
    ...trainable.map((spec) => ({ ...spec, name: student + spec.name })),
    trained(`${student}masked_embed`, [1, model.width], new Float32Array(model.width)),
    ...(local === null ? [] : [fixed(localPositions, [1, patchCount(local) + 1, model.width], resizedPositions(positions, model.width, side(model), side(local)))]),
  ];
}

/** The student's parameters by plain names, with the positions of its large views. */
export const studentParams = (params: Params): Params => ({
  ...Object.fromEntries(Object.entries(params).flatMap(([name, value]) => (name.startsWith(student) ? [[name.slice(student.length), value]] : []))),
  pos_embed: params['pos_embed']!,
});

/** The same network for small views. */
export const forLocal = (params: Params, all: Params): Params => ({ ...params, pos_embed: all[localPositions]! });
