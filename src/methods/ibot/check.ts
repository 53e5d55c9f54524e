import type { VitConfig } from '../../models/config.js';
import { lengthOf, warmUpProblems } from '../warm-up.js';
import { localModel } from './local-model.js';
import type { IbotOptions } from './options.js';

/** What is wrong with the options for this model and length (null: unknown), beyond what the schema can say. */
export function ibotProblems(model: VitConfig, options: IbotOptions, epochs: number | null): readonly string[] {
  const { warmup_epochs, teacher_temperature, freeze_last_layer_epochs } = options;
  const problems: string[] = [];
  if (model.width % 4 !== 0) problems.push(`model.width ${model.width} is not a multiple of 4, which sin-cos positions need`);
  if (model.imageSize < 2 * model.patchSize) problems.push('the model has one patch; a mask needs two a side at least');
  const size = localModel(model, options)?.imageSize ?? model.imageSize;
  if (size % model.patchSize !== 0) problems.push(`local_crops.size ${size} is not a multiple of the patch size ${model.patchSize}`);
  if (size > model.imageSize) problems.push(`local_crops.size ${size} is more than the image size ${model.imageSize}`);
  if (epochs === null) return problems;
  const length = lengthOf(epochs);
  problems.push(...warmUpProblems(warmup_epochs, epochs));
  if (teacher_temperature.warmup_epochs > epochs) problems.push(`teacher_temperature.warmup_epochs ${teacher_temperature.warmup_epochs} is longer than ${length}: the temperature would never reach its end`);
  if (freeze_last_layer_epochs >= epochs) problems.push(`freeze_last_layer_epochs ${freeze_last_layer_epochs} is not shorter than ${length}: the last layer would never be trained`);
  return problems;
}
