import type { Compiled } from '../../engine/contract.js';
import { openTrainLoader, trainMixing, trainPositions } from '../../data/loader/index.js';
import type { PreparedSet } from '../../data/image-set.js';
import { dropPathDraws } from '../../models/drop-path.js';
import type { Phases } from '../../runner/job.js';
import type { FineTuneShape } from './network.js';
import { mixTargets, smoothTargets } from './cross-entropy.js';
import { learningRate } from './schedule.js';
import { type FineTuneOptions, trainAugment } from './options.js';

export interface Samples { readonly indices: readonly number[]; readonly labels: readonly number[] }

export interface TrainingArguments {
  readonly compiled: Compiled;
  readonly shape: FineTuneShape;
  readonly options: FineTuneOptions;
  readonly set: PreparedSet;
  readonly samples: Samples;
  readonly lr: number;
  readonly seed: number;
  /** What the draws of order and augmentation are for. */
  readonly purpose: string;
  readonly onStep: (step: number, loss: number) => void;
  readonly phases: Phases;
}

export type Training =
  | { readonly diverged: false; readonly curve: readonly { readonly step: number; readonly loss: number }[] }
  | { readonly diverged: true; readonly step: number };

/** Lets messages of this process out between two steps: a step blocks. */
const breathe = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve); });

/** Trains from the model's present values. The curve holds about a hundred points, each the mean loss since the last. */
export async function train({ compiled, shape, options, set, samples, lr, seed, purpose, onStep, phases }: TrainingArguments): Promise<Training> {
  const { model, classes, batchSize: batch } = shape;
  const schedule = { lr, minLr: options.min_lr, steps: options.steps, warmup: options.warmup };
  const series = {
    set, indices: samples.indices, augment: trainAugment(options), seed, purpose, size: model.imageSize, batch, steps: options.steps,
    ...(options.mix === undefined ? {} : { mix: options.mix }),
  };
  const loader = openTrainLoader(series);
  const curve: { step: number; loss: number }[] = [];
  const every = Math.ceil(options.steps / 100);
  let sum = 0;
  let count = 0;
  try {
    for (let step = 0; step < options.steps; step++) {
      phases.enter('wait');
      const images = await loader.next(step);
      const drawn = { ...series, step };
      const targets = smoothTargets(Array.from(trainPositions(drawn), (position) => samples.labels[position]!), classes, options.label_smoothing);
      mixTargets(targets, classes, trainMixing(drawn).share);
      const inputs = {
        images,
        targets,
        ...(shape.dropPath ? { drop_path: dropPathDraws(model.depth, options.drop_path, batch, seed, step) } : {}),
      };
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
  } finally {
    loader.close();
  }
}
