import type { Pictures } from '../data/image-set.js';
import { DivergedError } from '../errors.js';
import type { Configuration, Grid } from './grid.js';
import { trialsOf } from './grid-size.js';
import type { EncoderArguments } from './protocol.js';
import { select, type Selection } from './selection.js';
import type { TrainingArguments } from './train-steps.js';

/** What a training and its predictions come to. `step`: whose loss is not finite; behind the last one, a prediction is not. */
type Outcome<T> = (T & { readonly diverged: false }) | { readonly diverged: true; readonly step: number };

/** Trains anew with a configuration, then predicts. */
type Run<C, T> = (configuration: C, onStep: TrainingArguments['onStep']) => Promise<Outcome<T>>;

interface SearchedTraining<C, T> extends Pick<EncoderArguments, 'progress' | 'log'> {
  /** The protocol's. */
  readonly name: string;
  readonly grid: Grid<C>;
  readonly task: { readonly name: string; readonly validation: Pictures };
  /** Of each training. */
  readonly steps: number;
  /** On the train split; predicts the validation split. */
  readonly trial: Run<C, T>;
  /** By which trials are compared, see `select`. */
  score(trial: T): number;
  /** On both splits; predicts the test split, once. */
  readonly last: Run<C, T>;
}

/**
 * Searched values are tried; then one more training, on all that may be learnt from, with the chosen ones. Without a list: that
 * training only. DivergedError where it is the one that diverges. `trainedSteps`: of all trainings together.
 */
export async function searchedTraining<C extends Configuration, T>({ name, grid, task, steps, trial, score, last, progress, log }: SearchedTraining<C, T>): Promise<{ readonly selection: Selection<C>; readonly final: T; readonly trainedSteps: number }> {
  const runs = trialsOf(grid.configurations.length) + 1;
  let done = 0;
  let trainedSteps = 0;
  const counted = async (run: Run<C, T>, configuration: C): Promise<Outcome<T>> => {
    const before = done * steps;
    const outcome = await run(configuration, (step, loss) => { progress(before + step + 1, runs * steps, loss); });
    done++;
    trainedSteps += outcome.diverged ? Math.min(outcome.step + 1, steps) : steps;
    return outcome;
  };
  const selection = await select(grid, task, async (configuration) => {
    const outcome = await counted(trial, configuration);
    if (!outcome.diverged) return score(outcome);
    log(`${name}: diverged at step ${outcome.step} with ${JSON.stringify(configuration)}`);
    return 'diverged';
  });
  const final = await counted(last, selection.chosen);
  if (final.diverged) {
    throw new DivergedError(`the loss of ${name} is not finite at step ${final.step} with ${JSON.stringify(selection.chosen)}`, {
      where: `task ${task.name}`, fix: 'Use a smaller lr.', data: { step: final.step, ...selection.chosen },
    });
  }
  return { selection, final, trainedSteps };
}
