import { describe, expect, it, vi } from 'vitest';
import { registries, suiteMembers } from '../../../src/catalog.js';
import type { SpeedConfig } from '../../../src/jobs/configs.js';
import type { GpuSearch } from '../../../src/engine/runtime/index.js';
import { hasCuda } from '../../../src/engine/runtime/platform.js';
import { suiteNodes } from '../../../src/jobs/nodes/index.js';
import { speedMachine } from '../../../src/jobs/speed-machine.js';
import { makePlan } from '../../../src/runner/plan.js';
import { readSuite } from '../../../src/suite/load.js';

const text = `
name: pace
reference: ibot
model: { name: vit_small, image_size: 32, patch_size: 8 }
data: { emoji: { source: emoji } }
pretrain: { batch_size: 64 }
entries:
  - { name: ibot, method: ibot, schedule: { epochs: 400 } }
  - { name: mixedae, method: mixedae, schedule: { epochs: 1600 } }
  - { name: scratch, method: scratch }
speed: { models: [vit_tiny, vit_small], batch_size: 8 }
`;

it('a suite of speed alone plans one exclusive job a model, with the length of every schedule, and no training', async () => {
  const known = await registries();
  const nodes = await suiteNodes(await readSuite(text, 'pace.yaml', suiteMembers(known)), known);
  expect(nodes.map(({ id, exclusive }) => [id, exclusive ?? false])).toEqual([['prepare/emoji', false], ['speed/vit_tiny', true], ['speed/vit_small', true]]);
  const { entries, model, rounds } = nodes[1]!.config as unknown as SpeedConfig;
  expect(model).toMatchObject({ name: 'vit_tiny', image_size: 32, patch_size: 8, width: 192 });
  expect(rounds).toBe(10);
  expect(entries.map(({ name, epochs }) => [name, epochs])).toEqual([['ibot', 400], ['mixedae', 1600]]);
  // Four times as many epochs are four times as many images, to the rounding of one step.
  expect(Math.abs(entries[1]!.scheduleImages - 4 * entries[0]!.scheduleImages)).toBeLessThanOrEqual(4 * 64);
  expect(entries[0]!.scheduleImages).toBe(entries[0]!.steps * 64);
});

it('says which entry cannot take the batch', async () => {
  const known = await registries();
  const suite = await readSuite(text.replace('batch_size: 8 }', 'batch_size: 6 }'), 'pace.yaml', suiteMembers(known));
  await expect(suiteNodes(suite, known)).rejects.toThrow(/the speed of mixedae cannot be measured with vit_tiny and 6 images a step/);
});

describe('what a speed is measured on', () => {
  const gpu = (name: string, computeCapability: string): GpuSearch =>
    ({ present: true, driver: '550.54.15', looked: [], gpus: [{ index: 0, uuid: 'GPU-1', name, driver: '550.54.15', memoryBytes: 8e10, computeCapability }] });
  const none: GpuSearch = { present: false, gpus: [], driver: null, looked: [] };
  const found = (gpus: GpuSearch) => () => Promise.resolve(gpus);

  it('is the device that a choice comes to, and a GPU by its name and settings', async () => {
    vi.stubEnv('NVIDIA_TF32_OVERRIDE', undefined);
    vi.stubEnv('TF_XLA_FLAGS', undefined);
    vi.stubEnv('TF_ENABLE_ONEDNN_OPTS', '0');
    expect(await speedMachine('auto', found(none))).toMatchObject({ device: 'cpu', gpu: null, oneDnn: false });
    expect(await speedMachine('cpu', found(gpu('H100', '9.0')))).toEqual(await speedMachine('auto', found(none)));
    // Asked for and not there: the key is none of a CPU's.
    expect(await speedMachine('cuda', found(none))).toMatchObject({ device: 'cuda', gpu: { name: 'none' } });
    if (!hasCuda()) return;
    expect(await speedMachine('auto', found(gpu('H100', '9.0')))).toMatchObject({ device: 'cuda', gpu: { name: 'H100', tf32: true, xla: false } });
    vi.stubEnv('TF_XLA_FLAGS', '--tf_xla_auto_jit=2');
    expect(await speedMachine('auto', found(gpu('V100', '7.0')))).toMatchObject({ device: 'cuda', gpu: { name: 'V100', tf32: false, xla: true } });
  });

  it('is part of the key, whatever names the device, of speed jobs alone', async () => {
    const known = await registries();
    const keys = async (engine: string, device?: 'cpu' | 'cuda') => {
      const nodes = await suiteNodes(await readSuite(`${text}engine: { device: ${engine} }\n`, 'pace.yaml', suiteMembers(known)), known, device);
      const { jobs } = await makePlan('pace', nodes, { code: { codeOf: (modules) => Promise.resolve({ hash: modules.join(), files: [], packages: [] }) } });
      return jobs.map(({ key }) => key);
    };
    vi.stubEnv('MASKBENCH_DEVICE', undefined);
    const cpu = await keys('cpu');
    const [prepare, ...speeds] = await keys('cuda');
    expect(prepare).toBe(cpu[0]);
    expect(speeds).toHaveLength(2);
    for (const key of speeds) expect(cpu).not.toContain(key);
    expect(await keys('auto', 'cpu')).toEqual(cpu);
    expect(await keys('cuda', 'cpu')).toEqual(cpu);
    expect(await keys('cpu', 'cuda')).toEqual([prepare, ...speeds]);
    vi.stubEnv('MASKBENCH_DEVICE', 'cuda');
    expect(await keys('cpu')).toEqual([prepare, ...speeds]);
    const bf16 = (await keys('cpu, precision: bf16', 'cpu')).slice(1);
    for (const key of bf16) expect(cpu).not.toContain(key);
  });
});
