import { describe, expect, it } from 'vitest';
import type { ImageIndex, ImageRecord, Labelled } from '../../../src/data/image-set.js';
import type { DataSource } from '../../../src/data/source.js';
import { DataError, SuiteError } from '../../../src/errors.js';
import { canonicalJson, type JsonObject } from '../../../src/files.js';
import { forwardFlops, pretrainSteps, spread } from '../../../src/jobs/estimates.js';
import { withLengths } from '../../../src/jobs/lengths.js';
import { suiteNodes } from '../../../src/jobs/nodes/index.js';
import type { Registries } from '../../../src/jobs/nodes/registries.js';
import { autoencoderProblems } from '../../../src/methods/mae/check.js';
import { mae as maeSpec } from '../../../src/methods/mae/spec.js';
import type { MethodSpec } from '../../../src/methods/method.js';
import { moce as moceSpec } from '../../../src/methods/moce/spec.js';
import { vitConfig } from '../../../src/models/config.js';
import type { ProtocolSpec } from '../../../src/protocols/protocol.js';
import type { JobNode } from '../../../src/runner/job.js';
import { makePlan } from '../../../src/runner/plan.js';
import { readSuite } from '../../../src/suite/load.js';
import type { ResolvedSuite } from '../../../src/suite/resolved.js';
import { members, rightSuite } from '../../suite/members.js';

/** A source of 1000 records: 400 on side A, 300 on side B. Tasks take 40 / 10 / 20 images. */
const records: readonly ImageRecord[] = Array.from({ length: 1000 }, (_, id) => ({ id: `${id}`, label: `c${id % 7}`, group: null, domain: null, split: null, side: null }));
const counts = { full: 900, 'split-a': 300, 'split-b': 300, random: 300 };
const some = (n: number): Labelled => ({ indices: Array.from({ length: n }, (_, i) => i), labels: Array.from({ length: n }, () => 0) });

const source = (name: string): DataSource => ({
  name,
  schema: members.sources[name]!.schema,
  modules: [`data/sources/${name}.js`],
  locations: ['path'],
  credits: [],
  fingerprint: () => Promise.resolve(`print-${name}`),
  index: (): Promise<ImageIndex> => Promise.resolve({ name, records }),
  prepare: () => Promise.reject(new Error('a plan decodes nothing')),
  tasks: () => Promise.resolve([]),
  pretrain: (_index, _options, subset) => {
    if (name === 'folder' && subset !== 'full') throw new DataError(`${name} has no ${subset}`);
    return { subset, indices: Array.from({ length: counts[subset] }, (_, i) => i), classes: 7 };
  },
  task: (_index, _options, task) => ({ name: task, kind: 'classification', primary: 'top1', classes: ['x', 'y'], side: 'mixed', train: some(40), validation: some(10), test: some(20), note: '' }),
});

const method = (name: string, extra: Partial<MethodSpec> = {}): MethodSpec => ({
  name,
  description: '',
  schema: members.methods[name]!.schema,
  kind: members.methods[name]!.kind,
  modules: [`methods/${name}/step.js`],
  flopsPerImage: () => 1000,
  load: () => Promise.reject(new Error('a plan loads no method')),
  ...extra,
});

const protocol = (name: string, needs: ProtocolSpec['needs']): ProtocolSpec => ({
  name,
  description: '',
  judges: 'classification',
  schema: members.protocols[name]!.schema,
  needs,
  modules: [`protocols/${name}.js`],
  images: (_options, { train, validation, test }) => ({ trained: train * 100, evaluated: validation * 10 + test }),
  flops: (_options, { train, validation, test, classes, width }) => train + validation + test + classes * 1000 + width * 1e6,
  load: () => Promise.reject(new Error('a plan loads no protocol')),
});

const registries: Registries = {
  sources: { emoji: source('emoji'), folder: source('folder') },
  methods: { mae: method('mae'), scratch: method('scratch'), checkpoint: method('checkpoint', { seedless: true, locations: ['path'], fingerprint: () => Promise.resolve('sha-of-file') }) },
  protocols: { 'fine-tune': protocol('fine-tune', 'encoder'), knn: protocol('knn', 'features') },
};

const edited = (from: string, to: string): string => {
  expect(rightSuite).toContain(from);
  return rightSuite.replace(from, () => to);
};
const suiteOf = (text: string): Promise<ResolvedSuite> => readSuite(text, 's.yaml', members);
const nodesOf = async (text: string): Promise<readonly JobNode[]> => suiteNodes(await suiteOf(text), registries);
const node = (nodes: readonly JobNode[], id: string): JobNode => {
  const found = nodes.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no node ${id} in ${nodes.map((one) => one.id).join(', ')}`);
  return found;
};

describe('the nodes of a suite', () => {
  it('are one prepare a data set, one pretrain an (entry, seed), one features an (entry, task, seed), one transfer a cell', async () => {
    const nodes = await nodesOf(rightSuite);
    const number = (kind: string): number => nodes.filter((one) => one.kind === kind).length;
    // 3 entries, 2 seeds, 2 tasks, 2 protocols of which one works on features; attention maps at the first seed alone.
    expect([number('prepare'), number('pretrain'), number('attention'), number('features'), number('transfer'), nodes.length]).toEqual([1, 6, 6, 12, 24, 49]);
    expect(new Set(nodes.map(({ id }) => id)).size).toBe(49);
  });

  it('spread the attention maps over the tasks, none where the suite asks for none', async () => {
    expect([spread(4, 2), spread(4, 3), spread(4, 8), spread(1, 3), spread(0, 2)]).toEqual([[2, 2], [2, 1, 1], [1, 0, 1, 0, 1, 0, 1, 0], [1, 0, 0], [0, 0]]);
    const shown = async (attention: number): Promise<readonly unknown[]> =>
      (await nodesOf(edited('seeds: 2', `seeds: [5, 3]\nattention: ${attention}`))).filter(({ kind, tags }) => kind === 'attention' && tags['entry'] === 'mae').map(({ id, config }) => [id, config['images']]);
    expect(await shown(0)).toEqual([]);
    expect(await shown(1)).toEqual([['attention/mae/emoji/animals/s5', 1]]);
    expect(await shown(64)).toEqual([['attention/mae/emoji/animals/s5', 32], ['attention/mae/emoji/vehicles/s5', 32]]);
    const one = node(await nodesOf(rightSuite), 'attention/mae/emoji/vehicles/s0');
    expect(one).toMatchObject({ inputs: { data: 'prepare/emoji', encoder: 'pretrain/mae/s0' }, config: { images: 2, seed: 0, task: { task: 'vehicles' } } });
  });

  it('draw the attention maps of the images that the suite names', async () => {
    const named = (...images: readonly string[]) => nodesOf(edited('seeds: 2', `seeds: 2\nattention: [${images.join(', ')}]`));
    const nodes = (await named('emoji/vehicles/7', 'emoji/vehicles/3')).filter(({ kind, tags }) => kind === 'attention' && tags['entry'] === 'mae');
    expect(nodes.map(({ id, config, cost }) => [id, config['images'], cost.images])).toEqual([['attention/mae/emoji/vehicles/s0', ['7', '3'], 2]]);
    await expect(named('emoji/vehicles/40')).rejects.toThrow('attention names emoji/vehicles/40, and emoji/vehicles has no such training image at the first seed');
    await expect(named('emoji/vehicle/7')).rejects.toThrow('(did you mean "emoji/vehicles"?)');
  });

  it('read only each other, each from nodes that stand before it', async () => {
    const nodes = await nodesOf(rightSuite);
    const before = new Set<string>();
    for (const one of nodes) {
      for (const input of Object.values(one.inputs)) expect(before).toContain(input);
      before.add(one.id);
    }
  });

  it('carry the configs that the jobs read, with inputs by role', async () => {
    const nodes = await nodesOf(rightSuite);
    const suite = await suiteOf(rightSuite);
    expect(node(nodes, 'prepare/emoji')).toMatchObject({
      kind: 'prepare', config: { source: 'emoji', options: { artists: 'all' }, size: 32, fingerprint: 'print-emoji' }, inputs: {},
      modules: ['jobs/prepare.js', 'data/sources/emoji.js', 'results/version.js'], tags: { data: 'emoji' },
    });
    expect(node(nodes, 'pretrain/mae-a/s1')).toMatchObject({
      config: {
        method: 'mae', options: { mask_ratio: 0.6, decoder: { width: 64, depth: 1 }, norm_pix_loss: true }, fingerprint: '', model: suite.model, seed: 1,
        pretrain: { source: 'emoji', sourceOptions: { artists: 'all' }, subset: 'split-a', batch_size: 256, schedule: { epochs: 10, of: null } },
      },
      inputs: { data: 'prepare/emoji' },
      modules: ['jobs/pretrain.js', 'methods/mae/step.js', 'data/sources/emoji.js', 'results/version.js'],
      tags: { entry: 'mae-a', method: 'mae', seed: '1', data: 'emoji', subset: 'split-a' },
    });
    expect(node(nodes, 'features/mae/emoji/animals/s0')).toMatchObject({
      config: { task: { source: 'emoji', options: { artists: 'all' }, task: 'animals' }, model: suite.model, seed: 0 },
      inputs: { data: 'prepare/emoji', encoder: 'pretrain/mae/s0' },
    });
    expect(node(nodes, 'transfer/mae/emoji/animals/fine-tune/s0')).toMatchObject({
      config: { protocol: 'fine-tune', options: suite.protocols[0]!.options, protocolHash: suite.protocols[0]!.hash, seed: 0 },
      inputs: { data: 'prepare/emoji', encoder: 'pretrain/mae/s0' },
      modules: ['jobs/transfer.js', 'jobs/transfer/classification.js', 'protocols/fine-tune.js', 'data/sources/emoji.js', 'results/version.js'],
      tags: { entry: 'mae', method: 'mae', task: 'emoji/animals', protocol: 'fine-tune', seed: '0', data: 'emoji', subset: 'full' },
    });
    const knn = node(nodes, 'transfer/mae/emoji/animals/knn/s0');
    expect(knn.inputs).toEqual({ data: 'prepare/emoji', features: 'features/mae/emoji/animals/s0' });
  });

  it('have k-NN ask the encoder before training too, where the method may collapse and a scratch entry is there', async () => {
    const watched: Registries = { ...registries, methods: { ...registries.methods, mae: { ...registries.methods['mae']!, knnShowsCollapse: true } } };
    const inputsOf = async (text: string): Promise<readonly (readonly [string, JobNode['inputs']])[]> =>
      (await suiteNodes(await suiteOf(text), watched)).filter(({ kind, id }) => kind === 'transfer' && /\/emoji\/animals\/(knn|fine-tune)\/s1$/.test(id)).map(({ id, inputs }) => [id, inputs] as const);
    const inputs = new Map(await inputsOf(rightSuite));
    expect(inputs.get('transfer/mae/emoji/animals/knn/s1')).toEqual({ data: 'prepare/emoji', features: 'features/mae/emoji/animals/s1', untrained: 'features/scratch/emoji/animals/s1' });
    expect(inputs.get('transfer/scratch/emoji/animals/knn/s1')).toEqual({ data: 'prepare/emoji', features: 'features/scratch/emoji/animals/s1' });
    expect(inputs.get('transfer/mae/emoji/animals/fine-tune/s1')).not.toHaveProperty('untrained');
    const others = (await nodesOf(rightSuite)).filter(({ inputs: own }) => 'untrained' in own);
    expect(others).toEqual([]);
  });

  it('give an entry its own protocol options, under the hash of the suite\'s', async () => {
    const nodes = await nodesOf(rightSuite);
    const suite = await suiteOf(rightSuite);
    const { config } = node(nodes, 'transfer/scratch/emoji/animals/fine-tune/s0');
    expect(config).toMatchObject({ options: { lr: [0.001, 0.01], layer_decay: 1, steps: 100 }, protocolHash: suite.protocols[0]!.hash });
  });

  it('hold no name, title or description in a config: renaming an entry changes no key', async () => {
    const configs = (nodes: readonly JobNode[]): readonly unknown[] => nodes.map(({ kind, config, modules, threads }) => ({ kind, config, modules, threads }));
    const renamed = edited('{ name: mae-a, method', '{ name: other, title: Another name, method').replace('title: A small suite', 'title: Another title').replace('name: small', 'name: another');
    expect(configs(await nodesOf(renamed))).toEqual(configs(await nodesOf(rightSuite)));
  });

  it('keep their keys when a folder or a checkpoint is moved, or the model is called otherwise; what it holds is in the key', async () => {
    const suite = (path: string, model: string): string =>
      edited('emoji: { source: emoji }', `emoji: { source: emoji }\n  photos: { source: folder, path: ${path}/photos }`)
        .replace('pretrain:\n', 'pretrain:\n  data: photos\n')
        .replace('{ name: mae-a, method: mae, subset: split-a, decoder: { depth: 1 } }', `{ name: mine, method: checkpoint, path: ${path}/x.safetensors }`)
        .replace('[emoji/animals, emoji/vehicles]', '[emoji/animals, photos/all]')
        .replace('name: custom, image_size: 32, patch_size: 8, width: 128, depth: 4, heads: 4', `image_size: 32, patch_size: 8, ${model}`);
    const keys = async (text: string, known: Registries = registries): Promise<readonly (readonly [string, string])[]> =>
      (await makePlan('s', await suiteNodes(await suiteOf(text), known), { code: { codeOf: (modules) => Promise.resolve({ hash: modules.join(), files: [], packages: [] }) } })).jobs.map(({ id, key }) => [id, key]);
    const custom = suite('/old', 'name: custom, width: 192, depth: 12, heads: 3');
    const planned = await keys(custom);
    expect(planned.some(([id]) => id === 'transfer/mine/photos/all/knn/s0')).toBe(true);
    expect(await keys(suite('/new/place', 'name: vit_tiny'))).toEqual(planned);

    const other = { ...registries, sources: { ...registries.sources, folder: { ...registries.sources['folder']!, fingerprint: () => Promise.resolve('other images') } } };
    const changed = new Map(await keys(custom, other));
    const moved = planned.filter(([id, key]) => changed.get(id) !== key).map(([id]) => id);
    expect(moved).toEqual(planned.map(([id]) => id).filter((id) => !/^(prepare\/emoji|pretrain\/(mine|scratch)\/|(attention|features|transfer)\/(mine|scratch)\/emoji\/)/.test(id)));
    const file = { ...registries, methods: { ...registries.methods, checkpoint: { ...registries.methods['checkpoint']!, fingerprint: () => Promise.resolve('other weights') } } };
    const reread = new Map(await keys(custom, file));
    expect(planned.filter(([id, key]) => reread.get(id) !== key).map(([id]) => id.split('/')[1]).every((entry) => entry === 'mine')).toBe(true);
    expect(reread.get('pretrain/mine/s0')).not.toBe(new Map(planned).get('pretrain/mine/s0'));
    // One file is one encoder at every seed, and taken in once.
    expect(reread.get('pretrain/mine/s1')).toBe(reread.get('pretrain/mine/s0'));
    expect(reread.get('pretrain/scratch/s1')).not.toBe(reread.get('pretrain/scratch/s0'));
  });

  it('count the larger pictures that a source cuts crops from, and are refused where these are smaller than the model\'s', async () => {
    const from = (side: number): Promise<readonly JobNode[]> =>
      suiteOf(rightSuite).then((suite) => suiteNodes(suite, { ...registries, sources: { ...registries.sources, emoji: { ...source('emoji'), cropsFrom: () => side } } }));
    const plain = await nodesOf(rightSuite);
    const large = await from(64);
    const bytes = (nodes: readonly JobNode[]): number => node(nodes, 'prepare/emoji').cost.bytes;
    expect([bytes(plain), bytes(large)]).toEqual([1000 * 32 * 32 * 4, 1000 * (32 * 32 + 64 * 64) * 4]);
    // The size that is prepared whole stays the model's; what is timed together is what crops alike.
    expect(node(large, 'prepare/emoji').config).toEqual(node(plain, 'prepare/emoji').config);
    expect(node(large, 'pretrain/mae/s0').speed!.group).toMatchObject({ crops: 64 });
    expect(await from(32)).toEqual(plain);
    await expect(from(31)).rejects.toMatchObject({
      name: 'SuiteError', message: "the data set emoji cuts crops from squares of 31 pixels a side, fewer than the model's image_size (32)", where: 'small', fix: 'Set its crops_from to 32 or more, or leave it out.',
    });
  });

  it('of two entries that come to the same are equal but for id and tags', async () => {
    const nodes = await nodesOf(edited('{ name: mae, method: mae }', '{ name: mae, method: mae }\n  - { name: twin, method: mae, subset: full, norm_pix_loss: true }'));
    const { config, modules, threads } = node(nodes, 'pretrain/twin/s0');
    expect({ config, modules, threads }).toEqual((({ config, modules, threads }) => ({ config, modules, threads }))(node(nodes, 'pretrain/mae/s0')));
  });

  it('of a method that needs no data have no data input, and the fingerprint of what the method reads', async () => {
    const nodes = await nodesOf(edited('  - name: scratch\n', '  - { name: mine, method: checkpoint, path: x.safetensors }\n  - name: scratch\n'));
    expect(node(nodes, 'pretrain/mine/s0')).toMatchObject({ config: { method: 'checkpoint', fingerprint: 'sha-of-file', options: { path: 'x.safetensors' }, pretrain: null }, inputs: {} });
  });

  it('have no features where no protocol needs them', async () => {
    const nodes = await nodesOf(edited('  knn: {}\n', ''));
    expect(nodes.filter(({ kind }) => kind === 'features')).toEqual([]);
  });

  it('leave out a data set that nothing uses', async () => {
    const nodes = await nodesOf(edited('  emoji: { source: emoji }', '  emoji: { source: emoji }\n  spare: { source: folder, path: nowhere }').replace('pretrain:\n', 'pretrain:\n  data: emoji\n'));
    expect(nodes.filter(({ kind }) => kind === 'prepare').map(({ id }) => id)).toEqual(['prepare/emoji']);
  });

  it('take the suite\'s threads where they can change a result, and one where they cannot', async () => {
    const nodes = await nodesOf(edited('seeds: 2', 'seeds: 2\nengine: { threads: 4 }'));
    const threads = (kind: string): ReadonlySet<number> => new Set(nodes.filter((one) => one.kind === kind).map((one) => one.threads));
    expect([threads('prepare'), threads('pretrain'), threads('features'), threads('transfer')]).toEqual([new Set([1]), new Set([4]), new Set([4]), new Set([4])]);
  });

  it('hold the precision of what trains or runs an encoder, and only there', async () => {
    const nodes = await nodesOf(edited('seeds: 2', 'seeds: 2\nengine: { precision: bf16 }'));
    const f32 = await nodesOf(edited('seeds: 2', 'seeds: 2'));
    const differ = nodes.filter(({ config }, index) => canonicalJson(config) !== canonicalJson(f32[index]!.config)).map(({ id }) => id);
    expect(differ).toEqual(nodes.map(({ id }) => id).filter((id) => !/^(prepare|pretrain\/scratch)\//.test(id)));
    expect(node(nodes, 'pretrain/mae/s0').config).toMatchObject({ pretrain: { precision: 'bf16' } });
  });

  it('are refused where the source has not the subset, and where there are too many', async () => {
    const folder = edited('emoji: { source: emoji }', 'emoji: { source: folder, path: x }').replaceAll('emoji/animals, emoji/vehicles', 'emoji/all');
    await expect(nodesOf(folder)).rejects.toThrow(DataError);
    await expect(nodesOf(edited('seeds: 2', 'seeds: 1000').replace('  - { name: mae, method: mae }\n', Array.from({ length: 30 }, (_, i) => `  - { name: mae${i}, method: mae }\n`).join('')).replace('reference: mae', 'reference: mae-a'))).rejects.toThrow(SuiteError);
  });
});

describe('the encoders of an oracle', () => {
  it('share the training and its clusters with their owner, and are drawn and timed for nobody', async () => {
    const every = (options: JsonObject): readonly JsonObject[] => [1, 2].map((experts) => ({ ...options, experts }));
    const clusters = { count: 10, pool: 'mean', centred: true, algorithm: 'sinkhorn', epochs: 2, epsilon: 0.05, iterations: 3, temperature: 0.1, batch_size: 'auto', rate: 0.5, last_iterations: 100 } as const;
    const known: Registries = { ...registries, methods: { ...registries.methods, moce: method('moce', { clusters: () => clusters, searches: { options: ['experts'], every } }) } };
    const searching = { ...members, methods: { ...members.methods, moce: { ...members.methods['moce']!, everySearch: every } } };
    const text = edited('{ name: mae, method: mae }', '{ name: mae, method: mae }\n  - { name: moce, method: moce, start: mae, experts: 2, controls: [oracle] }').replace('reference: mae', 'reference: mae\nspeed: { batch_size: 8 }');
    const { jobs } = await makePlan('s', await suiteNodes(await readSuite(text, 's.yaml', searching), known), { code: { codeOf: (modules) => Promise.resolve({ hash: modules.join(), files: [], packages: [] }) } });
    const keyOf = (id: string): string => jobs.find((job) => job.id === id)!.key;
    for (const kind of ['cluster', 'pretrain']) expect([keyOf(`${kind}/moce+oracle0/s0`), keyOf(`${kind}/moce+oracle1/s0`)]).toEqual([keyOf(`${kind}/moce/s0`), keyOf(`${kind}/moce/s0`)]);
    const [first, second] = ['search/moce+oracle0/emoji/animals/s0', 'search/moce+oracle1/emoji/animals/s0'].map(keyOf);
    expect(second).toBe(keyOf('search/moce/emoji/animals/s0'));
    expect(first).not.toBe(second);
    expect(jobs.filter(({ kind, tags }) => kind === 'attention' && tags['entry']!.startsWith('moce')).map(({ tags }) => tags['entry'])).toEqual(['moce', 'moce']);
    const timed = jobs.filter(({ kind }) => kind === 'speed').flatMap(({ config }) => (config['entries'] as unknown as readonly { readonly name: string }[]).map(({ name }) => name));
    expect(timed).toEqual(['mae', 'moce', 'mae-a']);
  });
});

describe('a training that needs no clusters', () => {
  it('has no clustering, and its search reads none', async () => {
    const known: Registries = { ...registries, methods: { ...registries.methods, moce: method('moce', { clusters: () => undefined, searches: { options: [], every: (options) => [options] } }) } };
    const text = edited('{ name: mae, method: mae }', '{ name: mae, method: mae }\n  - { name: moce, method: moce, start: mae, controls: [] }');
    const nodes = await suiteNodes(await suiteOf(text), known);
    expect(nodes.filter(({ kind }) => kind === 'cluster')).toEqual([]);
    expect(node(nodes, 'pretrain/moce/s0').inputs).toEqual({ data: 'prepare/emoji', start: 'pretrain/mae/s0' });
    expect(node(nodes, 'search/moce/emoji/animals/s0').inputs).toEqual({ data: 'prepare/emoji', trained: 'pretrain/moce/s0' });
  });
});

describe('trainings that go on from others', () => {
  it('are refused before any is trained, where an option that shapes the weights is not the start\'s', async () => {
    const mae = { ...registries.methods['mae']!, startsFrom: { methods: ['mae'], required: false, alike: ['mask_ratio'] } };
    const known: Registries = { ...registries, methods: { ...registries.methods, mae } };
    const longer = (own: string): string => edited('{ name: mae, method: mae }', `{ name: mae, method: mae }\n  - { name: longer, method: mae, start: mae${own} }`);
    await expect(suiteNodes(await suiteOf(longer('')), known)).resolves.toBeDefined();
    await expect(suiteNodes(await suiteOf(longer(', mask_ratio: 0.5')), known)).rejects.toThrow('the entry longer goes on with the weights of mae, and has another mask_ratio: 0.5, where mae has 0.6');
    for (const spec of [maeSpec, moceSpec]) expect(spec.startsFrom!.alike).toEqual(['decoder']);
  });

  it('say from how many, one after the other', async () => {
    const nodes = await nodesOf(edited('{ name: mae, method: mae }', '{ name: mae, method: mae }\n  - { name: longer, method: mae, start: mae }\n  - { name: longest, method: mae, start: longer }'));
    const of = (entry: string): unknown => node(nodes, `pretrain/${entry}/s1`).config['continues'];
    expect(['mae', 'mae-a', 'scratch', 'longer', 'longest'].map(of)).toEqual([undefined, undefined, undefined, 1, 2]);
  });
});

describe('snapshots', () => {
  const text = edited('seeds: 2', 'seeds: 2\nsnapshots: { at: [0.5, 0.25] }');

  it('are judged by the protocols on features, each like the finished encoder, and are no part of a suite without them', async () => {
    const [nodes, plain] = [await nodesOf(text), await nodesOf(rightSuite)];
    const added = nodes.filter(({ tags }) => tags['snapshot'] !== undefined);
    // 2 entries that train, 2 shares, 2 tasks, 2 seeds: features and k-NN.
    expect(added.map(({ kind }) => kind).sort()).toEqual([...Array.from({ length: 16 }, () => 'features'), ...Array.from({ length: 16 }, () => 'transfer')]);
    const features = node(nodes, 'features/mae/emoji/animals/s1/at-0.25');
    const end = node(nodes, 'features/mae/emoji/animals/s1');
    expect(features).toEqual({ ...end, id: features.id, config: { ...end.config, snapshot: 0.25 }, tags: { ...end.tags, snapshot: '0.25' } });
    const [knn, last] = [node(nodes, 'transfer/mae/emoji/animals/knn/s1/at-0.25'), node(nodes, 'transfer/mae/emoji/animals/knn/s1')];
    expect(knn).toEqual({ ...last, id: knn.id, inputs: { ...last.inputs, features: features.id }, tags: { ...last.tags, snapshot: '0.25' } });

    const pretrain = node(nodes, 'pretrain/mae/s0');
    expect((pretrain.config['pretrain'] as { readonly snapshots?: unknown }).snapshots).toEqual([0.25, 0.5]);
    expect(pretrain.cost).toEqual({ ...node(plain, 'pretrain/mae/s0').cost, bytes: 3 * node(plain, 'pretrain/mae/s0').cost.bytes });
    expect(canonicalJson(plain.map(({ config }) => config))).not.toContain('snapshot');
    const others = (all: readonly JobNode[]) => all.filter(({ kind, tags }) => tags['snapshot'] === undefined && (kind !== 'pretrain' || tags['entry'] === 'scratch'));
    expect(others(nodes)).toEqual(others(plain));
  });

  it('are judged by other protocols that are named, which read them themselves', async () => {
    const nodes = await nodesOf(text.replace('[0.5, 0.25]', '[0.5], protocols: [fine-tune]'));
    expect(nodes.filter(({ kind, tags }) => kind === 'features' && tags['snapshot'] !== undefined)).toEqual([]);
    expect(node(nodes, 'transfer/mae/emoji/animals/fine-tune/s0/at-0.5')).toMatchObject({ inputs: { encoder: 'pretrain/mae/s0' }, config: { snapshot: 0.5 } });
  });

  it('of a method that searches are searched, and what is found is judged', async () => {
    const clusters = { count: 10, pool: 'mean', centred: true, algorithm: 'random', epochs: 1, epsilon: 0.05, iterations: 3, temperature: 0.1, batch_size: 'auto', rate: 0.5, last_iterations: 100 } as const;
    const known: Registries = { ...registries, methods: { ...registries.methods, moce: method('moce', { clusters: () => clusters, searches: { options: [], every: () => [] } }) } };
    const nodes = await suiteNodes(await suiteOf(text.replace('{ name: mae, method: mae }', '{ name: mae, method: mae }\n  - { name: moce, method: moce, start: mae, controls: [] }')), known);
    const search = node(nodes, 'search/moce/emoji/animals/s0/at-0.5');
    expect(search).toMatchObject({ config: { snapshot: 0.5 }, inputs: { encoder: 'pretrain/mae/s0', trained: 'pretrain/moce/s0' } });
    const features = node(nodes, 'features/moce/emoji/animals/s0/at-0.5');
    expect(features.inputs['encoder']).toBe(search.id);
    expect(features.config).not.toHaveProperty('snapshot');
  });

  it('are refused where two come to one step, or one to the end', async () => {
    // 35 and 12 steps of 256 are 10 epochs of 900 and of 300 images.
    await expect(nodesOf(text.replace('[0.5, 0.25]', '[0.5, 0.51]'))).rejects.toThrow('of the 35 steps of the entry mae, snapshots at 0.5, 0.51 come to 18, 18: two of one step, or one of none or of the end');
    await expect(nodesOf(text.replace('[0.5, 0.25]', '[0.04]'))).rejects.toThrow('of the 12 steps of the entry mae-a, snapshots at 0.04 come to 0:');
    await expect(nodesOf(text.replace('[0.5, 0.25]', '[0.96]'))).rejects.toThrow('snapshots at 0.96 come to 12:');
  });
});

it('a training of one step with a warm-up, whose only learning rate is 0, is refused', async () => {
  // 900 images in batches of 900, for one epoch.
  const suite = await suiteOf(edited('{ name: mae, method: mae }', '{ name: mae, method: mae, batch_size: 900, schedule: { epochs: 1 } }'));
  await expect(suiteNodes(suite, registries)).resolves.toBeDefined();
  const warmed = { ...suite, entries: suite.entries.map((entry) => ({ ...entry, options: { ...entry.options, warmup_epochs: 0.1 } })) };
  await expect(suiteNodes(warmed, registries)).rejects.toThrow('the entry mae trains for one step, and with a warm-up that step has a learning rate of 0');
});

describe('a length by FLOPs', () => {
  const clusters = { count: 10, pool: 'mean', centred: true, algorithm: 'sinkhorn', epochs: 2, epsilon: 0.05, iterations: 3, temperature: 0.1, batch_size: 'auto', rate: 0.5, last_iterations: 100 } as const;
  const known: Registries = { ...registries, methods: { ...registries.methods, moce: method('moce', { clusters: () => clusters, searches: { options: [], every: () => [] }, flopsPerImage: () => 1500 }) } };
  const text = edited('{ name: mae, method: mae }', '{ name: mae, method: mae }\n  - { name: moce, method: moce, start: mae }\n  - { name: alone, method: mae, schedule: { flops_of: moce } }');
  const forward = async (): Promise<number> => forwardFlops(vitConfig((await suiteOf(text)).model));

  it('is the fewest steps that reach the other entry with its start, features and clustering', async () => {
    const nodes = await suiteNodes(await suiteOf(text), known);
    // 10 epochs of 900 images are 35 steps of 256. Centres: 900 images, 10 of width 128, a start, two passes an epoch, an assignment.
    const clustering = 900 * (await forward()) + 2 * 900 * 10 * 128 * 6;
    const [start, own, step] = [35 * 256 * 1000, 35 * 256 * 1500, 256 * 1000];
    const flops = (id: string): number => node(nodes, id).cost.flops;
    expect([flops('pretrain/mae/s0'), flops('cluster/moce/s0'), flops('pretrain/moce/s0')]).toEqual([start, clustering, own]);
    for (const [id, total] of [['pretrain/mae+flops/s0', start + flops('pretrain/mae+flops/s0')], ['pretrain/alone/s0', flops('pretrain/alone/s0')]] as const) {
      expect(total - (start + clustering + own)).toBeGreaterThanOrEqual(0);
      expect(total - (start + clustering + own)).toBeLessThan(step);
      expect(flops(id) % step).toBe(0);
    }
    expect(flops('pretrain/mae+epochs/s0')).toBe(start);
  });

  it('is given to the job, and shown, as epochs of its own subset that come to those steps', async () => {
    const suite = await suiteOf(text);
    const nodes = await suiteNodes(suite, known);
    const { cost, config } = node(nodes, 'pretrain/mae+flops/s1');
    const { schedule } = config['pretrain'] as unknown as { readonly schedule: { readonly epochs: number } };
    expect(schedule).toEqual({ epochs: cost.images / 900, of: null });
    expect(pretrainSteps(900, schedule.epochs, 256) * 256).toBe(cost.images);
    const shown = withLengths(suite, nodes).entries.map(({ name, pretrain }) => [name, pretrain?.schedule]);
    expect(shown).toContainEqual(['mae+flops', { ...schedule, flops_of: 'moce' }]);
    expect(shown).toContainEqual(['moce', { epochs: 10, of: null }]);
  });

  it('of a control is told in the epochs of its owner, also in those of another subset', async () => {
    const suite = await suiteOf(text.replace('method: moce, start: mae }', 'method: moce, start: mae, schedule: { of: split-a } }'));
    const nodes = await suiteNodes(suite, known);
    const control = node(nodes, 'pretrain/mae+flops/s0');
    // 10 epochs of 300 images are 12 steps of 256: MoCE's. The control's are more, and as many to an epoch: 300 / 256.
    expect(node(nodes, 'pretrain/moce/s0').cost.images).toBe(12 * 256);
    const epochs = control.cost.images / 300;
    expect((control.config['pretrain'] as unknown as { readonly schedule: JsonObject }).schedule).toEqual({ epochs, of: 'split-a' });
    expect(pretrainSteps(300, epochs, 256) * 256).toBe(control.cost.images);
    expect(withLengths(suite, nodes).entries.find(({ name }) => name === 'mae+flops')!.pretrain!.schedule).toEqual({ epochs, of: 'split-a', flops_of: 'moce' });
  });

  it('is refused where the warm-up is longer than what comes of it', async () => {
    const mae = method('mae', { check: ({ model, options, epochs }) => autoencoderProblems(model, { decoder: { width: 64, depth: 8, heads: 4 }, warmup_epochs: options['mask_ratio'] === 0.5 ? 25 : 1 }, epochs) });
    const strict: Registries = { ...known, methods: { ...known.methods, mae } };
    await expect(suiteNodes(await suiteOf(text), strict)).resolves.toBeDefined();
    // mae takes 35 steps of 256, which are 9.96 epochs of 900 images.
    const slow = text.replace('name: alone, method: mae,', 'name: alone, method: mae, mask_ratio: 0.5,').replace('schedule: { flops_of: moce }', 'schedule: { flops_of: mae }');
    await expect(suiteNodes(await suiteOf(slow), strict)).rejects.toThrow(
      "the entry alone, as long as the FLOPs of mae: warmup_epochs 25 is not shorter than the schedule's 9.96 epochs: the learning rate would never reach its peak; a tenth of them would be 1",
    );
  });

  it('of a method that comes with controls takes that of the FLOPs alone: no training is as long in images', async () => {
    const moce = text.replace('method: moce, start: mae }', 'method: moce, start: mae, schedule: { flops_of: longer } }\n  - { name: longer, method: mae, schedule: { epochs: 40 } }');
    await expect(suiteOf(moce)).rejects.toThrow('the control mae+epochs is to see as many images as moce, whose length is counted in FLOPs of longer');
    await expect(suiteOf(moce.replace('{ flops_of: longer } }', '{ flops_of: longer }, controls: [flops] }'))).resolves.toBeDefined();
  });

  it('is refused where the start alone has taken more', async () => {
    const long = text.replace('name: alone, method: mae, schedule', 'name: alone, method: mae, start: long, schedule').replace('tasks:', '  - { name: long, method: mae, schedule: { epochs: 100000 } }\ntasks:');
    await expect(suiteNodes(await suiteOf(long), known)).rejects.toThrow('the entry alone is to take as many FLOPs as moce, and what it starts from has taken more');
  });
});

describe('costs', () => {
  it('of pre-training follow the schedule: epochs of the subset, or of another one', async () => {
    const nodes = await nodesOf(edited('{ name: mae, method: mae }', '{ name: mae, method: mae }\n  - { name: equal, method: mae, schedule: { of: split-a } }'));
    // 10 epochs of 900 images in batches of 256 are 35.16 steps, of 300 images 11.72.
    expect(node(nodes, 'pretrain/mae/s0').cost).toMatchObject({ images: 35 * 256, flops: 35 * 256 * 1000 });
    expect(node(nodes, 'pretrain/equal/s0').cost.images).toBe(12 * 256);
    expect(node(nodes, 'pretrain/mae-a/s0').cost.images).toBe(12 * 256);
    expect(node(nodes, 'pretrain/scratch/s0').cost).toMatchObject({ images: 0, flops: 0 });
  });

  it('of judging follow the task\'s sizes', async () => {
    const nodes = await nodesOf(rightSuite);
    // The class token and the mean patch token, float32 each.
    expect(node(nodes, 'features/mae/emoji/animals/s0').cost).toMatchObject({ images: 70, bytes: 70 * 2 * 4 * 128 });
    const [trained, evaluated] = [40 * 100, 10 * 10 + 20];
    expect(node(nodes, 'transfer/mae/emoji/animals/fine-tune/s0').cost).toMatchObject({ images: trained + evaluated, flops: (3 * trained + evaluated) * forwardFlops(vitConfig((await suiteOf(rightSuite)).model)) + 128_002_070 });
    expect(node(nodes, 'prepare/emoji').cost).toEqual({ images: 1000, flops: 0, bytes: 1000 * 32 * 32 * 4 });
  });

  it('count a ViT-B/16 forward pass as 17.56 G multiply-adds, the number that is generally given', () => {
    const vitBase = { name: 'vit_base', imageSize: 224, patchSize: 16, width: 768, depth: 12, heads: 12, mlpRatio: 4 };
    expect(forwardFlops(vitBase) / 2e9).toBeCloseTo(17.56, 1);
  });

  it.each([[900, 10, 256, 35], [300, 10, 256, 12], [10, 1, 256, 1], [512, 0.5, 256, 1]])('%i images, %f epochs, batches of %i: %i steps', (images, epochs, batch, steps) => {
    expect(pretrainSteps(images, epochs, batch)).toBe(steps);
  });
});
