import { describe, expect, it } from 'vitest';
import type { EngineInfo } from '../../src/engine/contract.js';
import { noteEngineUse, takeEngineUse } from '../../src/engine/opened.js';
import { describeCpu, type Cpu } from '../../src/engine/cpu.js';
import { aboutGpus, advise, engineLines, fellBackText, precisionText, statusLines } from '../../src/engine/describe.js';

const info: EngineInfo = { name: 'tensorflow', mode: 'eager', precision: 'f32', device: 'cpu', deviceName: 'x', runtime: '2.21.0', tfjs: '4.22.0', node: '20.0.0', threads: { intraOp: 1, interOp: 1 }, oneDnn: true };
const cpu: Cpu = { model: 'x', cores: 2, memoryBytes: 16e9, instructions: ['AVX2', 'FMA', 'AVX-512'], bf16: false };

describe('what the engine says of the CPU', () => {
  it('reads the instructions from the flags, as whole words', () => {
    const { instructions, bf16 } = describeCpu('processor : 0\nflags\t\t: fpu avx avx2 fma avx512f avx512_bf16\n');
    expect(instructions).toEqual(['AVX2', 'FMA', 'AVX-512', 'AVX512_BF16']);
    expect(bf16).toBe(true);
    expect(describeCpu('flags : sse avx avx2x\n')).toMatchObject({ instructions: [], bf16: false });
    expect(describeCpu(null)).toMatchObject({ instructions: null, bf16: null });
  });
});

describe('advice', () => {
  it('is empty where nothing is found', () => {
    expect(advise(info, cpu, false)).toEqual([]);
  });
  it.each<[string, readonly string[], RegExp]>([
    ['an unused GPU', advise(info, cpu, true), /NVIDIA GPU is here/],
    ['oneDNN off', process.arch === 'x64' ? advise({ ...info, oneDnn: false }, cpu, false) : ['oneDNN'], /oneDNN/],
    ['no AVX-512', advise(info, { ...cpu, instructions: ['AVX2'] }, false), /no AVX-512/],
    ['no AVX2', advise(info, { ...cpu, instructions: [] }, false), /no AVX2/],
    ['more threads than cores', advise({ ...info, threads: { intraOp: 4, interOp: 1 } }, cpu, false), /4 threads on 2 cores/],
    ['more pieces of a batch than cores', advise({ ...info, threads: { intraOp: 1, interOp: 4 } }, cpu, false), /4 threads on 2 cores/],
    ['little memory', advise(info, { ...cpu, memoryBytes: 2e9 }, false), /4 GB of memory/],
  ])('names %s, and that alone', (_, advice, message) => {
    expect(advice).toHaveLength(1);
    expect(advice[0]).toMatch(message);
  });
});

it('says whether bf16 is faster', () => {
  expect(precisionText({ of: 'cpu', bf16: { state: 'measured', speedup: 1.62 } })).toMatch(/1\.62 times as fast in bf16.*worth trying/);
  expect(precisionText({ of: 'cpu', bf16: { state: 'measured', speedup: 0.9 } })).toMatch(/^f32; .* 0\.90 times/);
  expect(precisionText({ of: 'cpu', bf16: { state: 'refused', problem: 'oneDNN is turned off' } })).toBe('f32; no bf16: oneDNN is turned off');
});

it('names the fastest way on a GPU, and how a suite asks for it', () => {
  const ways = [
    { precision: 'f32', xla: false, milliseconds: 3.2 }, { precision: 'bf16', xla: false, milliseconds: 1.9 },
    { precision: 'f32', xla: true, milliseconds: 2.5 }, { precision: 'bf16', xla: true, milliseconds: 1.234 },
  ] as const;
  expect(precisionText({ of: 'gpu', ways }, true)).toBe('fastest here, by a small training step: bf16 with XLA 1.23 ms (bf16 1.90 ms, TF32 with XLA 2.50 ms, TF32 3.20 ms); `precision: bf16` with TF_XLA_FLAGS=--tf_xla_auto_jit=2');
  expect(precisionText({ of: 'gpu', ways: ways.slice(0, 2).reverse() }, false)).toBe('fastest here, by a small training step: bf16 1.90 ms (f32 3.20 ms); `precision: bf16`');
});

it('says why the CPU computes where auto saw a GPU', () => {
  const gpu = { index: 0, uuid: 'GPU-1', name: 'NVIDIA A10', driver: '550.54.15', memoryBytes: 24e9, computeCapability: '8.6' };
  expect(fellBackText({ gpus: [gpu] }, ['libcudnn.so.9: not there', 'the driver is old'])).toBe('The CPU computes (device auto): TensorFlow cannot use the NVIDIA GPU that is here (NVIDIA A10): libcudnn.so.9: not there; the driver is old. `maskbench engine --device cuda` says what to do.');
});

it('says what to run for each state', () => {
  expect(statusLines({ state: 'absent', cache: '/c', missing: ['the addon'] }).join('\n')).toContain('maskbench engine install');
  expect(statusLines({ state: 'damaged', cache: '/c', problems: ['x is missing'] }).join('\n')).toContain('maskbench engine install --again');
});

describe('the device', () => {
  const lines = (engine: EngineInfo): string => engineLines({
    engine, cpu, cache: '/c', advice: [], measured: { of: 'cpu', bf16: { state: 'refused', problem: 'x' } },
    runtime: { addon: '/a', libraries: '/l', version: '2.21.0', source: 'wheel', device: engine.device, gpus: null },
  })[0]!;

  it('is told with what a GPU result carries', () => {
    const gpu = { driver: '550.54.15', memoryBytes: 80 * 2 ** 30, computeCapability: '9.0', tf32: true, xla: false };
    expect(lines({ ...info, device: 'cuda', deviceName: 'NVIDIA H100', gpu })).toBe('device         cuda (NVIDIA H100, 80.0 GiB, driver 550.54.15, compute capability 9.0, TF32 on), beside x, 2 cores');
    expect(lines({ ...info, device: 'cuda', deviceName: 'NVIDIA GPU', gpu: { driver: null, memoryBytes: null, computeCapability: null, tf32: null, xla: false } })).toBe('device         cuda (NVIDIA GPU), beside x, 2 cores');
    expect(lines(info)).toBe('device         cpu (x, 2 cores, 14.9 GiB)');
  });

  it("is looked for in TensorFlow's log, without its dates and what is not about GPUs", () => {
    const log = [
      '2026-01-02 03:04:05.678901: I tensorflow/core/util/port.cc:153] oneDNN custom operations are on.',
      '2026-01-02 03:04:05.700000: W tensorflow/core/common_runtime/gpu/gpu_device.cc:2341] Cannot dlopen some GPU libraries.',
      '2026-01-02 03:04:05.800000: W tensorflow/core/common_runtime/gpu/gpu_device.cc:2341] Cannot dlopen some GPU libraries.',
      'EngineError: about a gpu',
    ].join('\n');
    expect(aboutGpus(log)).toEqual(['W tensorflow/core/common_runtime/gpu/gpu_device.cc:2341] Cannot dlopen some GPU libraries.']);
  });
});

describe('what a job computed on', () => {
  it('is told once, with the GPU memory that was used by then', () => {
    const gpu = { driver: '550.54.15', memoryBytes: 80 * 2 ** 30, computeCapability: '9.0', tf32: true, xla: false };
    let bytes = 1;
    noteEngineUse({ ...info, device: 'cuda', gpu }, () => ({ bytes, of: 'process' }));
    bytes = 2;
    expect(takeEngineUse()).toEqual({ ...info, device: 'cuda', gpu, peakDeviceMemory: { bytes: 2, of: 'process' } });
    expect(takeEngineUse()).toBeNull();
  });
  it('says nothing of a GPU where there is none', () => {
    noteEngineUse(info, () => { throw new Error('asked'); });
    expect(takeEngineUse()).toEqual(info);
  });
});
