import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { registries } from '../../src/catalog.js';
import { createCodeReader, defaultDist } from '../../src/runner/code.js';
import { makePlan } from '../../src/runner/plan.js';
import { temporaryFolder } from '../temporary-folder.js';
import { node } from './nodes.js';

const write = (root: string, files: Readonly<Record<string, string>>): void => {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
};

/** A small project as it lies in dist/. */
const smallProject = (): string => {
  const root = temporaryFolder();
  write(root, {
    'dist/jobs/pretrain.js': "import { loop } from '../training/loop.js';\nimport { augment } from '../data/augment.js';\nexport const pretrain = () => loop(augment);\nexport const lazy = () => import('../methods/mae.js');\n",
    'dist/jobs/transfer.js': "import { top1 } from '../metrics/top1.js';\nexport { top1 };\n",
    'dist/training/loop.js': "import { readFile } from 'node:fs/promises';\nimport lib from 'lib';\nimport { deep } from '@scope/pkg/deep.js';\nexport const loop = [readFile, lib, deep];\n",
    'dist/data/augment.js': "import { loop } from '../training/loop.js';\nexport const augment = () => loop;\n",
    'dist/metrics/top1.js': 'export const top1 = 1;\n',
    'dist/methods/mae.js': 'export const mae = 1;\n',
    'dist/report/html.js': "import { top1 } from '../metrics/top1.js';\nexport const html = top1;\n",
    'node_modules/lib/package.json': '{"name":"lib","version":"1.2.3"}',
    'node_modules/@scope/pkg/package.json': '{"name":"@scope/pkg","version":"4.5.6"}',
  });
  return root;
};

const codeOf = (root: string, ...modules: string[]) => createCodeReader(join(root, 'dist')).codeOf(modules);

describe('code of a job', () => {
  it('is the static closure with package versions; dynamic imports and Node are left out', async () => {
    const root = smallProject();
    const code = await codeOf(root, 'jobs/pretrain.js');
    expect(code.files).toEqual(['data/augment.js', 'jobs/pretrain.js', 'training/loop.js']);
    expect(code.packages).toEqual(['@scope/pkg@4.5.6', 'lib@1.2.3']);
    expect((await codeOf(root, 'methods/mae.js', 'jobs/pretrain.js')).files).toContain('methods/mae.js');
    expect((await codeOf(root, 'jobs/pretrain.js', 'methods/mae.js')).hash).toBe((await codeOf(root, 'methods/mae.js', 'jobs/pretrain.js')).hash);
  });

  it('changes with the augmentation for pre-training alone, and with the report for nobody', async () => {
    const root = smallProject();
    const before = [await codeOf(root, 'jobs/pretrain.js'), await codeOf(root, 'jobs/transfer.js')];
    write(root, { 'dist/report/html.js': 'export const html = 2;\n', 'dist/report/page.hbs': 'new' });
    expect([await codeOf(root, 'jobs/pretrain.js'), await codeOf(root, 'jobs/transfer.js')]).toEqual(before);
    write(root, { 'dist/data/augment.js': 'export const augment = () => 2;\n' });
    expect((await codeOf(root, 'jobs/pretrain.js')).hash).not.toBe(before[0]!.hash);
    expect((await codeOf(root, 'jobs/transfer.js')).hash).toBe(before[1]!.hash);
  });

  it('changes with the version of a library that is imported', async () => {
    const root = smallProject();
    const before = await codeOf(root, 'jobs/pretrain.js');
    write(root, { 'node_modules/lib/package.json': '{"name":"lib","version":"1.2.4"}' });
    expect((await codeOf(root, 'jobs/pretrain.js')).hash).not.toBe(before.hash);
  });

  it('changes with the version of a dependency that is loaded by require, as native code is', async () => {
    const root = smallProject();
    write(root, {
      'package.json': '{"dependencies":{"native":"1","unused":"1","@scope/pkg":"4"}}',
      'dist/metrics/top1.js': "import { createRequire } from 'node:module';\nconst PACKAGE = 'native';\ncreateRequire(import.meta.url)(PACKAGE);\nrequire('@scope/pkg/dist/x.js');\nexport const top1 = 'some text';\n",
      'node_modules/native/package.json': '{"version":"1.0.0"}',
    });
    const before = await codeOf(root, 'jobs/transfer.js');
    expect(before.packages).toEqual(['@scope/pkg@4.5.6', 'native@1.0.0']);
    write(root, { 'node_modules/native/package.json': '{"version":"1.0.1"}' });
    expect((await codeOf(root, 'jobs/transfer.js')).hash).not.toBe(before.hash);
  });

  it('holds the main of a thread, which is started by its URL', async () => {
    const root = smallProject();
    write(root, {
      'dist/metrics/top1.js': "new Worker(new URL('./thread.js', import.meta.url));\nexport const top1 = 1;\n",
      'dist/metrics/thread.js': "import '../data/augment.js';\n",
    });
    expect((await codeOf(root, 'metrics/top1.js')).files).toEqual(expect.arrayContaining(['data/augment.js', 'metrics/thread.js', 'metrics/top1.js']));
  });

  it('says which module is missing, and who imports it', async () => {
    const root = smallProject();
    write(root, { 'dist/metrics/top1.js': "import './gone.js';\n" });
    await expect(codeOf(root, 'jobs/transfer.js')).rejects.toThrow('metrics/gone.js does not exist (imported by metrics/top1.js)');
    await expect(codeOf(root, 'jobs/none.js')).rejects.toThrow('jobs/none.js does not exist');
  });
});

describe.skipIf(!existsSync(join(defaultDist(), 'jobs', 'pretrain.js')))('code of this project\'s jobs', () => {
  it('holds the augmentation for pre-training, and nothing of the report or the runner for any job', async () => {
    const reader = createCodeReader(defaultDist());
    const pretrain = await reader.codeOf(['jobs/pretrain.js']);
    expect(pretrain.files.some((file) => file.startsWith('data/augment/'))).toBe(true);
    expect(pretrain.files.some((file) => file.startsWith('training/'))).toBe(true);
    expect(pretrain.files).toContain('data/loader/thread.js');
    expect((await reader.codeOf(['jobs/transfer.js', 'protocols/fine-tune/run.js'])).files).toContain('data/loader/thread.js');
    for (const kind of ['prepare', 'pretrain', 'features', 'transfer']) {
      const { files } = await reader.codeOf([`jobs/${kind}.js`]);
      expect(files.filter((file) => /^(report|runner|cli|suite)\//.test(file))).toEqual([]);
      expect(files.filter((file) => file === 'catalog.js')).toEqual([]);
    }
  });

  it('holds the tensor library with its native half, and both halves of the engine', async () => {
    const { files, packages } = await createCodeReader(defaultDist()).codeOf(['jobs/pretrain.js']);
    expect(packages).toEqual(expect.arrayContaining(['@tensorflow/tfjs-core@4.22.0', '@tensorflow/tfjs-node-gpu@4.22.0']));
    expect(files).toEqual(expect.arrayContaining(['engine/kernels/shape.js', 'engine/trace/compile.js', 'engine/trace/adamw.js']));
  });

  it('holds no registry: another source, method or protocol changes nothing', async () => {
    const reader = createCodeReader(defaultDist());
    const known = await registries();
    const source = known.sources['emoji']!.modules;
    const others = new Set(Object.values(known.sources).filter(({ name }) => name !== 'emoji').flatMap(({ modules }) => modules));
    expect(others.size).toBeGreaterThan(1);
    const jobs = [
      ['jobs/prepare.js', ...source],
      ['jobs/features.js', ...source],
      ...Object.values(known.methods).map(({ modules }) => ['jobs/pretrain.js', ...modules, ...source]),
      ...Object.values(known.protocols).map(({ modules }) => ['jobs/transfer.js', ...modules, ...source]),
    ];
    // Methods that are built from another's parts: an edit of those must run them again.
    const builtOn: Readonly<Record<string, readonly string[]>> = { mixedae: ['mae'], moce: ['mae', 'clustering'], upernet: ['dense', 'fine-tune'], 'linear-segmentation': ['dense', 'fine-tune'], 'mask-rcnn': ['dense', 'fine-tune'] };
    for (const modules of jobs) {
      const { files } = await reader.codeOf(modules);
      expect(files.filter((file) => /^(data\/sources|methods|protocols)\/index\.js$/.test(file))).toEqual([]);
      const own = /^(?:methods|protocols)\/([\w-]+)\//.exec(modules[1]!)?.[1] ?? '';
      const members = new Set(files.flatMap((file) => /^(?:methods|protocols)\/([\w-]+)\//.exec(file)?.[1] ?? []));
      expect([...members].filter((name) => name !== own && !(builtOn[own] ?? []).includes(name)), modules.join()).toEqual([]);
      expect(files.filter((file) => others.has(file))).toEqual([]);
    }
  });

  it('runs pre-training again after an edit of the augmentation, and nothing after an edit of the report', async () => {
    const root = temporaryFolder();
    const dist = join(root, 'dist');
    cpSync(defaultDist(), dist, { recursive: true });
    cpSync(join(defaultDist(), '..', 'package.json'), join(root, 'package.json'));
    const packages = (await createCodeReader(defaultDist()).codeOf(['jobs/pretrain.js', 'jobs/transfer.js'])).packages;
    for (const one of packages) {
      const at = one.lastIndexOf('@');
      write(root, { [`node_modules/${one.slice(0, at)}/package.json`]: JSON.stringify({ version: one.slice(at + 1) }) });
    }
    const hashes = async () => Promise.all(['jobs/pretrain.js', 'jobs/transfer.js'].map(async (module) => (await createCodeReader(dist).codeOf([module])).hash));
    const before = await hashes();
    writeFileSync(join(dist, 'report', 'index.js'), `${readFileSync(join(dist, 'report', 'index.js'), 'utf8')}\nexport const edited = 1;\n`);
    expect(await hashes()).toEqual(before);
    const augment = join(dist, 'data', 'augment', 'index.js');
    writeFileSync(augment, `${readFileSync(augment, 'utf8')}\nexport const edited = 1;\n`);
    expect((await hashes())[0]).not.toBe(before[0]);
  });
});

describe('makePlan', () => {
  const keysOf = async (...nodes: Parameters<typeof makePlan>[1]) => Object.fromEntries((await makePlan('s', nodes)).jobs.map(({ id, key }) => [id, key]));

  it('puts inputs first and keeps the given order otherwise', async () => {
    const plan = await makePlan('s', [node('c', { inputs: { x: 'b' } }), node('a'), node('b', { inputs: { x: 'a' } }), node('d')]);
    expect(plan.jobs.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('handles chains that are deeper than the call stack', async () => {
    const nodes = Array.from({ length: 20_000 }, (_, i) => node(`n${i}`, i === 0 ? {} : { inputs: { x: `n${i - 1}` } })).reverse();
    const { inputsFirst } = await import('../../src/runner/order.js');
    const order = inputsFirst(nodes);
    expect(order[0]!.id).toBe('n0');
    expect(order).toHaveLength(20_000);
  });

  it('refuses cycles, unknown inputs and doubled ids by name', async () => {
    await expect(makePlan('s', [node('a', { inputs: { x: 'c' } }), node('b', { inputs: { x: 'a' } }), node('c', { inputs: { x: 'b' } })])).rejects.toThrow('a -> c -> b -> a');
    await expect(makePlan('s', [node('a', { inputs: { x: 'a' } })])).rejects.toThrow('a -> a');
    await expect(makePlan('s', [node('prepare/x'), node('b', { inputs: { data: 'prepare/y' } })])).rejects.toMatchObject({ message: 'b reads prepare/y, which is no job of the plan (did you mean "prepare/x"?)' });
    await expect(makePlan('s', [node('a'), node('a')])).rejects.toThrow('Two jobs of the plan are called a');
  });

  it('makes keys of config, kind, threads and inputs, not of names, tags and costs', async () => {
    const base = await keysOf(node('a'), node('b', { inputs: { data: 'a' } }));
    const same = await keysOf(node('z', { config: { seed: 0, ms: 1, steps: 2, name: 'a' }, tags: { entry: 'x' }, cost: { images: 9, flops: 9, bytes: 9 } }));
    expect(same['z']).toBe(base['a']);
    expect(base['a']).toMatch(/^[0-9a-f]{64}$/);
    const changed = [
      await keysOf(node('a', { config: { name: 'a', steps: 2, ms: 1, seed: 1 } }), node('b', { inputs: { data: 'a' } })),
      await keysOf(node('a', { threads: 2 }), node('b', { inputs: { data: 'a' } })),
      await keysOf(node('a', { kind: 'watch' }), node('b', { inputs: { data: 'a' } })),
    ];
    for (const keys of changed) {
      expect(keys['a']).not.toBe(base['a']);
      expect(keys['b']).not.toBe(base['b']);
    }
    // What changes no result is in the config for people, and not in the key.
    const placed = (where: string, more = {}) => node('a', { config: { name: 'a', steps: 2, ms: 1, seed: 0, data: { path: where, sides: {} }, ...more }, unkeyed: [['data', 'path'], ['not', 'there'], ['steps', 'deeper']] });
    expect(await keysOf(placed('/here'))).toEqual(await keysOf(placed('/there')));
    expect(await keysOf(placed('/here'))).not.toEqual(await keysOf(placed('/here', { data: { path: '/here', sides: { a: 'A' } } })));
    expect((await makePlan('s', [placed('/here')])).jobs[0]!.config).toMatchObject({ data: { path: '/here' } });
    // The role of an input is part of the key.
    expect((await keysOf(node('a'), node('b', { inputs: { encoder: 'a' } })))['b']).not.toBe(base['b']);
  });
});
