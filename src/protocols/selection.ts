import { DivergedError, DataError } from '../errors.js';
import type { Pictures } from '../data/image-set.js';
import { atEdge, type Configuration, type Grid } from './grid.js';
import type { Trial } from './protocol.js';

/** What a trial comes to: accuracy on validation in [0, 1], NaN where nothing there counts, or `diverged` (its loss became NaN or infinite). */
export type TrialOutcome = number | 'diverged';

export interface Selection<C = Configuration> {
  readonly trials: readonly Trial[];
  readonly chosen: C;
  readonly atEdge: readonly string[];
}

/**
 * Chooses one configuration of a grid by its accuracy on validation alone.
 *
 * - One configuration: nothing is tried, `trials` is empty.
 * - The best accuracy wins. Of several equally good ones the middle one in grid order wins, the lower of two: small
 *   validation sets tie often, and the middle of a plateau is the safest place on it.
 * - A diverged trial is recorded and never chosen. When all diverged: DivergedError.
 * - A grid without a validation image, or with ones on which nothing counts: DataError.
 */
export async function select<C extends Configuration>(grid: Grid<C>, task: { readonly name: string; readonly validation: Pictures }, validate: (configuration: C) => Promise<TrialOutcome>): Promise<Selection<C>> {
  const [only, ...others] = grid.configurations;
  if (only === undefined) throw new RangeError('an empty grid');
  if (others.length === 0) return { trials: [], chosen: only, atEdge: [] };
  if (task.validation.indices.length === 0) {
    throw new DataError('there is a list of values to choose from, but no validation image to choose by', {
      where: `task ${task.name}`, fix: 'Give the protocol one value per option, or a task with a validation split.',
    });
  }
  const trials: Trial[] = [];
  for (const configuration of grid.configurations) {
    const outcome = await validate(configuration);
    if (Number.isNaN(outcome)) {
      throw new DataError('there is a list of values to choose from, but on the validation images nothing counts: no object, or ignored pixels alone', {
        where: `task ${task.name}`, fix: 'Give the protocol one value per option, or annotate the validation images.',
      });
    }
    trials.push(outcome === 'diverged' ? { options: configuration, validation: 0, diverged: true } : { options: configuration, validation: outcome, diverged: false });
  }
  const sound = trials.flatMap((trial, i) => (trial.diverged ? [] : [{ i, validation: trial.validation }]));
  if (sound.length === 0) {
    throw new DivergedError(`training diverged with every one of the ${trials.length} tried configurations`, {
      where: `task ${task.name}`, fix: 'Search smaller learning rates.', data: { tried: trials.map((trial) => trial.options) },
    });
  }
  const best = Math.max(...sound.map((trial) => trial.validation));
  const tied = sound.filter((trial) => trial.validation === best);
  const chosen = grid.configurations[tied[Math.floor((tied.length - 1) / 2)]!.i]!;
  return { trials, chosen, atEdge: atEdge(grid, chosen) };
}
