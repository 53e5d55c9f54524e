import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readImageIndex, writePrepared } from '../data/prepared.js';
import type { AnnotatedObject, Annotations } from '../data/dense.js';
import type { ImageIndex, TaskView } from '../data/image-set.js';
import type { Preparation } from '../data/source.js';
import { openEngine } from '../engine/index.js';
import { JobError } from '../errors.js';
import type { JsonObject } from '../files.js';
import type { MethodSpec, TrainRecipe } from '../methods/method.js';
import type { Rle } from '../metrics/index.js';
import { vitConfig, type VitConfig } from '../models/config.js';
import { pools } from '../protocols/pool.js';
import { stream } from '../random.js';
import type { JobContext, JobFunction, JobKinds, JobProgress } from '../runner/job.js';
import { background } from './background.js';
import { type StoredClusters, writeClusters } from './cluster-file.js';
import type { ClusterConfig, FeaturesConfig, PrepareConfig, PretrainConfig, SearchConfig, TransferConfig } from './configs.js';
import { trainedWeights, weightsAt, writeEncoder, writeOthers } from './encoder-file.js';
import { splits, writeFeatures } from './feature-files.js';
import { dataSource, methodSpec } from './members.js';
import { randomClusters } from './random-clusters.js';
import { readTask } from './task-inputs.js';

/** What a measurement is asked for: the kind, the config and the roles of the inputs of a planned job, and for how long to watch it. */
export interface MeasureConfig { readonly kind: string; readonly config: JsonObject; readonly inputs: readonly string[]; readonly seconds: number }

/**
 * How long a job takes in this process. `whole`: all of it, in a process that has run its like before. `start`: the part of
 * `whole` that does not grow with the job. `compile`: what it takes longer the first time. All in seconds.
 * `ended`: it came to its end while it was watched; otherwise `whole` follows from the pace of its progress, and what a job
 * does after its progress is through is not in it. `inside`: what the measurement took once the tensor library was there.
 */
export interface JobTiming extends JsonObject { readonly start: number; readonly whole: number; readonly compile: number; readonly ended: boolean; readonly inside: number }

/** Ends a job from within its progress. */
class Enough extends Error {}

/**
 * Runs a planned job itself for a short while, on stand-ins for its inputs: the records of its data set with black pictures,
 * fresh weights, random features and clusters. A training begins with its initial weights, also where it has a start. Nothing of it is kept. Twice: the first time tells what compiling costs, the second
 * time the pace.
 */
export const measureWith = (kinds: JobKinds): JobFunction => async (context): Promise<JsonObject> => {
  const asked = context.job.config as unknown as MeasureConfig;
  await openEngine({ threads: context.job.threads });
  const began = performance.now();
  const inputs = await standIns(context.folder, asked);
  const load = kinds[asked.kind];
  if (load === undefined) throw new JobError(`there is no job of the kind ${asked.kind}`);
  const job = await load();
  const roles = Object.fromEntries([...inputs.keys()].map((role) => [role, role]));
  const watchOnce = (name: string, seconds: number): Promise<Watched> => watch(job, { ...context, job: { ...context.job, kind: asked.kind, config: asked.config, inputs: roles } }, join(context.folder, name), inputs, seconds);
  const cold = await watchOnce('cold', 0);
  const warm = await watchOnce('warm', asked.seconds);
  const timing: JobTiming = {
    start: warm.start, whole: warm.whole, compile: Math.max(0, cold.first - warm.first), ended: warm.ended, inside: (performance.now() - began) / 1000,
  };
  return timing;
};

interface Watched {
  /** Seconds until the first progress, or to the end of a job without any. */
  readonly first: number;
  readonly start: number;
  readonly whole: number;
  readonly ended: boolean;
}

/** Runs a job to its end, or until its progress tells its pace and so many seconds are over. The pace is of what follows the second step: up to it the engine still prepares. */
async function watch(job: JobFunction, context: JobContext, folder: string, inputs: ReadonlyMap<string, string>, seconds: number): Promise<Watched> {
  const scratch = join(folder, 'scratch');
  await mkdir(scratch, { recursive: true });
  const began = performance.now();
  const since = (): number => (performance.now() - began) / 1000;
  let first: Point | null = null;
  let second: Point | null = null;
  let last: { readonly at: number; readonly done: number; readonly total: number } | null = null;
  const progress = ({ done, total }: JobProgress): void => {
    if (done === 0) return;
    const at = since();
    if (first === null) first = { at, done };
    else second ??= { at, done };
    last = { at, done, total };
    if (at >= seconds && done < total && (seconds === 0 || (second !== null && done > second.done))) throw new Enough();
  };
  const input = (role: string): string => {
    const place = inputs.get(role);
    if (place === undefined) throw new JobError(`a measurement has no stand-in for the input ${role}`);
    return place;
  };
  let ended = true;
  try {
    await job({ ...context, folder, scratch, input, progress });
  } catch (error) {
    if (!(error instanceof Enough)) throw error;
    ended = false;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return watched(first, second, last, since(), ended);
}

type Point = { readonly at: number; readonly done: number };

function watched(first: Point | null, second: Point | null, last: (Point & { readonly total: number }) | null, end: number, ended: boolean): Watched {
  if (first === null || last === null) return { first: end, start: 0, whole: end, ended };
  const from = second !== null && last.done > second.done ? second : first;
  const pace = last.done > from.done ? (last.at - from.at) / (last.done - from.done) : first.at / first.done;
  // What the second step takes longer is once a job, too.
  const extra = second === null ? 0 : Math.max(0, second.at - first.at - (second.done - first.done) * pace);
  return { first: first.at, start: Math.max(0, first.at - first.done * pace) + extra, whole: ended ? end : last.at + (last.total - last.done) * pace, ended };
}

/** Folders for a job's inputs, by role. A start has none. */
async function standIns(folder: string, { inputs, config }: MeasureConfig): Promise<ReadonlyMap<string, string>> {
  const places = new Map<string, string>();
  // The data set comes first: others are made to its records.
  for (const role of [...inputs].sort((a, b) => Number(b === 'data') - Number(a === 'data'))) {
    if (role === 'start') continue;
    const place = join(folder, role);
    await mkdir(place, { recursive: true });
    await makeStandIn(place, role, config, () => readImageIndex(join(folder, 'data')));
    places.set(role, place);
  }
  return places;
}

type AnyConfig = Pick<PretrainConfig, 'model' | 'seed'> & Partial<PretrainConfig & ClusterConfig & SearchConfig & FeaturesConfig & TransferConfig>;

async function makeStandIn(place: string, role: string, given: JsonObject, data: () => Promise<ImageIndex>): Promise<void> {
  const config = given as unknown as AnyConfig;
  const vit = vitConfig(config.model);
  switch (role) {
    case 'data': {
      await writePrepared(place, await blackPictures(config));
      return;
    }
    case 'encoder': {
      const { scratchMethod } = await import('../methods/scratch/encoder.js');
      // A search, which has a method, takes its start's finished encoder.
      const share = config.method === undefined ? config.snapshot : undefined;
      await writeEncoder(weightsAt(place, share), await scratchMethod.encoder({ model: vit, options: {}, seed: 0, fingerprint: '' }));
      return;
    }
    case 'clusters': {
      await writeClusters(place, await clustersFor(config, vit, data));
      return;
    }
    case 'trained': {
      const recipe = await freshTraining(config, vit, data);
      const { encoder, others } = trainedWeights(recipe, new Map(recipe.params.map(({ name, value }) => [name, value])), recipe.carried ?? new Map<string, Float32Array>());
      const folder = weightsAt(place, config.snapshot);
      await writeEncoder(folder, encoder);
      await writeOthers(folder, others);
      return;
    }
    case 'features':
    case 'untrained': {
      await randomFeatures(place, await readTask(await data(), config.task!, config.seed), vit.width);
      return;
    }
    default: throw new JobError(`a measurement has no stand-in for the input ${role}`);
  }
}

/** Where a job's images come from. */
function dataOf({ task, pretrain, source, sourceOptions }: AnyConfig): Pick<PrepareConfig, 'source' | 'options'> {
  if (task !== undefined) return { source: task.source, options: task.options };
  return pretrain == null ? { source: source!, options: sourceOptions! } : { source: pretrain.source, options: pretrain.sourceOptions };
}

/** Clusters as the method asks for them, of the images that it trains on; for a search, which has no training set, of one image each. */
async function clustersFor({ method, options, pretrain, seed }: AnyConfig, { width }: VitConfig, data: () => Promise<ImageIndex>): Promise<StoredClusters> {
  const { clusters } = await methodSpec(method!, method!);
  const { count } = clusters!(options!)!;
  const images = pretrain == null ? count : (await dataSource(pretrain.source, method!)).pretrain(await data(), pretrain.sourceOptions, pretrain.subset, seed).indices.length;
  const { centres, assignments } = randomClusters(count, width, images);
  return { centres, assignments, mean: new Float32Array(width), pool: 'mean' };
}

/** A training before its first step: its weights are of the shapes that a finished one has. How long it would be changes none of them. */
async function freshTraining(config: AnyConfig, model: VitConfig, data: () => Promise<ImageIndex>): Promise<TrainRecipe> {
  const spec = await methodSpec(config.method!, config.method!);
  const method = await spec.load();
  if (method.kind !== 'train') throw new JobError(`the method ${config.method!} trains nothing`);
  const epochs = 10_000;
  const asked = spec.clusters?.(config.options!);
  return method.build({ model, options: config.options!, batchSize: batchFor(spec, model, config.options!, epochs), seed: 0, totalSteps: epochs, stepsPerEpoch: 1, ...(asked === undefined ? {} : { clusters: await clustersFor(config, model, data) }) });
}

/** No option asks for a larger batch: the most that `experts.group` may be. */
const mostBatch = 2 ** 20;

/** Images a step that the options allow: 64, or more where an expert's group of images is larger. */
function batchFor(spec: MethodSpec, model: VitConfig, options: JsonObject, epochs: number): number {
  const problems = (batchSize: number | null): number => spec.check?.({ model, options, epochs, batchSize }).length ?? 0;
  let batchSize = 64;
  while (batchSize < mostBatch && problems(batchSize) > problems(null)) batchSize *= 2;
  return batchSize;
}

/** Bytes of black pictures that stand in for a data set; of a larger one every nth picture is taken. */
const mostBytes = 2 ** 30;

/** The records of a source without its pictures: the file is sparse, so that it takes no room. */
async function blackPictures(config: AnyConfig): Promise<Preparation> {
  const { source: name, options } = dataOf(config);
  const source = await dataSource(name, name);
  const size = source.size?.(options) ?? config.model.image_size;
  const preparation = await source.prepare(options, size, () => undefined);
  const every = Math.max(1, Math.ceil((preparation.records.length * (size ** 2 + (preparation.crops ?? 0) ** 2) * preparation.channels) / mostBytes));
  const records = preparation.records.filter((_, i) => i % every === 0);
  const { annotations: told, ...rest } = preparation;
  const classes = told === undefined || config.task === undefined ? null : source.task({ ...rest, records }, options, config.task.task, config.seed).classes;
  return { ...rest, records, decode: () => Promise.resolve([]), ...(classes === null ? {} : { annotations: () => Promise.resolve(someObjects(classes, records.length, size)) }) };
}

/** Four squares in every picture: of the first class to a detector, and in the label map, on a ground of `background` where there is such a class, of another one. */
function someObjects(classes: readonly string[], records: number, size: number): Annotations {
  const side = Math.max(1, Math.floor(size / 4));
  const corners = [[0, 0], [0, 2 * side], [2 * side, 0], [2 * side, 2 * side]] as const;
  const mask = (left: number, top: number): Rle => ({
    size: [size, size],
    counts: [left * size + top, ...Array.from({ length: side }, (_, column) => (column < side - 1 ? [side, size - side] : [side])).flat(), size * size - (left + side - 1) * size - top - side],
  });
  const ground = Math.max(0, classes.indexOf(background));
  const shown = Math.max(0, classes.findIndex((_, label) => label !== ground));
  const labels = new Uint8Array(size * size).fill(ground);
  for (const [top, left] of corners) {
    for (let row = top; row < top + side; row++) labels.fill(shown, row * size + left, row * size + left + side);
  }
  const objects = (index: number): readonly AnnotatedObject[] => corners.map(([top, left], at) => (
    { id: 4 * index + at + 1, category: 0, box: [left, top, side, side], area: side * side, mask: mask(left, top), crowd: false, difficult: false }));
  return { classes, sizes: Array.from({ length: records }, () => ({ height: size, width: size })), objects, labels: () => labels };
}

async function randomFeatures(folder: string, view: TaskView, width: number): Promise<void> {
  for (const split of splits) {
    const draws = stream(0, `measure/${split}`);
    await writeFeatures(folder, split, Float32Array.from({ length: view[split].indices.length * pools.length * width }, () => draws.normal()));
  }
}
