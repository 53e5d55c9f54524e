import type { Augment } from '../data/augment/index.js';
import { pretrainPurpose, type Series } from '../data/loader/index.js';
import type { TrainRecipe } from '../methods/method.js';
import type { PretrainConfig } from './configs.js';

/**
 * Seed of all that a training draws. One that goes on from others has another than each of them, as else its steps would be theirs once more:
 * the same images, crops and masks. Trainings that go on from equally many draw alike, and a suite's seeds are under 2 ** 32.
 */
export const drawSeed = ({ seed, continues = 0 }: Pick<PretrainConfig, 'seed' | 'continues'>): number => seed + continues * 2 ** 32;

/** The batches of a training as its recipe asks for them: one view of each image, or several. */
export function pretrainSeries(recipe: TrainRecipe, args: { readonly indices: readonly number[]; readonly seed: number; readonly batch: number; readonly steps: number; readonly size: number }): Exclude<Series, { readonly kind: 'evaluation' }> {
  const { size, ...rest } = args;
  const order = { ...rest, purpose: pretrainPurpose, draws: recipe.draws, ...(recipe.evenOver === undefined ? {} : { evenOver: recipe.evenOver }) };
  return recipe.views === undefined
    ? { kind: 'train', ...order, augment: recipe.augment as unknown as Augment, size }
    : { kind: 'crops', ...order, views: recipe.views };
}
