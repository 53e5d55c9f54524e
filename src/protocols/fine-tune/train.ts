import type { Compiled } from '../../engine/contract.js';
import type { Loader, TrainSeries } from '../../data/loader/index.js';
import type { Phases } from '../../runner/job.js';
import { fineTuneDraws } from './draws.js';
import type { FineTuneShape } from './network.js';
import { learningRate } from './schedule.js';
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

export interface TrainingArguments {
  readonly compiled: Compiled;
  readonly options: FineTuneOptions;
  /** Begins with the batches of `trainSeries`. */
  readonly loader: Loader;
  readonly lr: number;
  readonly onStep: (step: number, loss: number) => void;
  readonly phases: Phases;
}

export type Training =
  | { readonly diverged: false; readonly curve: readonly { readonly step: number; readonly loss: number }[] }
  | { readonly diverged: true; readonly step: number };

/** Lets messages of this process out between two steps: a step blocks. */
const breathe = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve); });

/** Trains from the model's present values. The curve holds about a hundred points, each the mean loss since the last. */
export async function train({ compiled, options, loader, lr, onStep, phases }: TrainingArguments): Promise<Training> {
  const schedule = { lr, minLr: options.min_lr, steps: options.steps, warmup: options.warmup };
  const curve: { step: number; loss: number }[] = [];
  const every = Math.ceil(options.steps / 100);
  let sum = 0;
  let count = 0;
  for (let step = 0; step < options.steps; step++) {
    phases.enter('wait');
    const inputs = await loader.next(step);
    phases.enter('step');
    const out = compiled.run('train', inputs, { lr: learningRate(step, schedule), weight_decay: options.weight_decay });
    phases.enter('other');
    const loss = out['loss']!.data[0]!;
    if (!Number.isFinite(loss)) return { diverged: true, step };
    sum += loss;
    count++;
    if (count === every || step === options.steps - 1) {
      curve.push({ step, loss: sum / count });
      sum = 0;
      count = 0;
    }
    onStep(step, loss);
    await breathe();
  }
  return { diverged: false, curve };
}
