import { openLoader } from '../../data/loader/index.js';
import { DivergedError } from '../../errors.js';
import { encoderMacs } from '../../models/flops.js';
import { primaryAccuracy, trainAccuracy } from '../accuracy.js';
import { compiledFor } from '../compiled-cache.js';
import { evaluationBatch } from '../evaluation-batch.js';
import { gridOf, type ConfigurationOf } from '../grid.js';
import type { EncoderProtocol } from '../protocol.js';
import { select } from '../selection.js';
import { fineTuneOptions } from './options.js';
import { fineTuneSpec, startValues, type FineTuneShape } from './network.js';
import { predict } from './predict.js';
import { train, trainSeries, type Samples } from './train.js';

/**
 * Searched values are tried by training on the train split and predicting the validation split; then one more training, on
 * both, with the chosen ones, and the test images are predicted once, by its last step. Without a list: that training only.
 */
export const fineTuneProtocol: EncoderProtocol = {
  judges: 'classification',
  needs: 'encoder',
  async run({ engine, encoder, set, model, options: given, task, seed, progress, log, phases }) {
    const options = fineTuneOptions(given);
    const classes = task.classes.length;
    const base = { model, classes, batchSize: options.batch_size, dropPath: options.drop_path > 0 };
    const searched = { pool: options.pool, lr: options.lr, layer_decay: options.layer_decay };
    const grid = gridOf(searched, { layer_decay: 1 });
    const starts = new Map(grid.axes.pool.map((pool) => [pool, startValues({ model, classes, pool }, encoder, seed, task.name)]));
    const runs = grid.configurations.length > 1 ? grid.configurations.length + 1 : 1;
    const flopsAnImage = 2 * (encoderMacs(model) + model.width * classes);
    let trainedRuns = 0;
    let trainedImages = 0;
    let evaluatedImages = 0;

    /** Trains anew with a configuration, then predicts images. */
    const trainAndPredict = async (configuration: ConfigurationOf<typeof searched>, samples: Samples, evaluated: readonly number[]) => {
      const shape: FineTuneShape = { ...base, pool: configuration.pool, layerDecay: configuration.layer_decay };
      const batch = evaluationBatch(model);
      const loader = openLoader(set, [
        trainSeries(shape, options, samples, seed, `fine-tune/${task.name}`),
        { kind: 'evaluation', indices: evaluated, size: model.imageSize, batch, background: options.augment.background },
      ]);
      try {
        const compiled = compiledFor(engine, { protocol: 'fine-tune', ...shape }, () => fineTuneSpec(shape));
        compiled.reset(starts.get(configuration.pool));
        const before = trainedRuns * options.steps;
        const training = await train({
          compiled, options, loader, lr: configuration.lr, phases,
          onStep: (step, loss) => { progress(before + step + 1, runs * options.steps, loss); },
        });
        trainedRuns++;
        trainedImages += (training.diverged ? training.step + 1 : options.steps) * options.batch_size;
        if (training.diverged) return training;
        evaluatedImages += evaluated.length;
        const inputs = async (number: number) => {
          phases.enter('wait');
          const made = await loader.next(options.steps + number);
          phases.enter('evaluate');
          return made;
        };
        const predicted = await predict({ compiled, inputs, count: evaluated.length, batch, classes });
        phases.enter('other');
        return predicted === 'diverged' ? { diverged: true, step: options.steps } as const : { ...training, predicted };
      } finally {
        loader.close();
      }
    };

    const selection = await select(grid, task, async (configuration) => {
      const trial = await trainAndPredict(configuration, task.train, task.validation.indices);
      if (!trial.diverged) return primaryAccuracy(task, task.validation.labels, trial.predicted);
      log(`fine-tune: diverged at step ${trial.step} with ${JSON.stringify(configuration)}`);
      return 'diverged';
    });

    const all = { indices: [...task.train.indices, ...task.validation.indices], labels: [...task.train.labels, ...task.validation.labels] };
    const final = await trainAndPredict(selection.chosen, all, [...task.test.indices, ...all.indices]);
    if (final.diverged) {
      throw new DivergedError(`fine-tuning's loss is not finite at step ${final.step}, lr ${selection.chosen.lr}`, {
        where: `task ${task.name}`, fix: 'Use a smaller lr.', data: { step: final.step, ...selection.chosen },
      });
    }
    const tested = task.test.indices.length;
    return {
      predictions: final.predicted.slice(0, tested),
      trainAccuracy: trainAccuracy(task, all.labels, final.predicted.slice(tested)),
      curve: final.curve,
      ...selection,
      imagesSeen: trainedImages + evaluatedImages,
      flops: flopsAnImage * (3 * trainedImages + evaluatedImages),
    };
  },
};
