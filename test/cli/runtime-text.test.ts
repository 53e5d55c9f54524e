import { afterEach, describe, expect, it, vi } from 'vitest';
import { runtimeText } from '../../src/cli/runtime-text.js';
import type { Gpu } from '../../src/engine/runtime/gpu.js';
import { machineFingerprint } from '../../src/runner/machine.js';

type Facts = Parameters<typeof runtimeText>[0];

const gpu: Gpu = { index: 0, uuid: 'GPU-1', name: 'NVIDIA A100', driver: '550.54.15', memoryBytes: 40 * 2 ** 30, computeCapability: '8.0' };
const search = { present: true, gpus: [gpu], driver: '550.54.15', looked: [] };
const cpu: Facts = { version: '2.21.0', source: 'wheel', device: 'cpu', gpus: null };
const cuda: Facts = { ...cpu, device: 'cuda', gpus: search };

afterEach(() => vi.unstubAllEnvs());

describe('what half-finished jobs must find again', () => {
  it.each<[string, Facts, Facts]>([
    ['version', cpu, { ...cpu, version: '2.18.0' }],
    ['source', cpu, { ...cpu, source: 'archive' }],
    ['device', cpu, cuda],
    ['GPU', cuda, { ...cuda, gpus: { ...search, gpus: [{ ...gpu, name: 'NVIDIA H100' }] } }],
    ['driver', cuda, { ...cuda, gpus: { ...search, driver: '570.1' } }],
  ])('holds the %s', (_, one, other) => {
    expect(runtimeText(one)).not.toBe(runtimeText(other));
    expect(machineFingerprint(runtimeText(one))).not.toBe(machineFingerprint(runtimeText(other)));
    expect(machineFingerprint(runtimeText(one))).toBe(machineFingerprint(runtimeText({ ...one })));
  });

  it.each([...(process.arch === 'x64' ? [['oneDNN off', 'TF_ENABLE_ONEDNN_OPTS', '0', cpu] as const] : []), ['TF32 off', 'NVIDIA_TF32_OVERRIDE', '0', cuda], ['XLA on', 'TF_XLA_FLAGS', '--tf_xla_auto_jit=2', cuda], ['XLA on for a CPU', 'TF_XLA_FLAGS', '--tf_xla_auto_jit=2 --tf_xla_cpu_global_jit', cpu]] as const)('holds whether the environment turns %s', (_, variable, value, facts) => {
    vi.stubEnv(variable, undefined);
    const on = runtimeText(facts);
    vi.stubEnv(variable, value);
    expect(runtimeText(facts)).not.toBe(on);
  });

  it.each([[undefined, '1'], ['', 'true'], ['0', 'false']])('takes the settings %s and %s of oneDNN for one', (one, other) => {
    vi.stubEnv('TF_ENABLE_ONEDNN_OPTS', one);
    const text = runtimeText(cpu);
    vi.stubEnv('TF_ENABLE_ONEDNN_OPTS', other);
    expect(runtimeText(cpu)).toBe(text);
  });

  it('holds nothing of a GPU that is not used', () => {
    expect(runtimeText({ ...cpu, gpus: search })).toBe(runtimeText(cpu));
  });
});
