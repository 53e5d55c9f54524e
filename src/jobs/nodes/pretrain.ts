import { SuiteError } from '../../errors.js';
import { canonicalJson } from '../../files.js';
import type { MethodSpec } from '../../methods/method.js';
import { vitConfig } from '../../models/config.js';
import type { JobNode } from '../../runner/job.js';
import type { ResolvedEntry, ResolvedSuite, TrainedEntry } from '../../suite/resolved.js';
import { encoderBytes, snapshotSteps, trainingBytes } from '../estimates.js';
import { clusterNode } from './cluster.js';
import { clusterId, prepareId, pretrainId } from './ids.js';
import { locationsAt, modelName, modelShape, plain } from './keyed.js';
import type { Registries } from './registries.js';
import { scheduleAt, sharesOf, stepsAt } from './schedule.js';
import type { SourcedData } from './sourced-data.js';

/** Trainings that an entry goes on from, one after the other. */
function startsBefore({ entries }: ResolvedSuite, { start }: ResolvedEntry): number {
  let count = 0;
  for (let name = start; name !== null; name = entries.find((other) => other.name === name)!.start) count++;
  return count;
}

/** One training a seed, each with the clustering before it where the method asks for one. */
export async function pretrainNodes(suite: ResolvedSuite, entry: ResolvedEntry, registries: Registries, known: ReadonlyMap<string, SourcedData>): Promise<readonly JobNode[]> {
  const method = registries.methods[entry.method]!;
  const vit = vitConfig(suite.model);
  const shape = modelShape(suite);
  const fingerprint = await method.fingerprint?.(entry.options, vit) ?? '';
  const from = entry.pretrain === null ? undefined : known.get(entry.pretrain.data)!;
  const trained: TrainedEntry | null = entry.pretrain === null ? null : { ...entry, pretrain: entry.pretrain };
  const steps = trained === null ? [] : suite.seeds.map((seed) => stepsAt(suite, trained, registries, known, seed));
  const images = trained === null ? 0 : steps[0]! * trained.pretrain.batch_size;
  const shares = sharesOf(suite, entry);
  if (shares.length > 0) for (const count of steps) refuseEqualSnapshots(suite, entry, shares, count);
  refuseIdle(suite, entry, steps);
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
  const batch = entry.pretrain?.batch_size ?? 0;
  const flopsPerImage = method.flopsPerImage(vit, entry.options, batch);
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
    cost: { images, flops: images * flopsPerImage, bytes: (1 + shares.length) * encoderBytes(vit) },
    memory: trainingBytes(vit, flopsPerImage, batch),
    speed: {
      group: { method: entry.method, options, model: shape, batch, precision: suite.engine.precision, crops: from?.crops ?? null },
      size: images,
      model: '',
    },
    tags: tags(seed),
  }));
  return [...clusterNodes, ...pretrains];
}

/** A warm-up begins at a learning rate of 0: a training of one step would be that step. */
function refuseIdle(suite: ResolvedSuite, { name, options }: ResolvedEntry, steps: readonly number[]): void {
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
