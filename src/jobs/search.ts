import { openEngine } from '../engine/index.js';
import { JobError } from '../errors.js';
import type { JsonObject } from '../files.js';
import { clusterSizes, nearestCentres } from '../methods/clustering/rows.js';
import type { SearchArguments } from '../methods/method.js';
import { vitConfig } from '../models/config.js';
import { unitRows } from '../models/feature-rows.js';
import type { SearchBody } from '../results/types.js';
import type { JobContext, JobFunction } from '../runner/job.js';
import { readClusters } from './cluster-file.js';
import type { SearchConfig } from './configs.js';
import { encoderFile, readEncoder, readWeights, weightsAt, writeEncoder } from './encoder-file.js';
import { forwardFlops } from './estimates.js';
import { methodSpec } from './members.js';
import { pooledTokens } from './pooled-tokens.js';
import { readSet, readTask } from './task-inputs.js';

/** Makes an entry's encoder for one task, from the task's training images alone: what lies in its validation and test splits is never looked at. */
export const search: JobFunction = async (context) => {
  const config = context.job.config as unknown as SearchConfig;
  const { seed } = config;
  const model = vitConfig(config.model);
  const method = await (await methodSpec(config.method, context.job.id)).load();
  if (method.kind !== 'train' || method.search === undefined) throw new JobError(`the method ${config.method} searches no encoder`, { where: context.job.id });
  const [engine, set, weights] = await Promise.all([
    openEngine({ threads: context.job.threads, precision: config.precision }), readSet(context.input('data')), readWeights(weightsAt(context.input('trained'), config.snapshot)),
  ]);
  const { name, train: { indices } } = await readTask(set, config.task, seed);
  const clustered = Object.hasOwn(context.job.inputs, 'clusters') ? await nearestClusters(context, { engine, model, set, indices }) : null;
  const { encoder: found, layers, flops } = await method.search({ engine, model, options: config.options, seed, weights, set, indices, clustered, log: context.log });
  await writeEncoder(context.folder, found);
  const body: SearchBody = {
    kind: 'search',
    method: config.method,
    task: name,
    images: indices.length,
    votes: clustered === null ? [] : [...clusterSizes(clustered.nearest, clustered.clusters.centres.shape[0]!)],
    layers,
    flops: (clustered?.flops ?? 0) + flops,
    encoder: encoderFile,
  };
  return body as unknown as JsonObject;
};

/** Where the training's clusters put the task's images, by the features of its start. */
async function nearestClusters(context: JobContext, images: Omit<Parameters<typeof pooledTokens>[0], 'encoder' | 'pool'>): Promise<NonNullable<SearchArguments['clustered']> & { readonly flops: number }> {
  const [encoder, clusters] = await Promise.all([readEncoder(context.input('encoder')), readClusters(context.input('clusters'))]);
  const { model, indices } = images;
  const features = unitRows(await pooledTokens({ ...images, encoder, pool: clusters.pool }, context), clusters.mean);
  const [count, width] = [clusters.centres.shape[0]!, model.width];
  const nearest = nearestCentres(features, { data: clusters.centres.data, rows: count, width });
  return { clusters, nearest, flops: indices.length * (forwardFlops(model) + 2 * count * width) };
}
