import type { Loader, TrainSeries } from '../../data/loader/index.js';
import { learningRate } from '../learning-rate.js';
import { trainSteps, type Training, type TrainingArguments } from '../train-steps.js';
import { fineTuneDraws } from './draws.js';
import type { FineTuneShape } from './network.js';
import { type FineTuneOptions, trainAugment } from './options.js';

export interface Samples { readonly indices: readonly number[]; readonly labels: readonly number[] }

/** Batches, targets and drop path of a training. `purpose`: what the draws of order and augmentation are for. */
export function trainSeries({ model, classes, batchSize: batch, dropPath }: FineTuneShape, options: FineTuneOptions, { indices, labels }: Samples, seed: number, purpose: string): TrainSeries {
  const { mix } = options;
  const draws = fineTuneDraws({
    labels: Int32Array.from(labels), classes, labelSmoothing: options.label_smoothing, mix, size: model.imageSize, batch, seed, purpose,
    dropPath: dropPath ? { depth: model.depth, rate: options.drop_path } : null,
  });
  return { kind: 'train', indices, augment: trainAugment(options), seed, purpose, size: model.imageSize, batch, steps: options.steps, draws, ...(mix === undefined ? {} : { mix }) };
}

interface FineTuneTraining extends Pick<TrainingArguments, 'compiled' | 'onStep' | 'phases'> {
  readonly options: FineTuneOptions;
  /** Begins with the batches of `trainSeries`. */
  readonly loader: Loader;
  readonly lr: number;
}

/** Trains from the model's present values (`trainSteps`). */
export const train = ({ options: { steps, warmup, min_lr: minLr, weight_decay: weightDecay }, loader, lr, ...rest }: FineTuneTraining): Promise<Training> =>
  trainSteps({ ...rest, steps, weightDecay, inputs: (step) => loader.next(step), rate: (step) => learningRate(step, { lr, minLr, steps, warmup }) });
