import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chooseDevice, deviceOfEnvironment } from '../../../src/engine/runtime/device.js';
import { deviceMemory, findGpus, parseGpu, usesTf32, usesXla, type GpuSearch } from '../../../src/engine/runtime/gpu.js';
import { hasCuda } from '../../../src/engine/runtime/platform.js';
import type { EngineError } from '../../../src/errors.js';
import { A100, fakeSmi, H100 } from './fake-gpu.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'maskbench-gpu-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const h100 = { index: 0, uuid: 'GPU-11111111-aaaa', name: 'NVIDIA H100 80GB HBM3', driver: '550.54.15', memoryBytes: 81559 * 2 ** 20, computeCapability: '9.0' };
/** A machine of which only what a test puts there is to be seen. */
const search = (environment: NodeJS.ProcessEnv): Promise<GpuSearch> => findGpus({ environment, root: folder });
const put = (path: string, text: string): void => {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), text);
};

describe('the search for GPUs', () => {
  it('reads what nvidia-smi tells', async () => {
    expect(await search({ PATH: fakeSmi(folder, { gpus: [H100, A100] }) })).toMatchObject({ present: true, driver: '550.54.15', gpus: [h100, { index: 1, computeCapability: '8.0' }] });
  });

  it('asks an old driver without the field that it does not know', async () => {
    expect(await search({ PATH: fakeSmi(folder, { unknown: 'compute_cap' }) })).toMatchObject({ present: true, gpus: [{ ...h100, computeCapability: null }] });
  });

  it('says of everything that it looked for what came of it', async () => {
    const { present, looked, driver } = await search({ PATH: '/nowhere' });
    expect({ present, driver }).toEqual({ present: false, driver: null });
    expect(looked).toEqual(['nvidia-smi: not there (it comes with the driver)', '/proc/driver/nvidia/version: not there', '/dev/nvidia0: not there']);
  });

  it('sees a device of which nvidia-smi does not tell, with the driver that the kernel tells', async () => {
    put('proc/driver/nvidia/version', 'NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.104.05  Sat Aug 19 01:15:15 UTC 2023\nGCC version: 12\n');
    expect(await search({ PATH: '/nowhere' })).toMatchObject({ present: false, driver: '535.104.05' });
    put('dev/nvidia0', '');
    expect(await search({ PATH: '/nowhere' })).toMatchObject({ present: true, gpus: [], driver: '535.104.05' });
    put('proc/driver/nvidia/version', 'NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  560.35.03  Release Build\n');
    expect(await search({ PATH: '/nowhere' })).toMatchObject({ driver: '560.35.03' });
  });

  it('finds none where nvidia-smi lists none', async () => {
    expect(await search({ PATH: fakeSmi(folder, { gpus: ['No devices were found'] }) })).toMatchObject({ present: false, gpus: [] });
  });

  it.each<[string, boolean, readonly number[]]>([
    ['1', true, [1]], ['1,0', true, [1, 0]], ['GPU-2222', true, [1]], ['MIG-3333', true, []],
    ['', false, []], ['-1', false, []], ['-1,0', false, []],
  ])('follows CUDA_VISIBLE_DEVICES=%s', async (visible, present, indices) => {
    const found = await search({ PATH: fakeSmi(folder, { gpus: [H100, A100] }), CUDA_VISIBLE_DEVICES: visible });
    expect(found.present).toBe(present);
    expect(found.gpus.map(({ index }) => index)).toEqual(indices);
    if (!present) expect(found.looked.join('\n')).toContain(`CUDA_VISIBLE_DEVICES='${visible}' hides every GPU`);
  });

  it('takes nothing else for a GPU', () => {
    expect(parseGpu('')).toBeNull();
    expect(parseGpu('NVIDIA-SMI has failed because it could not communicate with the NVIDIA driver.')).toBeNull();
    expect(parseGpu('0, GPU-1, NVIDIA A10')).toBeNull();
  });
});

describe('memory of a GPU', () => {
  const of = (answer: Parameters<typeof fakeSmi>[1]): ReturnType<typeof deviceMemory> => deviceMemory('GPU-11111111-aaaa', 4242, { PATH: fakeSmi(folder, answer) });

  it('is that of the process where it is listed', () => {
    expect(of({ apps: ['17, 9000', '4242, 1536'], used: 10_600 })).toEqual({ bytes: 1536 * 2 ** 20, of: 'process' });
  });
  it('is that of the whole GPU, and named so, where the process is not listed', () => {
    expect(of({ apps: ['17, 9000'], used: 10_600 })).toEqual({ bytes: 10_600 * 2 ** 20, of: 'device' });
    expect(of({ apps: ['4242, [N/A]'], used: 700 })).toEqual({ bytes: 700 * 2 ** 20, of: 'device' });
  });
  it('is null where nothing is known', () => {
    expect(of({})).toBeNull();
    expect(deviceMemory('GPU-1', 1, { PATH: '/nowhere' })).toBeNull();
  });
});

it('knows which GPUs round float32 products to TF32, and that the driver can be told not to', () => {
  expect(usesTf32({ computeCapability: '7.5' }, {})).toBe(false);
  expect(usesTf32({ computeCapability: '8.0' }, {})).toBe(true);
  expect(usesTf32({ computeCapability: '10.0' }, {})).toBe(true);
  expect(usesTf32({ computeCapability: null }, {})).toBeNull();
  expect(usesTf32({ computeCapability: '9.0' }, { NVIDIA_TF32_OVERRIDE: '0' })).toBe(false);
});

it.each([
  [undefined, false], ['--tf_xla_cpu_global_jit', false], ['--tf_xla_auto_jit=2', true], ['--tf_xla_min_cluster_size=2 --tf_xla_auto_jit=1', true], ['--tf_xla_auto_jit=2 --tf_xla_auto_jit=0', false],
])('knows whether XLA compiles clusters under TF_XLA_FLAGS=%s', (flags, on) => {
  expect(usesXla({ TF_XLA_FLAGS: flags })).toBe(on);
});

describe('the choice of a device', () => {
  const none: GpuSearch = { present: false, gpus: [], driver: null, looked: ['nvidia-smi: not there'] };
  const one: GpuSearch = { present: true, gpus: [h100], driver: h100.driver, looked: [] };

  it('cpu looks for no GPU', async () => {
    expect(await chooseDevice('cpu', () => Promise.reject(new Error('looked')))).toEqual({ device: 'cpu', gpus: null });
  });
  it.runIf(hasCuda())('auto is cuda where a GPU is, else cpu', async () => {
    expect(await chooseDevice('auto', () => Promise.resolve(one))).toEqual({ device: 'cuda', gpus: one });
    expect(await chooseDevice('auto', () => Promise.resolve(none))).toEqual({ device: 'cpu', gpus: none });
  });
  it('cuda without a GPU is refused with what was looked for', async () => {
    const error = await chooseDevice('cuda', () => Promise.resolve(none)).catch((reason: unknown) => reason as EngineError);
    expect((error as EngineError).describe()).toMatch(/device cuda: there is no NVIDIA GPU here\. Looked for:\n {4}- nvidia-smi: not there\n.*--gpus all/s);
  });
  it('comes from MASKBENCH_DEVICE, and a wrong name is an error', () => {
    expect(deviceOfEnvironment({})).toBe('auto');
    expect(deviceOfEnvironment({ MASKBENCH_DEVICE: '' })).toBe('auto');
    expect(deviceOfEnvironment({ MASKBENCH_DEVICE: 'cuda' })).toBe('cuda');
    expect(() => deviceOfEnvironment({ MASKBENCH_DEVICE: 'gpu' })).toThrow(/there is no device 'gpu'/);
  });
});
