import { deviceMeant, type DeviceChoice } from '../engine/runtime/index.js';
import { SuiteError } from '../errors.js';
import { canonicalJson, type Json, type JsonObject } from '../files.js';
import type { ImageIndex, TaskKind } from '../data/image-set.js';
import type { DataSource } from '../data/source.js';
import type { ClusterOptions, MethodSpec } from '../methods/method.js';
import { patchCount, vitConfig } from '../models/config.js';
import { asForward } from '../protocols/images-through.js';
import { pools } from '../protocols/pool.js';
import type { ProtocolSpec, TaskShape } from '../protocols/protocol.js';
import type { JobNode } from '../runner/job.js';
import type { ResolvedData, ResolvedEntry, ResolvedPretrain, ResolvedProtocol, ResolvedSuite, ResolvedTask, TrainedEntry } from '../suite/resolved.js';
import { background } from './background.js';
import type { AttentionConfig, ClusterConfig, FeaturesConfig, OverlapConfig, PrepareConfig, PretrainConfig, SearchConfig, TaskConfig, TransferConfig } from './configs.js';
import { clusterJobFlops, encoderBytes, forwardFlops, snapshotSteps } from './estimates.js';
import { lengthsAt } from './lengths.js';
import { shownImages } from './shown-images.js';
import { speedMachine } from './speed-machine.js';
import { speedNodes, trainsNothing } from './speed-nodes.js';
import { refuseTestFiles } from './test-files.js';

/** What can be named in a suite, loaded. */
export interface Registries {
  readonly sources: Readonly<Record<string, DataSource>>;
  readonly methods: Readonly<Record<string, MethodSpec>>;
  readonly protocols: Readonly<Record<string, ProtocolSpec>>;
}

/** A result of another form must not be found under this job's key. */
const resultForm = 'results/version.js';

/** More jobs than any machine finishes is a slip of the keyboard. */
const jobLimit = 100_000;

interface SourcedData {
  readonly data: ResolvedData;
  readonly source: DataSource;
  readonly index: ImageIndex;
  readonly fingerprint: string;
  /** Pixels a side of the larger squares that random crops are cut from; null: there are none. */
  readonly crops: number | null;
}

/** A task in numbers, what it asks, for how many or which of its images attention maps are drawn, and whether its label maps tell objects from a background. */
interface TaskSizes extends Omit<TaskShape, 'width'> { readonly kind: TaskKind; readonly shown: number | readonly string[]; readonly tellsObjects: boolean }

/**
 * The jobs of a suite, not yet hashed: one `prepare` a data set; one `pretrain` an (entry, seed), with a `cluster` before it where
 * the method asks for one; where the method searches, one `search` an (entry, task, seed); where a protocol works on features, one
 * `features` an (entry, task, seed), all this once more for every share of its steps at which an entry is judged; at the first seed one `attention` an (entry, task) that gives images for it; where a task tells objects from a background one `overlap` an (entry, task, seed); one `transfer` an (entry, task, protocol, seed); one `speed` a model that speeds are asked for. Without tasks nothing is pre-trained. Reads records, never pixels. Throws DataError where data is missing, a subset or task is not in it, or a test image would be pre-trained on. `device` goes before the suite's: it decides what speeds are measured on, and no other job's key.
 */
export async function suiteNodes(suite: ResolvedSuite, registries: Registries, device?: DeviceChoice): Promise<readonly JobNode[]> {
  const entryJobs = suite.entries.map(({ method, pretrain }) => {
    const { clusters, searches } = registries.methods[method]!;
    const judging = (protocols: number): number => (searches === undefined ? 1 : 2) + protocols;
    const { at, protocols } = suite.snapshots ?? { at: [], protocols: [] };
    return (clusters === undefined ? 1 : 2) + suite.tasks.length * (judging(suite.protocols.length) + (pretrain === null ? 0 : at.length * judging(protocols.length)));
  });
  const count = suite.seeds.length * entryJobs.reduce((sum, jobs) => sum + jobs, 0);
  if (count > jobLimit) {
    throw new SuiteError(`the suite comes to about ${count} jobs; ${jobLimit} is the limit`, {
      where: suite.name, fix: 'Use fewer seeds, entries, tasks or protocols, or split the suite.',
    });
  }
  const known = await readData(suite, registries);
  await refuseTestFiles(suite, known);
  // Sizes are those of the first seed: other seeds draw other images, about as many.
  const seed = suite.seeds[0]!;
  const views = suite.tasks.map((task) => {
    const { source, index, data } = known.get(task.data)!;
    return { name: task.name, records: index.records, view: source.task(index, data.options, task.task, seed), side: sizeOf(source, data, suite) / suite.model.patch_size };
  });
  const shown = shownImages(suite, views.filter(({ view }) => view.kind === 'classification'));
  const sizes = new Map(views.map(({ name, view, side }): readonly [string, TaskSizes] => [name, {
    train: view.train.indices.length, validation: view.validation.indices.length, test: view.test.indices.length, classes: view.classes.length,
    kind: view.kind, shown: shown.get(name) ?? 0, tellsObjects: view.kind === 'segmentation' && view.classes.includes(background), ...(view.kind === 'classification' ? {} : { side, patchSize: suite.model.patch_size }),
  }]));
  for (const { name, side } of views) {
    if (!Number.isInteger(side)) throw new SuiteError(`the pictures of the task ${name} have ${side * suite.model.patch_size} pixels a side, no multiple of the model's patch_size (${suite.model.patch_size})`, { where: suite.name, fix: 'Give the data set another size.' });
  }
  refuseUnjudged(suite, registries, sizes);
  const pretrains = trainsNothing(suite) ? [] : await Promise.all(suite.entries.map((entry) => pretrainNodes(suite, entry, registries, known)));
  const speeds = await speedNodes(suite, {
    methods: registries.methods,
    data: (name) => ({ ...known.get(name)!, prepare: prepareId(name) }),
    length: (entry) => ({ steps: stepsAt(suite, entry, registries, known, seed), epochs: scheduleAt(suite, entry, registries, known, seed).epochs }),
    machine: () => speedMachine(deviceMeant(suite.engine.device, device)),
  });
  const judged = suite.entries.flatMap((entry) => suite.tasks.flatMap((task) => suite.seeds.flatMap((at) =>
    [undefined, ...(entry.oracle_of === undefined ? sharesOf(suite, entry) : [])].flatMap((share) => judgingNodes(suite, entry, task, at, registries, known.get(task.data)!, sizes.get(task.name)!, share)))));
  const nodes = [...[...known.values()].map((one) => prepareNode(suite, one)), ...pretrains.flat(), ...judged, ...speeds];
  return nodes.map((node) => ({ ...node, modules: [...node.modules, resultForm] }));
}

/** SuiteError for a task that no protocol of the suite judges, and for a protocol that judges none of its tasks. */
function refuseUnjudged(suite: ResolvedSuite, { protocols }: Registries, sizes: ReadonlyMap<string, TaskSizes>): void {
  const judged = new Set(suite.protocols.map(({ name }) => protocols[name]!.judges));
  const asked = new Set([...sizes.values()].map(({ kind }) => kind));
  const able = (kind: TaskKind): string => Object.values(protocols).flatMap(({ name, judges }) => (judges === kind ? [name] : [])).join(' or ');
  for (const [task, { kind }] of sizes) {
    if (!judged.has(kind)) throw new SuiteError(`no protocol of the suite judges ${kind}, which the task ${task} asks for`, { where: suite.name, fix: `Add ${able(kind)} to protocols, or leave the task out.` });
  }
  for (const { name } of suite.protocols) {
    const { judges } = protocols[name]!;
    if (asked.size > 0 && !asked.has(judges)) throw new SuiteError(`the protocol ${name} judges ${judges}, and no task of the suite asks for it`, { where: suite.name, fix: `Add a task of ${judges}, or leave the protocol out.` });
  }
}

/** Data sets that an entry or a task uses. One that is only declared costs nothing, and may even be missing. */
async function readData(suite: ResolvedSuite, registries: Registries): Promise<ReadonlyMap<string, SourcedData>> {
  const used = new Set([...suite.tasks.map(({ data }) => data), ...suite.entries.flatMap(({ pretrain }) => (pretrain === null ? [] : [pretrain.data]))]);
  const read = suite.data.filter(({ name }) => used.has(name)).map(async (data) => {
    const source = registries.sources[data.source]!;
    const crops = cropsOf(suite, data, source);
    const [index, fingerprint] = await Promise.all([source.index(data.options), source.fingerprint(data.options)]);
    return [data.name, { data, source, index, fingerprint, crops }] as const;
  });
  return new Map(await Promise.all(read));
}

/** Shares of an entry's steps at which it is judged before the end. */
const sharesOf = ({ snapshots }: ResolvedSuite, { pretrain }: ResolvedEntry): readonly number[] => (pretrain === null ? [] : snapshots?.at ?? []);

const prepareId = (data: string): string => `prepare/${data}`;
const pretrainId = (entry: string, seed: number): string => `pretrain/${entry}/s${seed}`;
const clusterId = (entry: string, seed: number): string => `cluster/${entry}/s${seed}`;
const searchId = (entry: string, task: string, seed: number): string => `search/${entry}/${task}/s${seed}`;
const attentionId = (entry: string, task: string, seed: number): string => `attention/${entry}/${task}/s${seed}`;
const featuresId = (entry: string, task: string, seed: number): string => `features/${entry}/${task}/s${seed}`;

/** Places in a config that change no result: what the model is called, and where content lies whose hash is in the key. */
const modelName = ['model', 'name'] as const;
const locationsAt = (place: readonly string[], { locations = [] }: Pick<DataSource, 'locations'>): readonly (readonly string[])[] =>
  locations.map((option) => [...place, option]);

/** The model without its name, on which no speed depends. */
const modelShape = ({ model }: ResolvedSuite): JsonObject => ({ ...model, name: null });

/** What of a protocol's options can change its speed: how many values are tried, counts and names; not rates and probabilities. */
function optionsShape(options: JsonObject): JsonObject {
  const kept = Object.entries(options).flatMap(([name, value]): readonly (readonly [string, Json])[] => {
    if (Array.isArray(value)) return [[name, value.length]];
    if (typeof value === 'number' && !Number.isInteger(value)) return [];
    return [[name, typeof value === 'object' && value !== null ? optionsShape(value as JsonObject) : value]];
  });
  return Object.fromEntries(kept);
}

/** A contract's interface as the plain JSON that it is. */
const plain = (config: PrepareConfig | PretrainConfig | ClusterConfig | SearchConfig | AttentionConfig | OverlapConfig | FeaturesConfig | TransferConfig): JsonObject => ({ ...config }) as unknown as JsonObject;

/** Pixels a side at which a data set is prepared: the model's, but for dense pictures, which have their own. */
const sizeOf = (source: DataSource, data: ResolvedData, { model }: Pick<ResolvedSuite, 'model'>): number => source.size?.(data.options) ?? model.image_size;

/** `SourcedData.crops`. SuiteError for squares that are smaller than what the model sees. */
function cropsOf({ name, model }: ResolvedSuite, data: ResolvedData, source: DataSource): number | null {
  const side = source.cropsFrom?.(data.options) ?? model.image_size;
  if (side >= model.image_size) return side === model.image_size ? null : side;
  throw new SuiteError(`the data set ${data.name} cuts crops from squares of ${side} pixels a side, fewer than the model's image_size (${model.image_size})`, {
    where: name, fix: `Set its crops_from to ${model.image_size} or more, or leave it out.`,
  });
}

function prepareNode(suite: ResolvedSuite, { data, source, index, fingerprint, crops }: SourcedData): JobNode {
  const size = sizeOf(source, data, suite);
  const images = index.records.length;
  return {
    id: prepareId(data.name),
    kind: 'prepare',
    config: plain({ source: source.name, options: data.options, size, fingerprint }),
    unkeyed: locationsAt(['options'], source),
    inputs: {},
    modules: ['jobs/prepare.js', ...source.modules],
    // Decoding does not depend on the suite's threads, so they must not be in its key.
    threads: 1,
    cost: { images, flops: 0, bytes: images * (size ** 2 + (crops ?? 0) ** 2) * 4 },
    speed: { group: { source: source.name, options: data.options, size }, size: images, model: '' },
    tags: { data: data.name },
  };
}

/** Trainings that an entry goes on from, one after the other. */
function startsBefore({ entries }: ResolvedSuite, { start }: ResolvedEntry): number {
  let count = 0;
  for (let name = start; name !== null; name = entries.find((other) => other.name === name)!.start) count++;
  return count;
}

async function pretrainNodes(suite: ResolvedSuite, entry: ResolvedEntry, registries: Registries, known: ReadonlyMap<string, SourcedData>): Promise<readonly JobNode[]> {
  const method = registries.methods[entry.method]!;
  const vit = vitConfig(suite.model);
  const shape = modelShape(suite);
  const fingerprint = await method.fingerprint?.(entry.options, vit) ?? '';
  const from = entry.pretrain === null ? undefined : known.get(entry.pretrain.data)!;
  const trained: TrainedEntry | null = entry.pretrain === null ? null : { ...entry, pretrain: entry.pretrain };
  const images = trained === null ? 0 : stepsAt(suite, trained, registries, known, suite.seeds[0]!) * trained.pretrain.batch_size;
  const shares = sharesOf(suite, entry);
  if (trained !== null && shares.length > 0) for (const seed of suite.seeds) refuseEqualSnapshots(suite, entry, shares, stepsAt(suite, trained, registries, known, seed));
  if (trained !== null) refuseIdle(suite, trained, suite.seeds.map((seed) => stepsAt(suite, trained, registries, known, seed)));
  refuseUnlikeStart(suite, entry, method);
  // What only a search reads changes no training.
  const searchOptions = method.searches?.options ?? [];
  const options = Object.fromEntries(Object.entries(entry.options).filter(([name]) => !searchOptions.includes(name)));
  const tags = (seed: number): JobNode['tags'] => ({
    entry: entry.name,
    method: entry.method,
    seed: String(seed),
    ...(entry.pretrain === null ? {} : { data: entry.pretrain.data, subset: entry.pretrain.subset }),
  });
  const continues = startsBefore(suite, entry);
  const clusters = method.clusters?.(entry.options);
  const clusterNodes = clusters === undefined || from === undefined ? [] : suite.seeds.map((seed) => clusterNode(suite, entry, seed, clusters, from, tags(seed)));
  const pretrains = suite.seeds.map((seed): JobNode => ({
    id: pretrainId(entry.name, seed),
    kind: 'pretrain',
    config: plain({
      method: entry.method,
      options: entry.options,
      fingerprint,
      model: suite.model,
      seed,
      ...(continues === 0 ? {} : { continues }),
      pretrain: trained === null || from === undefined ? null : {
        source: from.source.name,
        sourceOptions: from.data.options,
        subset: trained.pretrain.subset,
        batch_size: trained.pretrain.batch_size,
        schedule: scheduleAt(suite, trained, registries, known, seed),
        precision: suite.engine.precision,
        ...(shares.length === 0 ? {} : { snapshots: shares }),
      },
    }),
    unkeyed: [
      modelName,
      ...(method.seedless === true ? [['seed']] : []),
      ...locationsAt(['options'], method),
      ...searchOptions.map((option) => ['options', option]),
      ...(from === undefined ? [] : locationsAt(['pretrain', 'sourceOptions'], from.source)),
    ],
    inputs: {
      ...(from === undefined ? {} : { data: prepareId(from.data.name) }),
      ...(entry.start === null ? {} : { start: pretrainId(entry.start, seed) }),
      ...(clusters === undefined ? {} : { clusters: clusterId(entry.name, seed) }),
    },
    modules: ['jobs/pretrain.js', ...method.modules, ...(from?.source.modules ?? [])],
    threads: suite.engine.threads,
    cost: { images, flops: images * method.flopsPerImage(vit, entry.options, entry.pretrain?.batch_size ?? 0), bytes: (1 + shares.length) * encoderBytes(vit) },
    speed: {
      group: { method: entry.method, options, model: shape, batch: entry.pretrain?.batch_size ?? 0, precision: suite.engine.precision, crops: from?.crops ?? null },
      size: images,
      model: '',
    },
    tags: tags(seed),
  }));
  return [...clusterNodes, ...pretrains];
}

/** A warm-up begins at a learning rate of 0: a training of one step would be that step. */
function refuseIdle(suite: ResolvedSuite, { name, options }: TrainedEntry, steps: readonly number[]): void {
  if (!steps.includes(1) || !(Number(options['warmup_epochs'] ?? 0) > 0)) return;
  throw new SuiteError(`the entry ${name} trains for one step, and with a warm-up that step has a learning rate of 0: its encoder would be the initial one`, {
    where: suite.name, fix: 'Give it a longer schedule, a smaller batch_size, or warmup_epochs: 0.',
  });
}

/** Options that shape weights are the start's: else the training would find out, when the start has been trained. */
function refuseUnlikeStart(suite: ResolvedSuite, entry: ResolvedEntry, { startsFrom }: MethodSpec): void {
  const start = suite.entries.find(({ name }) => name === entry.start);
  const unlike = start === undefined ? undefined : startsFrom?.alike.find((option) => Object.hasOwn(start.options, option) && canonicalJson(start.options[option]) !== canonicalJson(entry.options[option]));
  if (start === undefined || unlike === undefined) return;
  throw new SuiteError(`the entry ${entry.name} goes on with the weights of ${start.name}, and has another ${unlike}: ${JSON.stringify(entry.options[unlike])}, where ${start.name} has ${JSON.stringify(start.options[unlike])}`, {
    where: suite.name, fix: `Give both the same \`${unlike}\`; a method's options are not those of the one that it starts from.`,
  });
}

/** Snapshots must be of different steps, before the end: else one would stand for another. */
function refuseEqualSnapshots(suite: ResolvedSuite, entry: ResolvedEntry, shares: readonly number[], steps: number): void {
  const all = [0, ...snapshotSteps(shares, steps), steps];
  const same = all.findIndex((step, index) => index > 0 && step <= all[index - 1]!);
  if (same === -1) return;
  throw new SuiteError(`of the ${steps} steps of the entry ${entry.name}, snapshots at ${shares.join(', ')} come to ${all.slice(1, -1).join(', ')}: two of one step, or one of none or of the end`, {
    where: suite.name, fix: 'Name shares that lie further apart in `snapshots`, or give the entry a longer schedule.',
  });
}

/** The clustering of an entry's pre-training view, from features of its start's encoder. */
function clusterNode(suite: ResolvedSuite, entry: ResolvedEntry, seed: number, clusters: ClusterOptions, { data, source, index }: SourcedData, tags: JobNode['tags']): JobNode {
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

const imagesAt = (known: ReadonlyMap<string, SourcedData>, seed: number) => (pretrain: ResolvedPretrain, subset: ResolvedPretrain['subset']): number => {
  const { source, index, data } = known.get(pretrain.data)!;
  return source.pretrain(index, data.options, subset, seed).indices.length;
};

const stepsAt = (suite: ResolvedSuite, entry: TrainedEntry, { methods }: Registries, known: ReadonlyMap<string, SourcedData>, seed: number): number =>
  lengthsAt(suite, methods, imagesAt(known, seed)).steps(entry);

/** A schedule as the job takes it: in epochs. A length that is counted only here is held against the method's options here. */
function scheduleAt(suite: ResolvedSuite, entry: TrainedEntry, registries: Registries, known: ReadonlyMap<string, SourcedData>, seed: number): NonNullable<PretrainConfig['pretrain']>['schedule'] {
  const { pretrain } = entry;
  const { epochs, of, flops_of: byFlops } = pretrain.schedule;
  if (byFlops === undefined) return { epochs, of };
  const counted = (stepsAt(suite, entry, registries, known, seed) * pretrain.batch_size) / imagesAt(known, seed)(pretrain, pretrain.subset);
  const problems = registries.methods[entry.method]!.check?.({ model: vitConfig(suite.model), options: entry.options, epochs: counted, batchSize: pretrain.batch_size }) ?? [];
  if (problems.length > 0) throw new SuiteError(`the entry ${entry.name}, as long as the FLOPs of ${byFlops}: ${problems.join('; ')}`, { where: suite.name, fix: 'Change its options, or give its schedule in epochs.' });
  return { epochs: counted, of };
}

/** The search, where the method has one, the features job, where a protocol needs one, and the transfers of one (entry, task, seed); with a `share`, of its snapshot there. */
function judgingNodes(suite: ResolvedSuite, entry: ResolvedEntry, task: ResolvedTask, seed: number, registries: Registries, from: SourcedData, sizes: TaskSizes, share?: number): readonly JobNode[] {
  const vit = vitConfig(suite.model);
  const shape = modelShape(suite);
  const forward = forwardFlops(vit);
  const config: TaskConfig = { source: from.source.name, options: from.data.options, task: task.task };
  const unkeyed = [modelName, ...locationsAt(['task', 'options'], from.source)];
  const images = sizes.train + sizes.validation + sizes.test;
  const method = registries.methods[entry.method]!;
  const clustered = method.clusters?.(entry.options) !== undefined;
  const data = prepareId(from.data.name);
  const trained = pretrainId(entry.name, seed);
  const suffix = share === undefined ? '' : `/at-${share}`;
  const inputs = { data, encoder: method.searches === undefined ? trained : `${searchId(entry.name, task.name, seed)}${suffix}` };
  const kept = share === undefined ? {} : { snapshot: share };
  // What a search has found is the snapshot's already.
  const read = method.searches === undefined ? kept : {};
  const protocols = suite.protocols.filter(({ name }) => registries.protocols[name]!.judges === sizes.kind && (share === undefined || suite.snapshots!.protocols.includes(name)));
  if (protocols.length === 0) return [];
  const tags = {
    entry: entry.name,
    method: entry.method,
    task: task.name,
    seed: String(seed),
    data: task.data,
    ...(entry.pretrain === null ? {} : { subset: entry.pretrain.subset }),
    ...(share === undefined ? {} : { snapshot: String(share) }),
  };
  const search = (): JobNode => ({
    id: inputs.encoder,
    kind: 'search',
    config: plain({ task: config, method: entry.method, options: entry.options, model: suite.model, seed, precision: suite.engine.precision, ...kept }),
    unkeyed: [...unkeyed, ...locationsAt(['options'], method)],
    inputs: { data, ...(clustered ? { encoder: pretrainId(entry.start!, seed), clusters: clusterId(entry.name, seed) } : {}), trained },
    modules: ['jobs/search.js', ...method.modules, ...from.source.modules],
    threads: suite.engine.threads,
    cost: { images: sizes.train, flops: sizes.train * forward, bytes: encoderBytes(vit) },
    speed: { group: { method: entry.method, options: entry.options, model: shape, precision: suite.engine.precision }, size: sizes.train, model: '' },
    tags,
  });
  const pictured = typeof sizes.shown === 'number' ? Math.min(sizes.shown, sizes.train) : sizes.shown;
  const shown = share !== undefined || seed !== suite.seeds[0] || entry.oracle_of !== undefined ? 0 : typeof pictured === 'number' ? pictured : pictured.length;
  const attention = (): JobNode => ({
    id: attentionId(entry.name, task.name, seed),
    kind: 'attention',
    config: plain({ task: config, model: suite.model, seed, precision: suite.engine.precision, images: pictured }),
    unkeyed,
    inputs,
    modules: ['jobs/attention.js', ...from.source.modules],
    threads: suite.engine.threads,
    cost: { images: shown, flops: shown * forward, bytes: shown * patchCount(vit) * vit.heads * 4 },
    speed: { group: { model: shape, precision: suite.engine.precision }, size: shown, model: String(shown) },
    tags,
  });
  const overlap = (): JobNode => ({
    id: `overlap/${entry.name}/${task.name}/s${seed}`,
    kind: 'overlap',
    config: plain({ task: config, model: suite.model, seed, precision: suite.engine.precision }),
    unkeyed,
    inputs,
    // It makes the untrained encoder too.
    modules: ['jobs/overlap.js', 'methods/scratch/encoder.js', ...from.source.modules],
    threads: suite.engine.threads,
    cost: { images: 2 * sizes.test, flops: 2 * sizes.test * forwardFlops({ ...vit, imageSize: (sizes.side ?? 0) * vit.patchSize }), bytes: sizes.test * 64 },
    speed: { group: { model: shape, precision: suite.engine.precision, side: sizes.side ?? null }, size: 2 * sizes.test, model: task.name },
    tags,
  });
  const features: JobNode = {
    id: `${featuresId(entry.name, task.name, seed)}${suffix}`,
    kind: 'features',
    config: plain({ task: config, model: suite.model, seed, precision: suite.engine.precision, ...read }),
    unkeyed,
    inputs,
    modules: ['jobs/features.js', ...from.source.modules],
    threads: suite.engine.threads,
    cost: { images, flops: images * forward, bytes: images * pools.length * suite.model.width * 4 },
    speed: { group: { model: shape, precision: suite.engine.precision }, size: images, model: '' },
    tags,
  };
  const transfer = (protocol: ResolvedProtocol): JobNode => {
    const spec = registries.protocols[protocol.name]!;
    const options = entry.protocols[protocol.name] ?? protocol.options;
    const seen = spec.images(options, sizes);
    const passes = asForward(seen);
    const ownForward = sizes.side === undefined ? forward : forwardFlops({ ...vit, imageSize: sizes.side * vit.patchSize });
    return {
      id: `transfer/${entry.name}/${task.name}/${protocol.name}/s${seed}${suffix}`,
      kind: 'transfer',
      config: plain({ task: config, model: suite.model, seed, precision: suite.engine.precision, protocol: protocol.name, options, protocolHash: protocol.hash, ...(spec.needs === 'features' ? {} : read) }),
      unkeyed,
      inputs: spec.needs === 'features' ? { data, features: features.id } : inputs,
      modules: ['jobs/transfer.js', `jobs/transfer/${spec.judges}.js`, ...spec.modules, ...from.source.modules],
      threads: suite.engine.threads,
      cost: {
        images: seen.trained + seen.evaluated, flops: passes * ownForward + spec.flops(options, { ...sizes, width: vit.width }), bytes: sizes.test * 64,
        tested: { images: sizes.test, kind: sizes.kind },
      },
      speed: {
        group: { protocol: protocol.name, options: optionsShape(options), model: shape, precision: suite.engine.precision, ...(sizes.side === undefined ? {} : { side: sizes.side }), crops: from.crops },
        ...(spec.needs === 'features'
          // The compiled model holds the rows, of which each seed has its own number.
          ? { size: images, model: `${task.name} ${seed}` }
          : { size: passes, model: task.name, watched: asForward(spec.images(options, { train: 0, validation: 0, test: 0 })) / passes }),
      },
      tags: { ...tags, protocol: protocol.name },
    };
  };
  const needsFeatures = protocols.some(({ name }) => registries.protocols[name]!.needs === 'features');
  return [...(method.searches === undefined ? [] : [search()]), ...(shown === 0 ? [] : [attention()]), ...(sizes.tellsObjects && share === undefined && entry.oracle_of === undefined ? [overlap()] : []), ...(needsFeatures ? [features] : []), ...protocols.map(transfer)];
}
