import { openLoader } from '../../data/loader/index.js';
import { encoderMacs } from '../../models/flops.js';
import { primaryAccuracy, trainAccuracy } from '../accuracy.js';
import { compiledFor } from '../compiled-cache.js';
import { evaluationBatch } from '../evaluation-batch.js';
import { gridOf } from '../grid.js';
import type { EncoderProtocol } from '../protocol.js';
import { searchedTraining } from '../searched-training.js';
import type { TrainingArguments } from '../train-steps.js';
import { fineTuneOptions, searched } from './options.js';
import { fineTuneSpec, startValues, type FineTuneShape } from './network.js';
import { predict } from './predict.js';
import { train, trainSeries, type Samples } from './train.js';

/** A `searchedTraining` of the whole classifier: each of its trainings begins with the encoder and the same new head. */
export const fineTuneProtocol: EncoderProtocol = {
  judges: 'classification',
  needs: 'encoder',
  async run({ engine, encoder, set, model, options: given, task, seed, progress, log, phases }) {
    const options = fineTuneOptions(given);
    const classes = task.classes.length;
    const base = { model, classes, batchSize: options.batch_size, dropPath: options.drop_path > 0 };
    const grid = gridOf(options, searched, { layer_decay: 1 });
    const starts = new Map(grid.axes.pool.map((pool) => [pool, startValues({ model, classes, pool }, encoder, seed, task.name)]));
    const flopsAnImage = 2 * (encoderMacs(model) + model.width * classes);
    let evaluated = 0;

    /** Trains anew with a configuration, then predicts images. */
    const trainAndPredict = async (configuration: (typeof grid.configurations)[number], samples: Samples, wanted: readonly number[], onStep: TrainingArguments['onStep']) => {
      const shape: FineTuneShape = { ...base, pool: configuration.pool, layerDecay: configuration.layer_decay };
      const batch = evaluationBatch(model);
      const loader = openLoader(set, [
        trainSeries(shape, options, samples, seed, `fine-tune/${task.name}`),
        { kind: 'evaluation', indices: wanted, size: model.imageSize, batch, background: options.augment.background },
      ]);
      try {
        const compiled = compiledFor(engine, { protocol: 'fine-tune', ...shape }, () => fineTuneSpec(shape));
        compiled.reset(starts.get(configuration.pool));
        const training = await train({ compiled, options, loader, lr: configuration.lr, phases, onStep });
        if (training.diverged) return training;
        evaluated += wanted.length;
        const inputs = async (number: number) => {
          phases.enter('wait');
          const made = await loader.next(options.steps + number);
          phases.enter('evaluate');
          return made;
        };
        const predicted = await predict({ compiled, inputs, count: wanted.length, batch, classes });
        phases.enter('other');
        return predicted === 'diverged' ? { diverged: true, step: options.steps } as const : { ...training, predicted };
      } finally {
        loader.close();
      }
    };

    const all = { indices: [...task.train.indices, ...task.validation.indices], labels: [...task.train.labels, ...task.validation.labels] };
    const { selection, final, trainedSteps } = await searchedTraining({
      name: 'fine-tune', grid, task, steps: options.steps, progress, log,
      trial: (configuration, onStep) => trainAndPredict(configuration, task.train, task.validation.indices, onStep),
      score: ({ predicted }) => primaryAccuracy(task, task.validation.labels, predicted),
      last: (configuration, onStep) => trainAndPredict(configuration, all, [...task.test.indices, ...all.indices], onStep),
    });
    const trained = trainedSteps * options.batch_size;
    const tested = task.test.indices.length;
    return {
      predictions: final.predicted.slice(0, tested),
      trainAccuracy: trainAccuracy(task, all.labels, final.predicted.slice(tested)),
      curve: final.curve,
      ...selection,
      imagesSeen: trained + evaluated,
      flops: flopsAnImage * (3 * trained + evaluated),
    };
  },
};
