import { DataError } from '../../errors.js';
import type { BoxStage } from '../../models/detector/index.js';
import { fittedConfig } from '../../models/fitted-encoder.js';
import { type Detection, evaluateCoco, othersBoxes } from '../../metrics/index.js';
import { encoderMacs } from '../../models/flops.js';
import { stream } from '../../random.js';
import { compiledFor } from '../compiled-cache.js';
import { scoredOf } from '../dense/scored.js';
import { gridOf } from '../grid.js';
import { learningRate } from '../learning-rate.js';
import type { DetectionProtocol } from '../protocol.js';
import { searchedTraining } from '../searched-training.js';
import { trainSteps, type TrainingArguments } from '../train-steps.js';
import { type BatchPlan, trainingBatch } from './batch.js';
import { maskRcnnSpec, type MaskRcnnShape, startValues } from './network.js';
import { maskRcnnOptions, searched } from './options.js';
import { predict } from './predict.js';
import { learntOf, objectsOf } from './truth.js';
import { detectorFlops, detectorShape } from './work.js';

/** Pictures that are predicted at a time: larger calls cost memory and no longer gain speed. */
const atATime = 8;

/** What none of so many guesses reaches, a blind one reaches in 5 % of the cases at most. */
const blindGuesses = 20;

/** A `searchedTraining` of the whole detector: each of its trainings begins with the encoder and the same new heads. */
export const detectorProtocol = (name: string, stages: readonly BoxStage[]): DetectionProtocol => ({
  judges: 'detection',
  needs: 'encoder',
  async run({ engine, encoder, set, annotations, model: own, options: given, task, seed, progress, log, phases }) {
    const options = maskRcnnOptions(name, given);
    const model = fittedConfig(own, set.size);
    const all = [...task.train.indices, ...task.validation.indices];
    const learnt = all.map((index) => learntOf(objectsOf(annotations, index)));
    const masks = learnt.some((objects) => objects.some(({ mask }) => mask !== null));
    const most = Math.max(0, ...learnt.map(({ length }) => length));
    /** Box AP at IoU 0.5; NaN where there is nothing to find. */
    const scoreOn = (indices: readonly number[], found: readonly (readonly Detection[])[]): number => {
      const { AP50 } = evaluateCoco(indices.map((index) => objectsOf(annotations, index)), found, 'bbox', { classes: task.classes.length }).summary;
      return AP50 < 0 ? NaN : AP50;
    };
    /** The best of some guesses that look at no picture. */
    const blindScore = (indices: readonly number[]): number => {
      const { uniform } = stream(seed, `${name}/${task.name}/blind`);
      const truths = indices.map((index) => objectsOf(annotations, index));
      return Math.max(...Array.from({ length: blindGuesses }, () => scoreOn(indices, othersBoxes(truths, uniform))));
    };
    if (most === 0) throw new DataError('there is no object to learn from', { where: `task ${task.name}`, fix: 'Use another task, or annotate its training pictures.' });
    const detector = detectorShape(options, stages, model, task.classes.length, masks);
    const base = { detector, batchSize: options.batch_size, evaluationBatch: atATime, objects: most, proposals: options.proposals, regions: options.regions, dropPath: options.drop_path > 0 };
    const start = startValues(detector, encoder, own, seed);
    const grid = gridOf(options, searched, { layer_decay: 1 });
    let predicted = 0;

    /** Trains anew with a configuration, then finds objects: in each group of pictures, with masks or without. */
    const trainAndFind = async (configuration: (typeof grid.configurations)[number], indices: readonly number[], wanted: readonly (readonly [pictures: readonly number[], masks: boolean])[], onStep: TrainingArguments['onStep']) => {
      const shape: MaskRcnnShape = { ...base, layerDecay: configuration.layer_decay };
      const compiled = compiledFor(engine, { protocol: name, ...shape }, () => maskRcnnSpec(shape));
      compiled.reset(start);
      const plan: BatchPlan = {
        set, annotations, shape: detector, indices, batch: options.batch_size, objects: most, anchors: options.anchors, proposals: options.proposals,
        flip: options.flip, dropPath: options.drop_path, seed, purpose: `${name}/${task.name}`,
      };
      const { steps, warmup, min_lr: minLr } = options;
      const training = await trainSteps({
        compiled, steps, phases, onStep, weightDecay: options.weight_decay,
        inputs: (step) => trainingBatch(plan, step),
        rate: (step) => learningRate(step, { lr: configuration.lr, minLr, steps, warmup }),
      });
      if (training.diverged) return training;
      const found: (readonly (readonly Detection[])[])[] = [];
      for (const [pictures, withMasks] of wanted) {
        predicted += pictures.length;
        const ofGroup = await predict({ compiled, set, annotations, indices: pictures, batch: atATime, masks: withMasks, score: options.score, phases });
        if (ofGroup === 'diverged') return { diverged: true, step: steps } as const;
        found.push(ofGroup);
      }
      return { ...training, found };
    };

    const seen = scoredOf(all);
    const { selection, final, trainedSteps } = await searchedTraining({
      name, grid, task, steps: options.steps, progress, log,
      trial: (configuration, onStep) => trainAndFind(configuration, task.train.indices, [[task.validation.indices, false]], onStep),
      score: ({ found }) => scoreOn(task.validation.indices, found[0]!),
      last: (configuration, onStep) => trainAndFind(configuration, all, [[task.test.indices, true], [seen, false]], onStep),
    });
    const [tested, again] = final.found;
    const trained = trainedSteps * options.batch_size;
    return {
      detections: tested!,
      masks,
      trainScore: scoreOn(seen, again!) || 0,
      blindScore: blindScore(seen) || 0,
      curve: final.curve,
      ...selection,
      imagesSeen: trained + predicted,
      flops: 2 * encoderMacs(model) * (3 * trained + predicted) + detectorFlops(detector, options, { trained, predicted }),
    };
  },
});
