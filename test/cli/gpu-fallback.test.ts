import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { REQUIRED_LIBRARIES } from '../../src/engine/runtime/cuda-libraries.js';
import { cannotOpen } from '../../src/engine/runtime/fallback.js';
import { ensureRuntime } from '../../src/engine/runtime/index.js';
import { writeManifest } from '../../src/engine/runtime/manifest.js';
import { fakeSmi } from '../engine/runtime/fake-gpu.js';
import { maskbench, type Outcome } from './command.js';

/**
 * A machine with an NVIDIA GPU, as far as nvidia-smi tells, and a runtime for CUDA without CUDA's libraries: TensorFlow loads
 * and uses the CPU without a word. Its libraries are those of this user's runtime for the CPU.
 */
const folder = mkdtempSync(join(tmpdir(), 'maskbench-gpu-fallback-'));
const at = (...path: readonly string[]): string => join(folder, ...path);
const missing = process.platform === 'linux' && process.arch === 'x64' ? REQUIRED_LIBRARIES.filter((name) => cannotOpen(name) !== null) : [];
const real = await ensureRuntime({ device: 'cpu' });
let path = '';

async function arrangeCache(): Promise<void> {
  const cuda = at('cache', 'runtimes', `tensorflow-${real.version}-cuda-linux-x64`);
  mkdirSync(join(cuda, 'tensorflow'), { recursive: true });
  for (const name of ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2', 'include']) symlinkSync(join(real.libraries, name), join(cuda, 'tensorflow', name));
  await writeManifest(cuda, { schema: 1, version: real.version, source: 'test', files: {} });
  symlinkSync(real.libraries, at('cache', 'runtimes', basename(real.libraries)));
  const addon = dirname(real.addon);
  for (const name of [basename(addon), basename(addon).replace(/-napi/, '-cuda-napi')]) cpSync(addon, at('cache', 'addons', name), { recursive: true });
}

/** Four pictures of two classes, to train on and to test. */
async function arrangeData(): Promise<void> {
  for (const split of ['train', 'test']) {
    for (const [name, colour] of [['red', '#f00'], ['blue', '#00f']] as const) {
      mkdirSync(at('data', split, name), { recursive: true });
      for (let i = 0; i < 4; i++) await sharp({ create: { width: 32 + i, height: 32, channels: 3, background: colour } }).png().toFile(at('data', split, name, `${i}.png`));
    }
  }
  writeFileSync(at('suite.yaml'), `name: fallback
seeds: 1
model: { name: custom, image_size: 32, patch_size: 8, width: 32, depth: 1, heads: 2 }
data: { dots: { source: folder, path: ${at('data')} } }
entries: [{ name: scratch, method: scratch }]
tasks: [dots/all]
protocols: { knn: { k: 1 } }
`);
}

const command = (...args: readonly string[]): Promise<Outcome> =>
  maskbench(args, { env: { PATH: path, MASKBENCH_CACHE: at('cache'), MASKBENCH_TENSORFLOW: '', MASKBENCH_STORE: at('store') } });
const run = (...args: readonly string[]): Promise<Outcome> => command('run', at('suite.yaml'), '--out', at('out'), '--workers', '1', '--loaders', '0', ...args);

/** Elsewhere libraries or addons have other names, or there is a CUDA that could be used. */
describe.runIf(real.source === 'wheel' && missing.length > 0)('a GPU that TensorFlow passes over without a word', () => {
  beforeAll(async () => {
    await arrangeCache();
    await arrangeData();
    path = fakeSmi(folder);
  });
  beforeEach(() => {
    for (const name of ['CUDA_VISIBLE_DEVICES', 'MASKBENCH_DEVICE']) vi.stubEnv(name, undefined);
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it.each<[string, () => Promise<Outcome>]>([
    ['engine --device cuda', () => command('engine', '--device', 'cuda')],
    ['run --device cuda', () => run('--device', 'cuda')],
  ])('%s ends with one error that names the libraries, and makes nothing', async (_, start) => {
    const { code, stdout, stderr } = await start();
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.match(/does not use the GPU and would compute on the CPU/g)).toHaveLength(1);
    for (const name of missing) expect(stderr).toMatch(new RegExp(`^ +- ${name.replaceAll('.', '\\.')}: cannot open shared object file`, 'm'));
    expect(stderr).toContain('engine install --device cuda --again');
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(existsSync(at('out', 'results.json'))).toBe(false);
  });

  it('engine, under auto, shows the CPU and says why', async () => {
    const { code, stdout } = await command('engine');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^device +cpu \(/m);
    expect(stdout).toMatch(/The CPU computes \(device auto\): .*\(NVIDIA H100 80GB HBM3\): .*libcudnn\.so\.9: cannot open/);
  });

  it('run, under auto, says once why the CPU computes, and no result says otherwise', async () => {
    const { code, stderr } = await run();
    expect({ code, said: stderr.match(/The CPU computes \(device auto\): .*libcudnn\.so\.9: cannot open/g)?.length }).toEqual({ code: 0, said: 1 });
    const { results } = JSON.parse(readFileSync(at('out', 'results.json'), 'utf8')) as { readonly results: readonly { readonly kind: string; readonly environment: { readonly engine: { readonly device: string } | null } }[] };
    const devices = results.map(({ kind, environment: { engine } }) => `${kind}: ${engine?.device ?? 'no tensors'}`);
    expect(devices).toContain('transfer: cpu');
    expect(devices.join(', ')).not.toMatch(/cuda|gpu/);
  });

  it('plan, under auto, estimates the CPU and says why', async () => {
    const { code, stdout, stderr } = await command('plan', at('suite.yaml'), '--store', at('no-store'), '--json');
    const { times } = JSON.parse(stdout) as { readonly times: { readonly state: string; readonly wallSeconds?: number } };
    expect({ code, times, said: stderr.match(/The CPU computes \(device auto\): .*libcudnn\.so\.9: cannot open/g)?.length }).toEqual({ code: 0, times: expect.objectContaining({ state: 'estimated' }), said: 1 });
  });

  it.each<[string, readonly string[]]>([['where nothing is left to run', []], ['beside others that run', ['--seeds', '2']]])('what the CPU computed then was made here, %s', async (_, more) => {
    const { code, stdout } = await run('--json', ...more);
    const { counts, foreign } = JSON.parse(stdout) as { readonly counts: Readonly<Record<string, number>>; readonly foreign: readonly string[] };
    expect({ code, foreign }).toEqual({ code: 0, foreign: [] });
    expect(counts['cached']).toBeGreaterThan(1);
    expect(counts['done']! > 0).toBe(more.length > 0);
  });
}, 240_000);
