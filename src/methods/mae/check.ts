import { patchCount, type VitConfig } from '../../models/config.js';
import { warmUpProblems } from '../warm-up.js';
import { keptPatches } from './kept.js';
import type { MaeOptions } from './options.js';

/** What is wrong with the options for this model and length (null: unknown), beyond what the schema can say. */
export function maeProblems(model: VitConfig, options: MaeOptions, epochs: number | null): readonly string[] {
  const { mask_ratio } = options;
  const patches = patchCount(model);
  const kept = keptPatches(patches, mask_ratio);
  const problems: string[] = [];
  if (kept < 1) problems.push(`mask_ratio ${mask_ratio} leaves none of ${patches} patches visible`);
  if (kept >= patches) problems.push(`mask_ratio ${mask_ratio} hides none of ${patches} patches`);
  return [...problems, ...autoencoderProblems(model, options, epochs)];
}

/** The same for what all methods with MAE's decoder and schedule have. */
export function autoencoderProblems(model: VitConfig, { decoder, warmup_epochs }: Pick<MaeOptions, 'decoder' | 'warmup_epochs'>, epochs: number | null): readonly string[] {
  const problems: string[] = [];
  if (decoder.width % decoder.heads !== 0) problems.push(`decoder.width ${decoder.width} is not a multiple of decoder.heads ${decoder.heads}`);
  for (const [what, width] of [['decoder.width', decoder.width], ['model.width', model.width]] as const) {
    if (width % 4 !== 0) problems.push(`${what} ${width} is not a multiple of 4, which sin-cos positions need`);
  }
  return [...problems, ...(epochs === null ? [] : warmUpProblems(warmup_epochs, epochs))];
}
