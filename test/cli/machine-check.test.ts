import { describe, expect, it, vi } from 'vitest';
import { checkMachine, type Asked, type MachineFacts } from '../../src/cli/machine-check.js';
import { describeCpu } from '../../src/engine/cpu.js';
import type { GpuSearch } from '../../src/engine/runtime/index.js';
import { hasCuda } from '../../src/engine/runtime/platform.js';
import { EngineError } from '../../src/errors.js';
import type { ResolvedSuite } from '../../src/suite/resolved.js';

const text = `name: x
engine:
  threads: 1
  device: cuda
  precision: bf16
`;
const asked = (engine: Partial<ResolvedSuite['engine']>, device?: Asked['device']): Asked =>
  ({ file: 'suites/x.yaml', text, suite: { engine: { threads: 1, device: 'auto', precision: 'f32', ...engine } }, device });

const none: GpuSearch = { present: false, gpus: [], driver: null, looked: ['nvidia-smi: not there'] };
const one: GpuSearch = { present: true, gpus: [], driver: '550.54.15', looked: [] };
const old = describeCpu('flags : avx2\n');
const recent = describeCpu('flags : avx2 avx512_bf16\n');
const machine = (gpus: GpuSearch, cpu = old): MachineFacts => ({ findGpus: () => Promise.resolve(gpus), cpu });
const untouched: MachineFacts = { findGpus: () => Promise.reject(new Error('looked for a GPU')) };

const refusal = async (what: Asked, facts: MachineFacts): Promise<string> => {
  const error: unknown = await checkMachine(what, facts).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(EngineError);
  expect((error as EngineError).exitCode).toBe(2);
  return (error as EngineError).describe();
};

describe('what a suite needs of the machine', () => {
  it('a GPU that is not there is said at its place in the file, with what was looked for and what to do, and no other device as a slip', async () => {
    const message = await refusal(asked({ device: 'cuda' }), machine(none));
    expect(message).toMatch(/^suites\/x\.yaml:4:11: engine\.device: there is no NVIDIA GPU here\. Looked for:\n {4}- nvidia-smi: not there\n {2}Where a GPU is built in, install its driver/);
    expect(message).not.toContain('did you mean');
  });

  it('or at what goes before the file', async () => {
    expect(await refusal(asked({ device: 'cpu' }, 'cuda'), machine(none))).toMatch(/^--device cuda: there is no NVIDIA GPU here/);
    vi.stubEnv('MASKBENCH_DEVICE', 'cuda');
    expect(await refusal(asked({ device: 'cpu' }), machine(none))).toMatch(/^MASKBENCH_DEVICE=cuda: there is no NVIDIA GPU here/);
    await checkMachine(asked({ device: 'cuda' }, 'cpu'), untouched);
  });

  it('bf16 on a processor without its instructions is said at its place in the file', async () => {
    vi.stubEnv('TF_ENABLE_ONEDNN_OPTS', undefined);
    for (const device of ['cpu', 'auto'] as const) {
      expect(await refusal(asked({ device, precision: 'bf16' }), machine(none))).toMatch(
        /^suites\/x\.yaml:5:14: engine\.precision: precision bf16 cannot be used: .* has neither AVX512_BF16 nor AMX_BF16\n {2}Use `precision: f32`, or another machine\./);
    }
    if (hasCuda()) await checkMachine(asked({ precision: 'bf16' }), machine(one));
    await checkMachine(asked({ precision: 'f32', device: 'cpu' }), machine(none));
  });

  it.runIf(process.arch === 'x64')('bf16 is right on one that has them, and not without oneDNN', async () => {
    vi.stubEnv('TF_ENABLE_ONEDNN_OPTS', undefined);
    await checkMachine(asked({ device: 'cpu', precision: 'bf16' }), machine(none, recent));
    vi.stubEnv('TF_ENABLE_ONEDNN_OPTS', '0');
    expect(await refusal(asked({ device: 'cpu', precision: 'bf16' }), machine(none, recent))).toContain('oneDNN is turned off');
  });

  it('looks for nothing where nothing is asked for', async () => {
    await checkMachine(asked({}), untouched);
    await checkMachine(asked({ device: 'cpu' }), untouched);
  });
});
