import type { Augment } from '../data/augment/index.js';
import { pretrainPurpose, type Series } from '../data/loader/index.js';
import type { TrainRecipe } from '../methods/method.js';

/** The batches of a training as its recipe asks for them: one view of each image, or several. */
export function pretrainSeries(recipe: TrainRecipe, args: { readonly indices: readonly number[]; readonly seed: number; readonly batch: number; readonly steps: number; readonly size: number }): Series {
  const { size, ...rest } = args;
  const order = { ...rest, purpose: pretrainPurpose, draws: recipe.draws, ...(recipe.evenOver === undefined ? {} : { evenOver: recipe.evenOver }) };
  return recipe.views === undefined
    ? { kind: 'train', ...order, augment: recipe.augment as unknown as Augment, size }
    : { kind: 'crops', ...order, views: recipe.views };
}
