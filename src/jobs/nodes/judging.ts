import type { TaskKind } from '../../data/image-set.js';
import type { JsonObject } from '../../files.js';
import { patchCount, vitConfig, type VitConfig } from '../../models/config.js';
import { asForward } from '../../protocols/images-through.js';
import { pools } from '../../protocols/pool.js';
import type { TaskShape } from '../../protocols/protocol.js';
import type { JobNode } from '../../runner/job.js';
import type { ResolvedEntry, ResolvedProtocol, ResolvedSuite, ResolvedTask } from '../../suite/resolved.js';
import type { TaskConfig } from '../configs.js';
import { encoderBytes, forwardFlops, trainingBytes } from '../estimates.js';
import { attentionId, clusterId, featuresId, overlapId, prepareId, pretrainId, searchId, transferId } from './ids.js';
import { locationsAt, modelName, modelShape, optionsShape, plain } from './keyed.js';
import type { Registries } from './registries.js';
import type { SourcedData } from './sourced-data.js';

/** A task in numbers, what it asks, for how many or which of its images attention maps are drawn, and whether its label maps tell objects from a background. */
export interface TaskSizes extends Omit<TaskShape, 'width'> { readonly kind: TaskKind; readonly shown: number | readonly string[]; readonly tellsObjects: boolean }

/** An entry on a task at a seed: who is judged. `share`: of its steps, at which a snapshot of it was taken; without it, the finished encoder. */
export interface Judged {
  readonly entry: ResolvedEntry;
  readonly task: ResolvedTask;
  readonly seed: number;
  readonly share?: number;
}

/** What the jobs of one judgement have in common. */
interface Common extends Judged {
  readonly suite: ResolvedSuite;
  readonly registries: Registries;
  readonly from: SourcedData;
  readonly sizes: TaskSizes;
  readonly vit: VitConfig;
  /** What every job's config holds. */
  readonly asked: { readonly task: TaskConfig; readonly model: ResolvedSuite['model']; readonly seed: number; readonly precision: ResolvedSuite['engine']['precision'] };
  /** What decides every job's speed. */
  readonly group: JsonObject;
  readonly unkeyed: NonNullable<JobNode['unkeyed']>;
  /** Of the data, and of the job whose encoder is judged: the training, or the search in it. */
  readonly inputs: { readonly data: string; readonly encoder: string };
  /** What a job that reads the training says of the snapshot. */
  readonly kept: { readonly snapshot?: number };
  /** The same for a job that reads `inputs.encoder`: what a search has found is the snapshot's already. */
  readonly read: { readonly snapshot?: number };
  readonly tags: JobNode['tags'];
}

/**
 * The jobs of one judgement: the search, where the method has one, attention maps and their overlap with objects, where the task asks for them, the features,
 * where a protocol works on them, and a transfer a protocol. None where no protocol of the suite judges the task's kind.
 */
export function judgingNodes(suite: ResolvedSuite, judged: Judged, registries: Registries, from: SourcedData, sizes: TaskSizes): readonly JobNode[] {
  const { entry, share } = judged;
  const protocols = suite.protocols.filter(({ name }) => registries.protocols[name]!.judges === sizes.kind && (share === undefined || suite.snapshots!.protocols.includes(name)));
  if (protocols.length === 0) return [];
  const common = commonOf(suite, judged, registries, from, sizes);
  const finished = share === undefined && entry.oracle_of === undefined;
  const needsFeatures = protocols.some(({ name }) => registries.protocols[name]!.needs === 'features');
  return [
    ...(registries.methods[entry.method]!.searches === undefined ? [] : [searchNode(common)]),
    ...(finished && judged.seed === suite.seeds[0] ? attentionNodes(common) : []),
    ...(finished && sizes.tellsObjects ? [overlapNode(common)] : []),
    ...(needsFeatures ? [featuresNode(common)] : []),
    ...protocols.map((protocol) => transferNode(common, protocol)),
  ];
}

function commonOf(suite: ResolvedSuite, judged: Judged, registries: Registries, from: SourcedData, sizes: TaskSizes): Common {
  const { entry, task, seed, share } = judged;
  const { searches } = registries.methods[entry.method]!;
  const kept = share === undefined ? {} : { snapshot: share };
  return {
    ...judged, suite, registries, from, sizes, kept,
    vit: vitConfig(suite.model),
    asked: { task: { source: from.source.name, options: from.data.options, task: task.task }, model: suite.model, seed, precision: suite.engine.precision },
    group: { model: modelShape(suite), precision: suite.engine.precision },
    unkeyed: [modelName, ...locationsAt(['task', 'options'], from.source)],
    inputs: { data: prepareId(from.data.name), encoder: searches === undefined ? pretrainId(entry.name, seed) : searchId(entry.name, task.name, seed, share) },
    read: searches === undefined ? kept : {},
    tags: {
      entry: entry.name,
      method: entry.method,
      task: task.name,
      seed: String(seed),
      data: task.data,
      ...(entry.pretrain === null ? {} : { subset: entry.pretrain.subset }),
      ...(share === undefined ? {} : { snapshot: String(share) }),
    },
  };
}

function searchNode({ suite, registries, entry, seed, from, sizes, vit, asked, group, unkeyed, inputs, kept, tags }: Common): JobNode {
  const method = registries.methods[entry.method]!;
  const clustered = method.clusters?.(entry.options) !== undefined;
  return {
    id: inputs.encoder,
    kind: 'search',
    config: plain({ ...asked, method: entry.method, options: entry.options, ...kept }),
    unkeyed: [...unkeyed, ...locationsAt(['options'], method)],
    inputs: { data: inputs.data, ...(clustered ? { encoder: pretrainId(entry.start!, seed), clusters: clusterId(entry.name, seed) } : {}), trained: pretrainId(entry.name, seed) },
    modules: ['jobs/search.js', ...method.modules, ...from.source.modules],
    threads: suite.engine.threads,
    cost: { images: sizes.train, flops: sizes.train * forwardFlops(vit), bytes: encoderBytes(vit) },
    speed: { group: { ...group, method: entry.method, options: entry.options }, size: sizes.train, model: '' },
    tags,
  };
}

/** One job, or none where the task shows no images. */
function attentionNodes({ suite, entry, task, seed, from, sizes, vit, asked, group, unkeyed, inputs, tags }: Common): readonly JobNode[] {
  const images = typeof sizes.shown === 'number' ? Math.min(sizes.shown, sizes.train) : sizes.shown;
  const shown = typeof images === 'number' ? images : images.length;
  return shown === 0 ? [] : [{
    id: attentionId(entry.name, task.name, seed),
    kind: 'attention',
    config: plain({ ...asked, images }),
    unkeyed,
    inputs,
    modules: ['jobs/attention.js', ...from.source.modules],
    threads: suite.engine.threads,
    cost: { images: shown, flops: shown * forwardFlops(vit), bytes: shown * patchCount(vit) * vit.heads * 4 },
    speed: { group, size: shown, model: String(shown) },
    tags,
  }];
}

function overlapNode({ suite, entry, task, seed, from, sizes, vit, asked, group, unkeyed, inputs, tags }: Common): JobNode {
  return {
    id: overlapId(entry.name, task.name, seed),
    kind: 'overlap',
    config: plain(asked),
    unkeyed,
    inputs,
    // It makes the untrained encoder too.
    modules: ['jobs/overlap.js', 'methods/scratch/encoder.js', ...from.source.modules],
    threads: suite.engine.threads,
    cost: { images: 2 * sizes.test, flops: 2 * sizes.test * forwardFlops({ ...vit, imageSize: (sizes.side ?? 0) * vit.patchSize }), bytes: sizes.test * 64 },
    speed: { group: { ...group, side: sizes.side ?? null }, size: 2 * sizes.test, model: task.name },
    tags,
  };
}

const imagesOf = ({ train, validation, test }: TaskSizes): number => train + validation + test;

function featuresNode({ suite, entry, task, seed, share, from, sizes, vit, asked, group, unkeyed, inputs, read, tags }: Common): JobNode {
  const images = imagesOf(sizes);
  return {
    id: featuresId(entry.name, task.name, seed, share),
    kind: 'features',
    config: plain({ ...asked, ...read }),
    unkeyed,
    inputs,
    modules: ['jobs/features.js', ...from.source.modules],
    threads: suite.engine.threads,
    cost: { images, flops: images * forwardFlops(vit), bytes: images * pools.length * suite.model.width * 4 },
    speed: { group, size: images, model: '' },
    tags,
  };
}

/** Of k-NN, where the method may collapse without its training's own numbers telling: features of the encoder before training, which a scratch entry's is. */
function untrainedOf({ suite, registries, entry, task, seed, share }: Common, protocol: ResolvedProtocol): JobNode['inputs'] {
  const scratch = suite.entries.find(({ method }) => method === 'scratch');
  return protocol.name !== 'knn' || share !== undefined || scratch === undefined || registries.methods[entry.method]!.knnShowsCollapse !== true ? {} : { untrained: featuresId(scratch.name, task.name, seed) };
}

function transferNode(common: Common, protocol: ResolvedProtocol): JobNode {
  const { suite, registries, entry, task, seed, share, from, sizes, vit, asked, group, unkeyed, inputs, read, tags } = common;
  const spec = registries.protocols[protocol.name]!;
  const options = entry.protocols[protocol.name] ?? protocol.options;
  const seen = spec.images(options, sizes);
  const passes = asForward(seen);
  const forward = forwardFlops(sizes.side === undefined ? vit : { ...vit, imageSize: sizes.side * vit.patchSize });
  const onFeatures = spec.needs === 'features';
  return {
    id: transferId(entry.name, task.name, protocol.name, seed, share),
    kind: 'transfer',
    config: plain({ ...asked, protocol: protocol.name, options, protocolHash: protocol.hash, ...(onFeatures ? {} : read) }),
    unkeyed,
    inputs: onFeatures ? { data: inputs.data, features: featuresId(entry.name, task.name, seed, share), ...untrainedOf(common, protocol) } : inputs,
    modules: ['jobs/transfer.js', `jobs/transfer/${spec.judges}.js`, ...spec.modules, ...from.source.modules],
    threads: suite.engine.threads,
    cost: {
      images: seen.trained + seen.evaluated, flops: passes * forward + spec.flops(options, { ...sizes, width: vit.width }), bytes: sizes.test * 64,
      tested: { images: sizes.test, kind: sizes.kind },
    },
    ...(onFeatures ? {} : { memory: trainingBytes(vit, 3 * forward, Number(options['batch_size'] ?? 0)) }),
    speed: {
      group: { ...group, protocol: protocol.name, options: optionsShape(options), ...(sizes.side === undefined ? {} : { side: sizes.side }), crops: from.crops },
      ...(onFeatures
        // The compiled model holds the rows, of which each seed has its own number.
        ? { size: imagesOf(sizes), model: `${task.name} ${seed}` }
        : { size: passes, model: task.name, watched: asForward(spec.images(options, { train: 0, validation: 0, test: 0 })) / passes }),
    },
    tags: { ...tags, protocol: protocol.name },
  };
}
