import { SuiteError } from '../../errors.js';
import type { ClusterOptions } from '../../methods/method.js';
import { vitConfig } from '../../models/config.js';
import type { JobNode } from '../../runner/job.js';
import type { ResolvedEntry, ResolvedSuite } from '../../suite/resolved.js';
import { clusterJobFlops } from '../estimates.js';
import { clusterId, prepareId, pretrainId } from './ids.js';
import { locationsAt, modelName, modelShape, plain } from './keyed.js';
import type { SourcedData } from './sourced-data.js';

/** The clustering of an entry's pre-training view, from features of its start's encoder. */
export function clusterNode(suite: ResolvedSuite, entry: ResolvedEntry, seed: number, clusters: ClusterOptions, { data, source, index }: SourcedData, tags: JobNode['tags']): JobNode {
  const { start, pretrain } = entry;
  if (start === null || pretrain === null) throw new SuiteError(`the entry ${entry.name} clusters by the features of its start, and has none`, { where: suite.name, fix: 'Name a finished entry: `start: mae`.' });
  const vit = vitConfig(suite.model);
  const images = source.pretrain(index, data.options, pretrain.subset, seed).indices.length;
  if (images < clusters.count) {
    throw new SuiteError(`the entry ${entry.name} asks for ${clusters.count} clusters of ${images} images`, { where: suite.name, fix: 'Ask for fewer clusters, or pre-train on more images.' });
  }
  return {
    id: clusterId(entry.name, seed),
    kind: 'cluster',
    config: plain({ clusters, source: source.name, sourceOptions: data.options, subset: pretrain.subset, model: suite.model, seed, precision: suite.engine.precision }),
    unkeyed: [modelName, ...locationsAt(['sourceOptions'], source)],
    inputs: { data: prepareId(data.name), encoder: pretrainId(start, seed) },
    modules: ['jobs/cluster.js', ...source.modules],
    threads: suite.engine.threads,
    cost: { images, flops: clusterJobFlops(clusters, images, vit), bytes: 4 * (images + (clusters.count + 1) * vit.width) },
    speed: { group: { clusters: { ...clusters }, model: modelShape(suite), precision: suite.engine.precision }, size: images, model: '' },
    tags,
  };
}
