import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { openedDevice } from '../../../src/engine/device.js';
import { fromAddon, nodeHeaders } from '../../../src/engine/runtime/addon.js';
import { CUDA_LIBRARIES } from '../../../src/engine/runtime/cuda-libraries.js';
import { cacheFolder } from '../../../src/cache-folder.js';
import { ensureRuntime, runtimeStatus, verifyRuntime, type Runtime, type SetUpProgress } from '../../../src/engine/runtime/index.js';
import { fakeCuda, fakeSmi } from './fake-gpu.js';
import { describeFile, MANIFEST, writeManifest } from '../../../src/engine/runtime/manifest.js';

/** The real runtime of this user; the tests of it use copies of its small parts. */
let real: Runtime;
let folder: string;
beforeAll(async () => {
  real = await ensureRuntime({ device: 'cpu' });
}, 600_000);
beforeEach(() => {
  vi.stubEnv('MASKBENCH_DEVICE', 'cpu');
  folder = mkdtempSync(join(tmpdir(), 'maskbench-runtime-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

it('the addon looks for its libraries from its own folder, so that the cache may be moved', () => {
  expect(fromAddon('/cache/addons/a', '/cache/runtimes/r')).toBe('$ORIGIN/../../runtimes/r');
  if (real.source !== 'folder') expect(readFileSync(real.addon).includes('$ORIGIN/../../runtimes/')).toBe(true);
});

it.skipIf(process.platform !== 'linux')('a cache folder that cannot be made is an error at once', async () => {
  vi.stubEnv('MASKBENCH_CACHE', '/proc/maskbench/cache');
  await expect(ensureRuntime({ device: 'cpu' })).rejects.toThrow(/the cache folder cannot be made/);
}, 10_000);

it.skipIf(process.platform !== 'linux')('a full disk of the cache is an error that names it and says what to do', async (context) => {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4k', 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    context.skip('only root may mount');
  }
  try {
    vi.stubEnv('MASKBENCH_CACHE', folder);
    vi.stubEnv('MASKBENCH_TENSORFLOW', real.libraries);
    writeFileSync(join(folder, 'fills it'), Buffer.alloc(4096));
    await expect(ensureRuntime({ device: 'cpu' })).rejects.toMatchObject({
      kind: 'engine', where: folder, message: expect.stringMatching(/^TensorFlow could not be set up: ENOSPC/) as string, fix: expect.stringContaining('MASKBENCH_CACHE') as string,
    });
  } finally {
    execFileSync('umount', [folder]);
  }
});

/** A cache with the user's addon, and stand-ins in the place of the large libraries. */
async function smallCache(): Promise<{ readonly libraries: string; readonly addon: string }> {
  vi.stubEnv('MASKBENCH_CACHE', folder);
  vi.stubEnv('MASKBENCH_TENSORFLOW', '');
  const name = 'tensorflow-cpu-2.21.0-linux-x64';
  const libraries = join(folder, 'runtimes', name);
  mkdirSync(join(libraries, 'include', 'tensorflow', 'c'), { recursive: true });
  writeFileSync(join(libraries, 'include', 'tensorflow', 'c', 'c_api.h'), '');
  const files = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
  for (const file of files) writeFileSync(join(libraries, file), `stands in for ${file}`);
  await writeManifest(libraries, { schema: 1, version: '2.21.0', source: 'test', files: Object.fromEntries(await Promise.all(files.map(async (file) => [file, await describeFile(join(libraries, file))] as const))) });
  const addons = join(folder, 'addons', (await addonFolderName()));
  mkdirSync(addons, { recursive: true });
  cpSync(dirname(real.addon), addons, { recursive: true });
  return { libraries, addon: join(addons, 'tfjs_binding.node') };
}
const addonFolderName = async (): Promise<string> => `tfjs-4.22.0-tensorflow-2.21.0-napi8-abi${process.versions.modules}-linux-x64`;

describe.runIf(process.platform === 'linux' && process.arch === 'x64')('the state of the runtime', () => {
  it('is absent in an empty cache, and nothing is made by asking', async () => {
    vi.stubEnv('MASKBENCH_CACHE', join(folder, 'none'));
    vi.stubEnv('MASKBENCH_TENSORFLOW', '');
    expect(await runtimeStatus()).toMatchObject({ state: 'absent', cache: join(folder, 'none') });
    expect(existsSync(join(folder, 'none'))).toBe(false);
  });

  it('is ready when libraries and addon are there in their sizes', async () => {
    const { addon, libraries } = await smallCache();
    expect(await runtimeStatus()).toEqual({ state: 'ready', cache: folder, runtime: { addon, libraries: realpathSync(libraries), version: '2.21.0', source: 'wheel', device: 'cpu', gpus: null } });
    expect(await ensureRuntime({ onProgress: () => { throw new Error('worked'); } })).toMatchObject({ addon });
  });

  it('is damaged when a library was cut short', async () => {
    const { libraries } = await smallCache();
    truncateSync(join(libraries, 'libtensorflow_cc.so.2'), 3);
    const status = await runtimeStatus();
    expect(status).toMatchObject({ state: 'damaged' });
    expect(JSON.stringify(status)).toContain('libtensorflow_cc.so.2 has 3 bytes instead of');
  });

  it('is damaged when the addon is gone', async () => {
    const { addon } = await smallCache();
    rmSync(addon);
    expect(JSON.stringify(await runtimeStatus())).toContain('tfjs_binding.node is missing');
  });

  it('is found damaged by verify, and by nothing cheaper, when a byte changed', async () => {
    const { addon } = await smallCache();
    const bytes = readFileSync(addon);
    bytes[1000]! ^= 1;
    writeFileSync(addon, bytes);
    expect((await runtimeStatus()).state).toBe('ready');
    const status = await verifyRuntime();
    expect(status.state).toBe('damaged');
    expect(JSON.stringify(status)).toContain('SHA-256');
  });

  it('is absent when the manifest, which is written last, is not there', async () => {
    const { libraries } = await smallCache();
    rmSync(join(libraries, MANIFEST));
    expect((await runtimeStatus()).state).toBe('absent');
  });
});

describe('a folder that the user names', () => {
  it.each<[string, (folder: string) => void, RegExp]>([
    ['that is not there', (path) => rmSync(path, { recursive: true }), /no such folder/],
    ['without libraries', () => {}, /no TensorFlow library/],
    ['without headers', (path) => { for (const file of ['libtensorflow.so.2', 'libtensorflow_framework.so.2']) writeFileSync(join(path, file), ''); }, /C headers .* are missing/],
  ])('%s is refused with what to do', async (_, arrange, message) => {
    const named = join(folder, 'tf');
    mkdirSync(named);
    arrange(named);
    vi.stubEnv('MASKBENCH_TENSORFLOW', named);
    const error = await ensureRuntime().catch((reason: unknown) => reason as Error & { describe(): string });
    expect((error as Error).message).toMatch(message);
    expect((error as { describe(): string }).describe()).toContain(`MASKBENCH_TENSORFLOW=${named}`);
  });

  it.runIf(process.platform === 'linux' && process.arch === 'x64')('gets an addon of its own, which loads with the CUDA libraries that lie beside it', async () => {
    const site = join(folder, 'site, packages');
    mkdirSync(join(site, 'tensorflow'), { recursive: true });
    for (const name of ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2', 'include']) symlinkSync(join(real.libraries, name), join(site, 'tensorflow', name));
    fakeCuda(site);
    const cache = join(folder, 'cache');
    vi.stubEnv('MASKBENCH_CACHE', cache);
    vi.stubEnv('MASKBENCH_TENSORFLOW', site);
    vi.stubEnv('MASKBENCH_DEVICE', 'cuda');
    vi.stubEnv('PATH', fakeSmi(folder));
    const phases: SetUpProgress['phase'][] = [];
    const runtime = await ensureRuntime({ onProgress: ({ phase }) => phases.push(phase) });
    expect(new Set(phases)).toEqual(new Set(['build']));
    expect(runtime).toMatchObject({ source: 'folder', libraries: realpathSync(join(site, 'tensorflow')), device: 'cuda', gpus: { present: true } });
    expect(readdirSync(cache).sort()).toEqual(['addons', 'logs']);
    const program = `
      const binding = require(${JSON.stringify(runtime.addon)});
      const loaded = require('node:fs').readFileSync('/proc/self/maps', 'utf8');
      console.log(JSON.stringify({ version: binding.TF_Version, gpu: binding.isUsingGpuDevice(), cuda: ${JSON.stringify(CUDA_LIBRARIES)}.filter((name) => loaded.includes(name)) }));
    `;
    const { stdout, stderr } = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' });
    expect(JSON.parse(stdout || JSON.stringify(stderr))).toEqual({ version: expect.stringMatching(/^2\.\d+\.\d+/), gpu: false, cuda: CUDA_LIBRARIES });
    expect(() => openedDevice(runtime, false)).toThrow(/does not use the GPU/);
  }, 240_000);

  it.runIf(process.platform === 'linux')('names the log and what is needed when there is no compiler', async () => {
    vi.stubEnv('MASKBENCH_CACHE', join(folder, 'cache'));
    vi.stubEnv('MASKBENCH_TENSORFLOW', real.libraries);
    vi.stubEnv('CXX', '/nowhere/g++');
    const error = (await ensureRuntime().catch((reason: unknown) => reason)) as Error & { describe(): string };
    expect(error.message).toMatch(/could not be built/);
    expect(error.describe()).toMatch(/Log: .*set-up-.*\.log/);
    expect(error.describe()).toContain('apt install g++');
    expect(error.message).toContain('/nowhere/g++: not there');
  }, 120_000);
});

it("finds Node's headers where npm_config_nodedir says", async () => {
  expect(await nodeHeaders({ npm_config_nodedir: '/somewhere' })).toBe('/somewhere');
});

it('keeps its cache where MASKBENCH_CACHE says, else in the place of the platform', () => {
  expect(cacheFolder({ MASKBENCH_CACHE: '/c' })).toBe('/c');
  expect(cacheFolder({})).toMatch(/maskbench$/);
});
