import { sha256 } from '../../src/files.js';
import { stream } from '../../src/random.js';
import { collect } from '../../src/results/collect.js';
import type { Failure, Result, RunRecord } from '../../src/results/types.js';
import type { PlannedJob } from '../../src/runner/job.js';
import type { ResolvedEntry, ResolvedSuite } from '../../src/suite/resolved.js';
import { denseClasses, denseTests, detection, predictionsPng, segmentation, tile } from './dense-fixture.js';

/**
 * A made-up run for tests: plausible in form, invented in every number. It must never be shown as a result.
 * Everything is drawn from `seed`, so that two calls give the same record.
 */
export interface FixtureOptions {
  readonly seed?: number;
  readonly seeds?: number;
  readonly tasks?: number;
  /** How much better a matching split is than the full set, in fractions. Negative: worse. */
  readonly matchingGain?: number;
  /** Jobs that failed, by id, with the message; jobs that need them do not run. */
  readonly failed?: Readonly<Record<string, string>>;
  /** Jobs that have not run, by id. */
  readonly pending?: readonly string[];
  /** Cells that failed to learn, by job id. */
  readonly unlearned?: readonly string[];
  /** Name of an entry whose seeds all judge one encoder. */
  readonly oneEncoder?: string;
  /** New names for entries. */
  readonly rename?: Readonly<Record<string, string>>;
  readonly title?: string;
  readonly note?: string;
  readonly preview?: Uint8Array;
  /** Adds a data set with a task of segmentation and one of detection, with or without pictures of predictions. */
  readonly dense?: 'with-pictures' | 'without-pictures';
  readonly unreadable?: readonly { readonly id: string; readonly reason: string }[];
}

interface TaskMaker { readonly name: string; readonly side: 'A' | 'B' | 'mixed'; readonly classes: number; readonly level: number; readonly primary: 'top1' | 'mean_per_class' }

const taskMakers: readonly TaskMaker[] = [
  { name: 'mammals', side: 'B', classes: 24, level: 0.36, primary: 'top1' },
  { name: 'birds-and-sea', side: 'B', classes: 20, level: 0.41, primary: 'top1' },
  { name: 'food', side: 'B', classes: 24, level: 0.38, primary: 'top1' },
  { name: 'clothing', side: 'A', classes: 22, level: 0.47, primary: 'top1' },
  { name: 'transport', side: 'A', classes: 24, level: 0.34, primary: 'top1' },
  { name: 'household', side: 'A', classes: 24, level: 0.3, primary: 'mean_per_class' },
  { name: 'subgroups', side: 'mixed', classes: 10, level: 0.45, primary: 'mean_per_class' },
  { name: 'sky-and-weather', side: 'A', classes: 16, level: 0.5, primary: 'top1' },
];

const protocolMakers = [
  { name: 'fine-tune', shift: 0, options: { lr: [0.0003, 0.001, 0.003], steps: 400, layer_decay: 0.75, label_smoothing: 0.1 } },
  { name: 'linear', shift: -0.08, options: { lr: [0.03, 0.1, 0.3], steps: 300 } },
  { name: 'knn', shift: -0.22, options: { k: 10, temperature: 0.07 } },
] as const;

const denseMakers = [
  { name: 'upernet', task: 'segmentation', make: segmentation }, { name: 'mask-rcnn', task: 'detection', make: detection },
] as const;

const gains: Readonly<Record<string, number>> = { scratch: -0.07, mae: 0, 'mae-equal-steps': -0.006, 'mae-split-a': -0.012, 'mae-split-b': -0.01, 'mae-random': -0.014 };

function entriesOf(rename: Readonly<Record<string, string>>): readonly ResolvedEntry[] {
  const entry = (name: string, pretrain: ResolvedEntry['pretrain']): ResolvedEntry => ({
    name: rename[name] ?? name,
    title: rename[name] ?? name,
    method: pretrain === null ? 'scratch' : 'mae',
    pretrain,
    start: null,
    options: pretrain === null ? {} : { mask_ratio: 0.6 },
    protocols: pretrain === null ? { 'fine-tune': { layer_decay: 1 } } : {},
  });
  const on = (subset: 'full' | 'split-a' | 'split-b' | 'random', of: 'split-a' | null = null): ResolvedEntry['pretrain'] =>
    ({ data: 'emoji', subset, batch_size: 256, schedule: { epochs: 40, of } });
  return [
    entry('scratch', null), entry('mae', on('full')), entry('mae-equal-steps', on('full', 'split-a')), entry('mae-split-a', on('split-a')),
    entry('mae-split-b', on('split-b')), entry('mae-random', on('random')),
  ];
}

const key = (id: string): string => sha256(id);

export async function fixture(options: FixtureOptions = {}): Promise<RunRecord> {
  const { seed: base = 7, seeds: seedCount = 5, tasks: taskCount = 8, matchingGain = 0.03, failed = {}, pending = [], unlearned = [], rename = {} } = options;
  const seeds = Array.from({ length: seedCount }, (_, index) => index);
  const makers = taskMakers.slice(0, taskCount);
  const dense = options.dense === undefined ? [] : denseMakers;
  const entries = entriesOf(rename);
  const originals = Object.keys(gains);
  const suite: ResolvedSuite = {
    name: 'fixture',
    title: options.title ?? 'An invented run for tests',
    description: 'Every number here is drawn by a random generator. It shows how a report looks and nothing else.',
    seeds,
    engine: { threads: 1, device: 'auto', precision: 'f32' },
    model: { name: 'custom', image_size: 32, patch_size: 8, width: 128, depth: 4, heads: 4, mlp_ratio: 4 },
    data: [{ name: 'emoji', source: 'emoji', options: {} }, ...(dense.length === 0 ? [] : [{ name: 'scenes', source: 'emoji-scenes', options: {} }])],
    entries,
    tasks: [...makers.map(({ name }) => ({ name: `emoji/${name}`, data: 'emoji', task: name })), ...dense.map(({ task }) => ({ name: `scenes/${task}`, data: 'scenes', task }))],
    protocols: [...protocolMakers, ...dense.map(({ name }) => ({ name, options: { steps: 100 } }))].map(({ name, options: own }) => ({ name, options: own, hash: key(name).slice(0, 12) })),
    reference: entries[1]!.name,
    speed: null,
    attention: 0,
  };

  const jobs: PlannedJob[] = [];
  const results = new Map<string, Result>();
  const broken = new Set<string>();
  const failures: Failure[] = [];

  const add = (id: string, kind: string, inputs: Readonly<Record<string, string>>, tags: Readonly<Record<string, string>>, body: () => Result): void => {
    jobs.push({ id, kind, config: {}, inputs, modules: [], threads: 1, cost: { images: 0, flops: 0, bytes: 0 }, tags, key: key(id), code: 'c0de' });
    const message = failed[id];
    if (message !== undefined) failures.push({ id, key: key(id), message, log: `logs/${key(id).slice(0, 12)}.log`, tags });
    if (message !== undefined || pending.includes(id) || Object.values(inputs).some((input) => broken.has(input))) broken.add(id);
    else results.set(key(id), body());
  };
  const head = (id: string, kind: string, seed: number | null, wallSeconds: number): Result => ({
    schema: 2,
    key: key(id),
    id,
    kind,
    config: {},
    inputs: {},
    code: 'c0de',
    version: '0.1.0',
    seed,
    environment: {
      platform: 'linux-x64',
      cpu: 'Example CPU 3000',
      cores: 2,
      node: 'v20.20.0',
      engine: kind === 'prepare' ? null : { name: 'tensorflow', mode: 'traced', precision: 'f32', device: 'cpu', deviceName: 'Example CPU 3000', runtime: '2.21.0', tfjs: '4.22.0', node: '20.20.0', threads: { intraOp: 1, interOp: 1 }, oneDnn: true },
    },
    startedAt: '2025-01-02T03:04:05.000Z',
    finishedAt: '2025-01-02T04:05:06.000Z',
    wallSeconds,
    cpuSeconds: wallSeconds * 0.98,
    peakMemoryBytes: 7e8,
    resumed: false,
  }) as unknown as Result;

  add('prepare/emoji', 'prepare', {}, { data: 'emoji' }, () => ({
    ...head('prepare/emoji', 'prepare', null, 12),
    kind: 'prepare', source: 'emoji', size: 32, images: 6412, classes: 982, unreadable: options.unreadable ?? [],
    credits: ['Noto Emoji, Google, Apache-2.0', 'Twemoji, Twitter and contributors, CC-BY-4.0', 'OpenMoji, HfG Schwäbisch Gmünd, CC-BY-SA-4.0'],
  }));

  if (dense.length > 0) {
    add('prepare/scenes', 'prepare', {}, { data: 'scenes' }, () => ({
      ...head('prepare/scenes', 'prepare', null, 20), kind: 'prepare', source: 'emoji-scenes', size: tile, images: 200, classes: denseClasses.length, unreadable: [], credits: [],
    }));
  }

  entries.forEach((entry, entryIndex) => {
    const original = originals[entryIndex]!;
    for (const seed of seeds) {
      const pretrainId = `pretrain/${entry.name}/s${seed}`;
      const draw = stream(base, `pretrain/${original}`, seed);
      add(pretrainId, 'pretrain', entry.pretrain === null ? {} : { data: 'prepare/emoji' }, { entry: entry.name, method: entry.method, seed: String(seed) }, () => {
        const trained = entry.pretrain !== null;
        const images = !trained ? 0 : entry.pretrain.subset === 'full' ? 4890 : 2104;
        const steps = !trained ? 0 : original === 'mae' ? 760 : 328;
        const curve = Array.from({ length: trained ? 120 : 0 }, (_, index) => ({
          step: Math.round(((index + 1) * steps) / 120),
          loss: 0.45 + 0.55 * Math.exp(-index / 26) + 0.008 * draw.normal(),
          lr: 0.001,
        }));
        return {
          ...head(pretrainId, 'pretrain', seed, trained ? 40 + 60 * draw.uniform() : 1),
          kind: 'pretrain', method: entry.method, parameters: trained ? 1_031_000 : 812_000, images, classes: trained ? (images > 3000 ? 731 : 352) : 0, steps,
          imagesSeen: steps * 256, flops: steps * 256 * 4.1e7, curve, diagnostics: [], finalLoss: curve.at(-1)?.loss ?? null, imagesPerSecond: trained ? 1800 : null,
          preview: trained && options.preview !== undefined ? { file: 'preview.png', columns: ['masked', 'reconstruction', 'original'], rows: 6 } : null,
          encoder: 'encoder.safetensors',
        };
      });
      for (const maker of makers) {
        for (const protocol of protocolMakers) {
          const id = `transfer/${entry.name}/${maker.name}/${protocol.name}/s${seed}`;
          add(id, 'transfer', { data: 'prepare/emoji', encoder: pretrainId }, { entry: entry.name, task: `emoji/${maker.name}`, protocol: protocol.name, seed: String(seed) }, () => {
            const shared = 0.02 * stream(base, `${maker.name}/${protocol.name}`, seed).normal();
            const own = stream(base, `${maker.name}/${protocol.name}/${original}`, seed);
            const matches = (maker.side === 'A' && original === 'mae-split-a') || (maker.side === 'B' && original === 'mae-split-b');
            const nTest = maker.classes * 8 + (seed % 3) * 4;
            const chance = 1 / maker.classes;
            const learned = !unlearned.includes(id);
            const wanted = learned ? maker.level + protocol.shift + gains[original]! + (matches ? matchingGain + 0.01 : 0) + shared + 0.014 * own.normal() : chance;
            const labels = Array.from({ length: nTest }, (_, index) => index % maker.classes);
            const predictions = labels.map((label) => (own.uniform() < wanted ? label : (label + 1 + own.integer(maker.classes - 1)) % maker.classes));
            const top1 = labels.filter((label, index) => label === predictions[index]).length / nTest;
            const lrs: readonly number[] = protocol.name === 'knn' ? [] : protocol.options.lr;
            const chosen = lrs.length === 0 ? { k: 10 } : { lr: lrs[own.integer(lrs.length)]! };
            return {
              ...head(id, 'transfer', seed, 3 + 4 * own.uniform()),
              kind: 'transfer', task: `emoji/${maker.name}`, taskKind: 'classification', side: maker.side,
              note: options.note ?? 'Test: two held-out artist families; validation: a third one.',
              protocol: protocol.name, protocolHash: key(protocol.name).slice(0, 12), seed,
              classes: Array.from({ length: maker.classes }, (_, index) => `class ${index}`),
              nTrain: maker.classes * 16, nValidation: maker.classes * 4, nTest, metricVersion: 1, primary: maker.primary,
              metrics: [{ metric: 'top1', value: top1, unit: 'fraction' }, { metric: 'mean_per_class', value: Math.max(0, top1 - 0.01), unit: 'fraction' }],
              perImage: { ids: labels.map((_, index) => `set/${index}`), labels, predictions },
              trainAccuracy: learned ? 0.9 : chance * 1.5, chance, failedToLearn: !learned, curve: [],
              trials: lrs.map((lr) => ({ options: { lr }, validation: own.uniform(), diverged: false })),
              chosen, atEdge: 'lr' in chosen && chosen.lr !== lrs[1] ? ['lr'] : [], imagesSeen: protocol.name === 'fine-tune' ? 51_200 : maker.classes * 28, flops: 1.6e12,
            };
          });
        }
      }
      for (const { name, task, make } of dense) {
        const id = `transfer/${entry.name}/${task}/${name}/s${seed}`;
        add(id, 'transfer', { data: 'prepare/scenes', encoder: pretrainId }, { entry: entry.name, task: `scenes/${task}`, protocol: name, seed: String(seed) }, () => {
          const own = stream(base, `${name}/${original}`, seed);
          const learned = !unlearned.includes(id);
          return {
            ...head(id, 'transfer', seed, 10),
            ...make(0.7 + gains[original]! + 0.05 * own.normal(), own, options.dense === 'with-pictures'),
            kind: 'transfer', task: `scenes/${task}`, side: 'mixed', note: 'Training and test scenes are drawn by different artists.', protocol: name, protocolHash: key(name).slice(0, 12), seed,
            nTrain: 80, nValidation: 20, nTest: denseTests, metricVersion: 1, trainAccuracy: learned ? 0.9 : 0, chance: 0, failedToLearn: !learned, curve: [], trials: [], chosen: {}, atEdge: [], imagesSeen: 800, flops: 1e12,
          };
        });
      }
    }
  });

  const artifact = (wanted: string): Promise<Uint8Array> | Uint8Array | null => {
    const drawn = [...results.values()].flatMap((result) => (result.kind === 'transfer' && result.taskKind !== 'classification' && result.pictures !== null ? [result] : []));
    const at = drawn.findIndex((result) => result.key === wanted);
    return at === -1 ? (options.preview ?? null) : predictionsPng(drawn[at]!, drawn[at]!.pictures!, at);
  };

  return collect({
    suite,
    suiteText: 'name: fixture\n# an invented run for tests\n',
    plan: {
      suite: suite.name,
      jobs: jobs.map((job) => (job.kind === 'pretrain' && job.tags['entry'] === options.oneEncoder ? { ...job, key: key(`pretrain/${options.oneEncoder}/s0`) } : job)),
    },
    failures,
    readResult: (wanted) => results.get(wanted) ?? null,
    readArtifact: artifact,
    descriptions: { 'protocol/fine-tune': 'Trains the whole encoder with a new head.', 'method/mae': 'Masked autoencoder.' },
  });
}
