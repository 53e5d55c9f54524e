import { setImmediate } from 'node:timers/promises';
import { ignoredLabel } from '../../data/dense.js';
import type { Compiled } from '../../engine/contract.js';
import type { JsonObject } from '../../files.js';
import { poolCounts, segmentationCounts, segmentationScores } from '../../metrics/index.js';
import { pooledStatistics } from '../../models/batch-norm.js';
import type { VitConfig } from '../../models/config.js';
import type { Phases } from '../../runner/job.js';
import { dropPathDraws } from '../../models/drop-path-draws.js';
import { fittedConfig } from '../../models/fitted-encoder.js';
import { encoderMacs } from '../../models/flops.js';
import { compiledFor } from '../compiled-cache.js';
import { evaluationBatch } from '../evaluation-batch.js';
import type { Configuration, Grid } from '../grid.js';
import type { DenseArguments, SegmentationJudgement } from '../protocol.js';
import { searchedTraining } from '../searched-training.js';
import { trainSteps, type TrainingArguments } from '../train-steps.js';
import { type DenseBatch, denseBatch } from './batch.js';
import { observedBatches } from './images.js';
import { mostFrequentScore } from './most-frequent.js';
import { hasBatchNorms, type SegmentationHead, segmentationSpec } from './network.js';
import { jitterOf, type SegmentationOptions, viewOf } from './options.js';
import { predictMaps } from './predict-maps.js';
import { polyRate } from './schedule.js';
import { scoredOf } from './scored.js';
import { encoderValues } from './start-values.js';
import { windowStarts } from './windows.js';

/** What one protocol of segmentation is, where the others differ. */
interface Segmenter<C extends Configuration> {
  readonly name: string;
  readonly options: SegmentationOptions;
  readonly grid: Grid<C>;
  readonly head: SegmentationHead;
  /** What the head depends on beside model and classes, for the cache of compiled models. */
  readonly headShape: JsonObject;
  /** Fewest patches a side that the head takes. */
  leastPatches(patchSize: number): number;
  /** Multiply-adds of the head on one picture. */
  macs(model: VitConfig, classes: number): { readonly trained: number; readonly predicted: number };
  /** null: the encoder is not trained. */
  layerDecay(configuration: C): number | null;
  rate(configuration: C): number;
  /** Probability in the last block; 0 where the encoder is not trained. */
  readonly dropPath: number;
}

/** A `searchedTraining` of a head on an encoder: each of its trainings begins with the encoder and the same new head. */
export async function judgeSegmentation<C extends Configuration>({ engine, encoder, set, model, task, annotations, seed, progress, log, phases }: DenseArguments, segmenter: Segmenter<C>): Promise<SegmentationJudgement> {
  const { name, options, grid, head } = segmenter;
  const { steps, batch_size: batchSize, window } = options;
  const classes = task.classes.length;
  const view = viewOf(options, name, { square: set.size, patchSize: model.patchSize, least: segmenter.leastPatches(model.patchSize) });
  const fitted = fittedConfig(model, view);
  const headParams = head.params(fitted, classes, seed);
  const start = new Map([...encoderValues(encoder, model, fitted), ...headParams.map(({ name: param, value }) => [param, value] as const)]);
  const parts = window === null ? 1 : windowStarts(set.size, window).length ** 2;
  const macs = segmenter.macs(fitted, classes);
  let [predicted, observed] = [0, 0];

  /** Trains anew with a configuration, then predicts pictures. */
  const trainAndPredict = async (configuration: C, indices: readonly number[], wanted: readonly number[], onStep: TrainingArguments['onStep']) => {
    const layerDecay = segmenter.layerDecay(configuration);
    const shape = { model: fitted, classes, batchSize, layerDecay, dropPath: segmenter.dropPath > 0 };
    const compiled = compiledFor(engine, { protocol: name, ...shape, head: segmenter.headShape }, () => segmentationSpec(shape, head));
    compiled.reset(start);
    const batch = { set, annotations, indices, jitter: jitterOf(options), seed, purpose: `${name}/${task.name}`, batch: batchSize, view };
    const training = await trainSteps({
      compiled, steps, phases, onStep, weightDecay: options.weight_decay,
      inputs: (step) => ({ ...denseBatch(batch, step), ...(shape.dropPath ? { drop_path: dropPathDraws(fitted.depth, segmenter.dropPath, batchSize, seed, step) } : {}) }),
      rate: (step) => polyRate(segmenter.rate(configuration), steps, options.warmup, step),
    });
    if (training.diverged) return training;
    if (hasBatchNorms(headParams)) {
      compiled.writeParams(await observedStatistics(compiled, batch, steps, phases));
      observed += observedBatches * batchSize;
    }
    predicted += wanted.length;
    const maps = await predictMaps({ compiled, batch: evaluationBatch(fitted), view, window, set, annotations, indices: wanted, classes, phases });
    return maps === 'diverged' ? { diverged: true, step: steps } as const : { ...training, maps };
  };
  /** mIoU in [0, 1], pooled over pictures: trials are compared by what is reported. NaN where no pixel counts. Label maps are read one after the other. */
  const score = (indices: readonly number[], maps: readonly Uint8Array[]): number =>
    segmentationScores(poolCounts(indices.map((index, at) => segmentationCounts(annotations.labels(index)!, maps[at]!, classes, ignoredLabel)))).mIoU;

  function* labelsOf(indices: readonly number[]): Iterable<Uint8Array> {
    for (const index of indices) yield annotations.labels(index)!;
  }

  const all = [...task.train.indices, ...task.validation.indices];
  const scored = scoredOf(all);
  const { selection, final, trainedSteps } = await searchedTraining({
    name, grid, task, steps, progress, log,
    trial: (configuration, onStep) => trainAndPredict(configuration, task.train.indices, task.validation.indices, onStep),
    score: ({ maps }) => score(task.validation.indices, maps),
    last: (configuration, onStep) => trainAndPredict(configuration, all, [...task.test.indices, ...scored], onStep),
  });
  const trained = trainedSteps * batchSize;
  const frozen = segmenter.layerDecay(selection.chosen) === null;
  const encoderPasses = (frozen ? 1 : 3) * trained + parts * predicted + observed;
  const tested = task.test.indices.length;
  return {
    maps: final.maps.slice(0, tested),
    trainScore: score(scored, final.maps.slice(tested)) || 0,
    blindScore: mostFrequentScore(labelsOf(scored)),
    curve: final.curve,
    ...selection,
    imagesSeen: trained + predicted + observed,
    flops: 2 * (encoderPasses * encoderMacs(fitted) + 3 * trained * macs.trained + (parts * predicted + observed) * macs.predicted),
  };
}

/** Statistics of batch norms over the training batches from step `first` on. */
async function observedStatistics(compiled: Compiled, batch: DenseBatch, first: number, phases: Phases): Promise<ReadonlyMap<string, Float32Array>> {
  const found: ReturnType<Compiled['run']>[] = [];
  for (let i = 0; i < observedBatches; i++) {
    phases.enter('wait');
    const { images } = denseBatch(batch, first + i);
    phases.enter('step');
    found.push(compiled.run('statistics', { images }));
    phases.enter('other');
    // Lets messages of this process out: a call blocks.
    await setImmediate();
  }
  return pooledStatistics(found);
}
