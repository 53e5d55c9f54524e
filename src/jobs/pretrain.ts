import { existsSync } from 'node:fs';
import { cp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { evalBatch, loaderThreads, openLoader } from '../data/loader/index.js';
import type { PreparedSet } from '../data/image-set.js';
import type { Compiled, CompileSpec } from '../engine/contract.js';
import { openEngine } from '../engine/index.js';
import { JobError } from '../errors.js';
import type { JsonObject } from '../files.js';
import type { EncoderMethod, EncoderWeights, MethodSpec, TrainMethod, TrainRecipe, Weights } from '../methods/method.js';
import { type VitConfig, vitConfig } from '../models/config.js';
import type { PretrainBody } from '../results/types.js';
import type { JobContext, JobFunction } from '../runner/job.js';
import { type Carried, checkpointFile, checkpointSeconds, engineSetting } from '../training/checkpoints.js';
import type { CurvePoint } from '../training/curve.js';
import { refuseDiverged } from '../training/diverged.js';
import { train, type Training } from '../training/loop.js';
import type { Mark } from '../training/step-clock.js';
import { readClusters } from './cluster-file.js';
import type { PretrainConfig } from './configs.js';
import { encoderFile, readWeights, snapshotsFolder, trainedWeights, weightsAt, writeEncoder, writeOthers } from './encoder-file.js';
import { pretrainSteps, snapshotSteps } from './estimates.js';
import { drawSeed, pretrainSeries } from './pretrain-series.js';
import { dataSource, methodSpec } from './members.js';
import { heldOutErrors } from './held-out-errors.js';
import { type PreviewColumn, writePreview } from './preview.js';
import { readRouting, recordRouting, routingSteps } from './routing-record.js';
import { readSet } from './task-inputs.js';

/** Makes an entry's encoder: trains it, or takes it as it is. */
export const pretrain: JobFunction = async (context) => {
  const config = context.job.config as unknown as PretrainConfig;
  const spec = await methodSpec(config.method, context.job.id);
  const method = await spec.load();
  const body = method.kind === 'none' ? await take(context, config, method) : await trainEncoder(context, config, spec, method);
  return body as unknown as JsonObject;
};

async function take(context: JobContext, config: PretrainConfig, method: EncoderMethod): Promise<PretrainBody> {
  const encoder = await method.encoder({ model: vitConfig(config.model), options: config.options, seed: config.seed, fingerprint: config.fingerprint, log: context.log });
  await writeEncoder(context.folder, encoder);
  return {
    kind: 'pretrain', method: config.method, parameters: countValues(encoder), images: 0, classes: 0, steps: 0, imagesSeen: 0, flops: 0,
    curve: [], diagnostics: [], finalLoss: null, imagesPerSecond: null, preview: null, encoder: encoderFile,
  };
}

/**
 * Trains for the schedule's epochs, rounded to whole batches. They are epochs of the entry's own subset or, with `of`, of
 * another one: entries of unequal size then take equal steps, with the same warm-up and the same rates.
 */
async function trainEncoder(context: JobContext, config: PretrainConfig, spec: MethodSpec, method: TrainMethod): Promise<PretrainBody> {
  const { job } = context;
  if (config.pretrain === null) throw new JobError(`method ${config.method} needs data to pre-train on`, { where: job.id, fix: 'Give the entry a `pretrain` block.' });
  const { source: sourceName, sourceOptions, subset, batch_size: batchSize, schedule, precision, snapshots = [] } = config.pretrain;
  const model = vitConfig(config.model);
  const { seed } = config;
  const drawn = drawSeed(config);
  const [set, source] = await Promise.all([readSet(context.input('data')), dataSource(sourceName, job.id)]);
  const view = source.pretrain(set, sourceOptions, subset, seed);
  const counted = schedule.of === null || schedule.of === subset ? view : source.pretrain(set, sourceOptions, schedule.of, seed);
  const totalSteps = pretrainSteps(counted.indices.length, schedule.epochs, batchSize);
  const start = Object.hasOwn(job.inputs, 'start') ? { start: await readWeights(context.input('start')) } : {};
  const clusters = Object.hasOwn(job.inputs, 'clusters') ? { clusters: await readClusters(context.input('clusters')) } : {};
  const recipe = method.build({ model, options: config.options, batchSize, seed: drawn, totalSteps, stepsPerEpoch: totalSteps / schedule.epochs, ...start, ...clusters });
  context.log(`${view.indices.length} images (${subset}) of ${view.classes} classes, ${totalSteps} steps of ${batchSize}`);

  // What was read on the way lies there before the first checkpoint does.
  if (!existsSync(checkpointFile(context.scratch)) && (await readdir(context.scratch)).length > 0) context.startAnew('it had ended before its first checkpoint');
  const engine = await openEngine({ threads: job.threads, precision });
  const loader = openLoader(set, [pretrainSeries(recipe, { indices: view.indices, seed: drawn, batch: batchSize, steps: totalSteps, size: model.imageSize })]);
  let compiled: Compiled | null = null;
  try {
    compiled = engine.compile(compileSpec(recipe));
    const stops = [
      ...(snapshots.length === 0 ? [] : [keeping(job.id, context.scratch, recipe, compiled, spec, snapshots, totalSteps)]),
      ...(recipe.routing === undefined ? [] : [tellingRouting(context.scratch, recipe, compiled, totalSteps)]),
    ];
    const trained = await train({
      stops: together(stops),
      name: job.id,
      compiled,
      params: recipe.params,
      totalSteps,
      batchSize,
      inputs: loader.next,
      schedule: recipe.schedule,
      diagnostics: (recipe.diagnostics ?? []).map(({ name }) => name),
      ...(recipe.carried === undefined ? {} : { carried: recipe.carried }),
      checkpoints: { folder: context.scratch, setting: engineSetting(engine.info), everySeconds: checkpointSeconds(), refused: context.startAnew },
      progress: ({ step, loss, imagesPerSecond }) =>
        context.progress({ done: step * batchSize, total: totalSteps * batchSize, unit: 'images', loss, imagesPerSecond }),
      log: context.log,
      phases: context.phases,
    });
    const { encoder, others } = finiteWeights(job.id, recipe, compiled, totalSteps, totalSteps, trained.carried);
    await writeEncoder(context.folder, encoder);
    await writeOthers(context.folder, others);
    // Copied: a kill before the job's end finds them where its checkpoint says that they are.
    if (snapshots.length > 0) await cp(join(context.scratch, snapshotsFolder), join(context.folder, snapshotsFolder), { recursive: true });
    const imagesSeen = totalSteps * batchSize;
    const flopsPerImage = spec.flopsPerImage(model, config.options, batchSize);
    return {
      kind: 'pretrain',
      method: config.method,
      parameters: countValues(encoder),
      images: view.indices.length,
      classes: view.classes,
      ...(view.groups === undefined ? {} : { groups: view.groups.map(({ name, images }) => ({ name, count: images })) }),
      steps: totalSteps,
      imagesSeen,
      ...unitsOf(spec, config.options, imagesSeen),
      flops: imagesSeen * flopsPerImage,
      ...partsOf(spec, model, config.options, imagesSeen),
      curve: trained.curve,
      diagnostics: (recipe.diagnostics ?? []).map((one) => ({ ...one })),
      finalLoss: trained.finalLoss,
      imagesPerSecond: trained.imagesPerSecond,
      ...(snapshots.length === 0 ? {} : { snapshots: snapshotsOf([...snapshots, 1], totalSteps, trained.marks, batchSize, flopsPerImage) }),
      ...collapsed(spec, recipe, trained.curve),
      ...(recipe.routing === undefined ? {} : { routing: recipe.routing(new Map([...encoder, ...others])), earlierRouting: [{ step: 0, blocks: recipe.routing(initialWeights(recipe)) }, ...await readRouting(context.scratch)] }),
      ...heldOutErrors(recipe, compiled, { set, trained: subset === 'full' ? view : source.pretrain(set, sourceOptions, 'full', seed), seed, size: model.imageSize }),
      preview: await preview(context.folder, recipe, compiled, set, view.indices, model),
      encoder: encoderFile,
    };
  } finally {
    loader.close();
    compiled?.dispose();
  }
}

type Stops = NonNullable<Training['stops']>;

const together = (all: readonly Stops[]): Stops => ({
  steps: [...new Set(all.flatMap(({ steps }) => steps))].sort((a, b) => a - b),
  take: async (step, carried) => { for (const { steps, take } of all) if (steps.includes(step)) await take(step, carried); },
});

/** Tells on the way where the clusters go. It reads weights and draws nothing: training is the same with it. */
function tellingRouting(scratch: string, recipe: TrainRecipe, compiled: Compiled, totalSteps: number): Stops {
  return {
    steps: routingSteps(totalSteps),
    take: async (step, carried) => {
      const { encoder, others } = trainedWeights(recipe, compiled.readParams(), carried);
      await recordRouting(scratch, { step, blocks: recipe.routing!(new Map([...encoder, ...others])) });
    },
  };
}

const initialWeights = ({ params }: TrainRecipe): Weights => new Map(params.map(({ name, shape, value }) => [name, { shape, data: value }]));

/** What is there to be kept after a step. DivergedError where it is not finite. */
function finiteWeights(name: string, recipe: TrainRecipe, compiled: Compiled, step: number, totalSteps: number, carried: Carried): ReturnType<typeof trainedWeights> {
  const weights = trainedWeights(recipe, compiled.readParams(), carried);
  for (const part of [weights.encoder, weights.others]) refuseDiverged(part, { name, step, totalSteps, lr: recipe.schedule(step - 1).lr });
  return weights;
}

/** Keeps the encoder at its shares of the steps, and what else was trained where a search needs that. */
function keeping(name: string, scratch: string, recipe: TrainRecipe, compiled: Compiled, { searches }: MethodSpec, shares: readonly number[], totalSteps: number): Stops {
  const steps = snapshotSteps(shares, totalSteps);
  return {
    steps,
    take: async (step, carried) => {
      const folder = weightsAt(scratch, shares[steps.indexOf(step)]);
      const { encoder, others } = finiteWeights(name, recipe, compiled, step, totalSteps, carried);
      await writeEncoder(folder, encoder);
      if (searches !== undefined) await writeOthers(folder, others);
    },
  };
}

const snapshotsOf = (shares: readonly number[], totalSteps: number, marks: readonly Mark[], batchSize: number, flopsPerImage: number): NonNullable<PretrainBody['snapshots']> =>
  snapshotSteps(shares, totalSteps).map((step, index) => {
    const { seconds, cpuSeconds: all } = marks.find((mark) => mark.step === step)!;
    // What loader threads took is in it, and says nothing of how long the step waited for its turn.
    const cpuSeconds = loaderThreads() > 0 ? null : all;
    return { share: shares[index]!, steps: step, imagesSeen: step * batchSize, flops: step * batchSize * flopsPerImage, seconds, cpuSeconds };
  });

/** Nothing where the method works on its source images as they are. */
const unitsOf = ({ units }: MethodSpec, options: JsonObject, images: number): Pick<PretrainBody, 'units'> =>
  (units === undefined ? {} : { units: units(options).map(({ name, perImage }) => ({ name, count: Math.round(images * perImage) })) });

const partsOf = ({ flopsParts }: MethodSpec, model: VitConfig, options: JsonObject, images: number): Pick<PretrainBody, 'flopsParts'> =>
  (flopsParts === undefined ? {} : { flopsParts: flopsParts(model, options).map(({ name, perImage }) => ({ name, flops: images * perImage })) });

/** Nothing where the method does not watch for it. */
function collapsed({ knnShowsCollapse }: MethodSpec, { collapse }: TrainRecipe, curve: PretrainBody['curve']): Pick<PretrainBody, 'collapsed' | 'knnShowsCollapse'> {
  const byKnn = knnShowsCollapse === undefined ? {} : { knnShowsCollapse };
  if (collapse === undefined) return byKnn;
  const reason = collapse(curve as readonly CurvePoint[]);
  return { collapsed: reason === null ? null : { reason }, ...byKnn };
}

const compileSpec = ({ params, optimizer, train: trainFunction, preview: pictures, heldOut }: TrainRecipe): CompileSpec => ({
  params,
  optimizer,
  functions: { train: trainFunction, ...(pictures === undefined ? {} : { preview: pictures.function }), ...(heldOut === undefined ? {} : { held_out: heldOut.function }) },
});

const countValues = (encoder: EncoderWeights): number => [...encoder.values()].reduce((sum, { data }) => sum + data.length, 0);

/** Pictures of images spread over the training set, which show what was learnt; no number comes from them. */
async function preview(folder: string, recipe: TrainRecipe, compiled: Compiled, set: PreparedSet, indices: readonly number[], model: VitConfig): Promise<PretrainBody['preview']> {
  const spec = recipe.preview;
  if (spec === undefined) return null;
  const chosen = Array.from({ length: spec.count }, (_, i) => indices[Math.floor((i * indices.length) / spec.count)]!);
  const images = evalBatch({ set, indices: chosen, size: model.imageSize });
  const columns: readonly PreviewColumn[] = spec.columns(images, compiled.run('preview', { images, ...spec.draws() }));
  await writePreview(join(folder, 'preview.png'), columns, spec.count, model.imageSize);
  return { file: 'preview.png', columns: columns.map(({ title }) => title), rows: spec.count };
}
