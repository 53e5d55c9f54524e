import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openedDevice, prepareDevice } from '../../../src/engine/device.js';
import { CUDA_LIBRARIES } from '../../../src/engine/runtime/cuda-libraries.js';
import { cannotOpen, compareVersions, fallbackError, fallbackFacts } from '../../../src/engine/runtime/fallback.js';
import { parseGpu, type GpuSearch } from '../../../src/engine/runtime/gpu.js';
import { A100, fakeCuda, H100 } from './fake-gpu.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'maskbench-fallback-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const gpu = parseGpu(H100)!;
const gpus: GpuSearch = { present: true, gpus: [gpu], driver: gpu.driver, looked: [] };

describe.runIf(process.platform === 'linux')("libraries that TensorFlow's start needs", () => {
  it('are asked of the dynamic linker', () => {
    expect(cannotOpen('libc.so.6')).toBeNull();
    expect(cannotOpen('libnowhere.so.12')).toMatch(/libnowhere\.so\.12: cannot open shared object file/);
  });

  it('are named where they are missing, and not where they lie beside TensorFlow', () => {
    const paths = fakeCuda(folder);
    const libraries = join(folder, 'tensorflow');
    expect(fallbackFacts(libraries, gpus).missing).toEqual([]);
    for (const path of paths.filter((name) => /cusolver|cudnn/.test(name))) rmSync(path);
    const { missing } = fallbackFacts(libraries, gpus, (library) => (library.startsWith('/') ? cannotOpen(library) : `${library}: not installed`));
    expect(missing).toEqual(['libcusolver.so.11: not installed', 'libcudnn.so.9: not installed']);
  });
});

describe('a fall-back to the CPU', () => {
  const runtime = { device: 'cuda', gpus, libraries: '/nowhere/tensorflow', version: '2.21.0' } as const;

  it('is an error where cuda was chosen, never a result', () => {
    expect(() => openedDevice(runtime, false)).toThrow(/TensorFlow 2\.21\.0 does not use the GPU and would compute on the CPU/);
  });
  it('is what a folder that the user named can, where nothing was chosen', () => {
    expect(openedDevice({ ...runtime, device: 'auto' }, false)).toMatchObject({ device: 'cpu', gpu: null });
  });
  it('does not happen on a GPU that is used: its facts go into results', () => {
    expect(openedDevice(runtime, true)).toMatchObject({ device: 'cuda', name: gpu.name, gpu: { driver: '550.54.15', memoryBytes: gpu.memoryBytes, computeCapability: '9.0', tf32: true, xla: false } });
    expect(openedDevice({ ...runtime, gpus: { ...gpus, gpus: [] } }, true)).toMatchObject({ device: 'cuda', name: 'NVIDIA GPU', gpu: { driver: '550.54.15', memoryBytes: null, tf32: null } });
  });

  it.each<[string, Parameters<typeof fallbackError>[0], RegExp]>([
    ['a missing library', { gpus, missing: ['libcudnn.so.9: cannot open shared object file'], driverLibrary: null }, /- libcudnn\.so\.9: cannot open.*engine install --device cuda --again/s],
    ["no library of the driver's", { gpus, missing: [], driverLibrary: 'libcuda.so.1: cannot open shared object file' }, /the driver's library: libcuda\.so\.1: cannot open.*reinstall the NVIDIA driver/s],
    ['an old driver', { gpus: { ...gpus, driver: '470.256.02' }, missing: [], driverLibrary: null }, /the driver is 470\.256\.02, CUDA 12 needs 525\.60\.13/],
    ['nothing that can be seen', { gpus, missing: [], driverLibrary: null }, /every library can be opened, driver 550\.54\.15.*TF_CPP_MIN_LOG_LEVEL=0/],
  ])('is explained by %s', (_, facts, message) => {
    expect(fallbackError(facts, '2.21.0').describe()).toMatch(message);
  });

  it('compares versions as numbers', () => {
    expect(compareVersions('525.60.13', '525.60.13')).toBe(0);
    expect(compareVersions('525.9', '525.60.13')).toBeLessThan(0);
    expect(compareVersions('1000', '525.60.13')).toBeGreaterThan(0);
  });
});

describe('what TensorFlow reads as it loads', () => {
  const prepared = (runtime: Parameters<typeof prepareDevice>[0], environment: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => {
    prepareDevice(runtime, environment);
    return environment;
  };
  it('hides every GPU from the CPU', () => {
    expect(prepared({ device: 'cpu', gpus: null })).toEqual({ CUDA_VISIBLE_DEVICES: '-1' });
  });
  it('shows one GPU, and lets workers share its memory', () => {
    expect(prepared({ device: 'cuda', gpus })).toEqual({ CUDA_DEVICE_ORDER: 'PCI_BUS_ID', TF_FORCE_GPU_ALLOW_GROWTH: 'true' });
    expect(prepared({ device: 'cuda', gpus: { ...gpus, gpus: [parseGpu(A100)!, gpu] } })).toMatchObject({ CUDA_VISIBLE_DEVICES: 'GPU-22222222-bbbb' });
  });
  it('leaves what the user has set', () => {
    expect(prepared({ device: 'cuda', gpus }, { CUDA_VISIBLE_DEVICES: '0', TF_FORCE_GPU_ALLOW_GROWTH: 'false' })).toMatchObject({ CUDA_VISIBLE_DEVICES: '0', TF_FORCE_GPU_ALLOW_GROWTH: 'false' });
  });
});

it('loads before it needs: what CUDA libraries ask of each other comes first', () => {
  expect(CUDA_LIBRARIES.indexOf('libnvJitLink.so.12')).toBeLessThan(CUDA_LIBRARIES.indexOf('libcusparse.so.12'));
  expect(CUDA_LIBRARIES.indexOf('libcublasLt.so.12')).toBeLessThan(CUDA_LIBRARIES.indexOf('libcublas.so.12'));
});
