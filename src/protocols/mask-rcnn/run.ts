import { DataError, DivergedError } from '../../errors.js';
import type { BoxStage } from '../../models/detector/index.js';
import { fittedConfig } from '../../models/fitted-encoder.js';
import { type Detection, evaluateCoco, othersBoxes } from '../../metrics/index.js';
import { encoderMacs } from '../../models/flops.js';
import { stream } from '../../random.js';
import { compiledFor } from '../compiled-cache.js';
import { scoredOf } from '../dense/scored.js';
import { learningRate } from '../fine-tune/schedule.js';
import { type ConfigurationOf, gridOf } from '../grid.js';
import type { DetectionProtocol } from '../protocol.js';
import { select } from '../selection.js';
import { trainSteps } from '../train-steps.js';
import { type BatchPlan, trainingBatch } from './batch.js';
import { maskRcnnSpec, type MaskRcnnShape, startValues } from './network.js';
import { maskRcnnOptions } from './options.js';
import { predict } from './predict.js';
import { learntOf, objectsOf } from './truth.js';
import { detectorFlops, detectorShape } from './work.js';

/** Pictures that are predicted at a time: larger calls cost memory and no longer gain speed. */
const evaluationBatch = 8;

/** What none of so many guesses reaches, a blind one reaches in 5 % of the cases at most. */
const blindGuesses = 20;

/**
 * Searched values are tried by training on the train split and predicting the validation split; then one more training, on both, with
 * the chosen ones, and the test pictures are predicted once, by its last step. Without a list: that training only.
 */
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
    const base = { detector, batchSize: options.batch_size, evaluationBatch, objects: most, proposals: options.proposals, regions: options.regions, dropPath: options.drop_path > 0 };
    const start = startValues(detector, encoder, own, seed);
    const searched = { lr: options.lr, layer_decay: options.layer_decay };
    const grid = gridOf(searched, { layer_decay: 1 });
    const trials = grid.configurations.length > 1 ? grid.configurations.length : 0;
    let runs = 0;
    let trained = 0;
    let predicted = 0;

    /** Trains anew with a configuration; gives the means to predict. */
    const trainWith = async (configuration: ConfigurationOf<typeof searched>, indices: readonly number[]) => {
      const shape: MaskRcnnShape = { ...base, layerDecay: configuration.layer_decay };
      const compiled = compiledFor(engine, { protocol: name, ...shape }, () => maskRcnnSpec(shape));
      compiled.reset(start);
      const before = runs * options.steps;
      const plan: BatchPlan = {
        set, annotations, shape: detector, indices, batch: options.batch_size, objects: most, anchors: options.anchors, proposals: options.proposals,
        flip: options.flip, dropPath: options.drop_path, seed, purpose: `${name}/${task.name}`,
      };
      const { steps, warmup, min_lr: minLr } = options;
      const training = await trainSteps({
        compiled, steps, phases, weightDecay: options.weight_decay,
        inputs: (step) => trainingBatch(plan, step),
        rate: (step) => learningRate(step, { lr: configuration.lr, minLr, steps, warmup }),
        onStep: (step, loss) => { progress(before + step + 1, (trials + 1) * steps, loss); },
      });
      runs++;
      trained += (training.diverged ? training.step + 1 : steps) * options.batch_size;
      return { training, find: (some: readonly number[], withMasks: boolean) => {
        predicted += some.length;
        return predict({ compiled, set, annotations, indices: some, batch: evaluationBatch, masks: withMasks, score: options.score, phases });
      } };
    };

    const selection = await select(grid, task, async (configuration) => {
      const { training, find } = await trainWith(configuration, task.train.indices);
      const found = training.diverged ? 'diverged' : await find(task.validation.indices, false);
      if (found !== 'diverged') return scoreOn(task.validation.indices, found);
      log(`${name}: diverged with ${JSON.stringify(configuration)}`);
      return 'diverged';
    });

    const { training, find } = await trainWith(selection.chosen, all);
    const seen = scoredOf(all);
    const tested = training.diverged ? 'diverged' : await find(task.test.indices, true);
    const again = tested === 'diverged' ? 'diverged' : await find(seen, false);
    if (training.diverged || tested === 'diverged' || again === 'diverged') {
      const step = training.diverged ? training.step : options.steps;
      throw new DivergedError(`the loss of ${name} is not finite at step ${step}, lr ${selection.chosen.lr}`, {
        where: `task ${task.name}`, fix: 'Use a smaller lr.', data: { step, ...selection.chosen },
      });
    }
    return {
      detections: tested,
      trainScore: scoreOn(seen, again) || 0,
      blindScore: blindScore(seen) || 0,
      curve: training.curve,
      ...selection,
      imagesSeen: trained + predicted,
      flops: 2 * encoderMacs(model) * (3 * trained + predicted) + detectorFlops(detector, options, { trained, searched: predicted }),
    };
  },
});
