import { describe, expect, it } from 'vitest';
import type { EngineInfo } from '../../src/engine/contract.js';
import { describeCpu, type Cpu } from '../../src/engine/cpu.js';
import { advise, precisionText, statusLines } from '../../src/engine/describe.js';

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
    ['little memory', advise(info, { ...cpu, memoryBytes: 2e9 }, false), /4 GB of memory/],
  ])('names %s, and that alone', (_, advice, message) => {
    expect(advice).toHaveLength(1);
    expect(advice[0]).toMatch(message);
  });
});

it('says whether bf16 is faster', () => {
  expect(precisionText({ state: 'measured', speedup: 1.62 })).toMatch(/1\.62 times as fast in bf16.*worth trying/);
  expect(precisionText({ state: 'measured', speedup: 0.9 })).toMatch(/^f32; .* 0\.90 times/);
  expect(precisionText({ state: 'refused', problem: 'oneDNN is turned off' })).toBe('f32; no bf16: oneDNN is turned off');
});

it('says what to run for each state', () => {
  expect(statusLines({ state: 'absent', cache: '/c', missing: ['the addon'] }).join('\n')).toContain('maskbench engine install');
  expect(statusLines({ state: 'damaged', cache: '/c', problems: ['x is missing'] }).join('\n')).toContain('maskbench engine install --again');
});
