import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readImageSet, writePrepared } from '../data/prepared.js';
import type { Preparation } from '../data/source.js';
import { openEngine } from '../engine/index.js';
import { JobError } from '../errors.js';
import type { JsonObject } from '../files.js';
import { vitConfig } from '../models/config.js';
import { pools } from '../protocols/pool.js';
import { stream } from '../random.js';
import type { JobContext, JobFunction, JobKinds, JobProgress } from '../runner/job.js';
import type { FeaturesConfig, PrepareConfig, PretrainConfig, TransferConfig } from './configs.js';
import { writeEncoder } from './encoder-file.js';
import { splits, writeFeatures } from './feature-files.js';
import { readTask } from './task-inputs.js';

/** What a measurement is asked for: the kind and the config of a planned job, and for how long to watch it. */
export interface MeasureConfig { readonly kind: string; readonly config: JsonObject; readonly seconds: number }

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
 * a fresh encoder, random features. Nothing of it is kept. Twice: the first time tells what compiling costs, the second
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
  const watchOnce = (name: string, seconds: number): Promise<Watched> => watch(job, { ...context, job: { ...context.job, kind: asked.kind, config: asked.config } }, join(context.folder, name), inputs, seconds);
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

/** Runs a job to its end, or until its progress tells its pace and so many seconds are over. */
async function watch(job: JobFunction, context: JobContext, folder: string, inputs: ReadonlyMap<string, string>, seconds: number): Promise<Watched> {
  const scratch = join(folder, 'scratch');
  await mkdir(scratch, { recursive: true });
  const began = performance.now();
  const since = (): number => (performance.now() - began) / 1000;
  let first: { readonly at: number; readonly done: number } | null = null;
  let last: { readonly at: number; readonly done: number; readonly total: number } | null = null;
  const progress = ({ done, total }: JobProgress): void => {
    if (done === 0) return;
    const at = since();
    first ??= { at, done };
    last = { at, done, total };
    if (at >= seconds && done < total && (seconds === 0 || done > first.done)) throw new Enough();
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
  return watched(first, last, since(), ended);
}

type Point = { readonly at: number; readonly done: number };

function watched(first: Point | null, last: (Point & { readonly total: number }) | null, end: number, ended: boolean): Watched {
  if (first === null || last === null) return { first: end, start: 0, whole: end, ended };
  const pace = last.done > first.done ? (last.at - first.at) / (last.done - first.done) : first.at / first.done;
  return { first: first.at, start: Math.max(0, first.at - first.done * pace), whole: ended ? end : last.at + (last.total - last.done) * pace, ended };
}

/** Folders for a job's inputs, by role. */
async function standIns(folder: string, { kind, config }: MeasureConfig): Promise<ReadonlyMap<string, string>> {
  if (kind === 'prepare') return new Map();
  const data = join(folder, 'data');
  const encoder = join(folder, 'encoder');
  const features = join(folder, 'features');
  const { model, pretrain, task, seed } = config as unknown as Pick<PretrainConfig, 'model'> & Partial<PretrainConfig & FeaturesConfig & TransferConfig>;
  const from = task === undefined ? (pretrain ?? null) && { source: pretrain!.source, options: pretrain!.sourceOptions } : { source: task.source, options: task.options };
  if (from !== null) await writePrepared(data, await blackPictures({ ...from, size: model.image_size }));
  if (task === undefined) return new Map([['data', data]]);
  const { scratchMethod } = await import('../methods/scratch/encoder.js');
  const vit = vitConfig(model);
  await mkdir(encoder, { recursive: true });
  await writeEncoder(encoder, await scratchMethod.encoder({ model: vit, options: {}, seed: 0, fingerprint: '' }));
  if (kind === 'transfer') await randomFeatures(features, data, { task, seed: seed! }, vit.width);
  return new Map([['data', data], ['encoder', encoder], ['features', features]]);
}

/** Bytes of black pictures that stand in for a data set; of a larger one every nth picture is taken. */
const mostBytes = 2 ** 30;

/** The records of a source without its pictures: the file is sparse, so that it takes no room. */
async function blackPictures({ source: name, options, size }: Omit<PrepareConfig, 'fingerprint'>): Promise<Preparation> {
  const { dataSources } = await import('../data/sources/index.js');
  const preparation = await (await dataSources[name]!()).prepare(options, size, () => undefined);
  const every = Math.max(1, Math.ceil((preparation.records.length * size * size * preparation.channels) / mostBytes));
  return { ...preparation, records: preparation.records.filter((_, i) => i % every === 0), decode: () => Promise.resolve([]) };
}

async function randomFeatures(folder: string, data: string, { task, seed }: Pick<FeaturesConfig, 'task' | 'seed'>, width: number): Promise<void> {
  const view = await readTask(await readImageSet(data), task, seed);
  await mkdir(folder, { recursive: true });
  for (const split of splits) {
    const draws = stream(0, `measure/${split}`);
    await writeFeatures(folder, split, Float32Array.from({ length: view[split].indices.length * pools.length * width }, () => draws.normal()));
  }
}
