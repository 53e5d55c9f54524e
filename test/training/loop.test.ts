import { readFile, writeFile } from 'node:fs/promises';
import { matMul, mean, square, sub } from '@tensorflow/tfjs-core';
import { describe, expect, it, vi } from 'vitest';
import type { Compiled, EngineInfo, ParamSpec } from '../../src/engine/contract.js';
import { openEngine } from '../../src/engine/index.js';
import { oneDnnEnabled } from '../../src/engine/onednn.js';
import { DivergedError } from '../../src/errors.js';
import { stream } from '../../src/random.js';
import { checkpointFile, engineSetting, type Setting } from '../../src/training/checkpoints.js';
import { train, type Training } from '../../src/training/loop.js';
import { temporaryFolder } from '../temporary-folder.js';

const param: ParamSpec = { name: 'w', shape: [3, 2], value: Float32Array.of(1, -1, 0.5, 2, 0, 1), trainable: true, decay: true, lrScale: 1 };
/** `teacher` is part of the state that must survive a kill. */
const params: readonly ParamSpec[] = [param, { ...param, name: 'fixed', trainable: false }, { ...param, name: 'teacher', trainable: false, ema: { of: 'w', momentum: 0.99 } }];

/** A small regression. */
async function compile(): Promise<Compiled> {
  const engine = await openEngine({ threads: 1 });
  return engine.compile({
    params, optimizer: { kind: 'adamw', beta1: 0.9, beta2: 0.95, epsilon: 1e-8 },
    functions: {
      train: {
        kind: 'train', scalars: [], inputs: { x: { shape: [4, 3], type: 'float32' }, y: { shape: [4, 2], type: 'float32' } },
        body: (args) => ({ loss: mean(square(sub(matMul(args.inputs['x']!, args.params['w']!), args.inputs['y']!))) }),
      },
    },
  });
}
const draw = (step: number, purpose: string, count: number): Float32Array => {
  const draws = stream(5, purpose, step);
  return Float32Array.from({ length: count }, () => draws.normal());
};
const setting: Setting = { runtime: 'x', threads: 1 };

it.each<[string, Partial<EngineInfo>]>([
  ['runtime', { runtime: '2.20.0' }], ['oneDNN', { oneDnn: false }], ['threads', { threads: { intraOp: 2, interOp: 1 } }], ['mode', { mode: 'eager' }],
  ['device', { device: 'cuda' }], ["the device's name", { deviceName: 'another CPU' }],
])('a checkpoint of another %s is of another setting', async (_, change) => {
  const { info } = await openEngine({ threads: 1 });
  expect(engineSetting({ ...info, ...change })).not.toEqual(engineSetting(info));
  expect(engineSetting({ ...info })).toEqual(engineSetting(info));
});

it('oneDNN is turned off by the variable that TensorFlow reads', () => {
  for (const value of ['0', 'false']) {
    vi.stubEnv('TF_ENABLE_ONEDNN_OPTS', value);
    expect(oneDnnEnabled()).toBe(false);
  }
  vi.stubEnv('TF_ENABLE_ONEDNN_OPTS', '1');
  expect(oneDnnEnabled()).toBe(process.arch === 'x64');
});

class Killed extends Error {}

/** `stopAt`: the process dies while that step's inputs are made. */
function training(compiled: Compiled, folder: string | null, lines: string[], stopAt = Infinity, own: Setting = setting): Training {
  return {
    name: 'job', compiled, params, totalSteps: 450, batchSize: 4,
    inputs: (step) => {
      if (step === stopAt) throw new Killed();
      return { x: draw(step, 'x', 12), y: draw(step, 'y', 8) };
    },
    schedule: (step) => ({ lr: 0.01 / (1 + step), weight_decay: 0.05 }),
    checkpoints: folder === null ? null : { folder, setting: own, everySeconds: 1e9, everySteps: 7, refused: (reason) => lines.push(`starts anew: ${reason}`) },
    log: (line) => lines.push(line),
    phases: { enter: () => undefined },
  };
}

describe('the training loop', () => {
  it('ends with the same bits, curve and moments however often it is killed', async () => {
    const whole = await compile();
    const undisturbed = await train(training(whole, null, []));
    const scratch = temporaryFolder();
    const lines: string[] = [];
    for (const stopAt of [3, 20, 21, 22, 203, 449]) {
      // A new compiled model each time: a new process has nothing but the folder.
      const part = await compile();
      await expect(train(training(part, scratch, lines, stopAt))).rejects.toThrow(Killed);
      part.dispose();
    }
    const last = await compile();
    const resumed = await train(training(last, scratch, lines));
    expect(lines).toEqual(['goes on at step 14 of 450', 'goes on at step 21 of 450', 'goes on at step 21 of 450', 'goes on at step 203 of 450', 'goes on at step 448 of 450']);
    expect(resumed.resumedAt).toBe(448);
    expect(resumed.curve).toEqual(undisturbed.curve);
    expect(resumed.finalLoss).toBe(undisturbed.finalLoss);
    expect(last.readParams()).toEqual(whole.readParams());
    expect(last.readOptimizer()).toEqual(whole.readOptimizer());
    whole.dispose();
    last.dispose();
  });

  it('tells when it waits for inputs, steps and saves', async () => {
    const compiled = await compile();
    const phases: string[] = [];
    await train({ ...training(compiled, temporaryFolder(), []), totalSteps: 8, phases: { enter: (phase) => phases.push(phase) } });
    const step = ['wait', 'step', 'other'];
    expect(phases).toEqual([...Array.from({ length: 7 }, () => step).flat(), 'checkpoint', 'other', ...step]);
    compiled.dispose();
  });

  it('starts anew, and says so, under another setting or from a damaged file', async () => {
    const whole = await compile();
    await train(training(whole, null, []));
    for (const damage of ['setting', 'bytes'] as const) {
      const scratch = temporaryFolder();
      const part = await compile();
      await expect(train(training(part, scratch, [], 100))).rejects.toThrow(Killed);
      part.dispose();
      const path = checkpointFile(scratch);
      if (damage === 'bytes') await writeFile(path, (await readFile(path)).subarray(0, 200));
      const lines: string[] = [];
      const again = await compile();
      const result = await train(training(again, scratch, lines, Infinity, damage === 'setting' ? { ...setting, threads: 2 } : setting));
      expect(result.resumedAt).toBe(0);
      expect(lines.join()).toMatch(damage === 'setting' ? /^starts anew: the checkpoint was made with .*"threads":1.*"threads":2/ : /starts anew.*cannot be used/);
      expect(again.readParams()).toEqual(whole.readParams());
      again.dispose();
    }
    whole.dispose();
  });

  it('stops at the first loss that is not finite, with name, step and lr', async () => {
    const compiled = await compile();
    const broken = training(compiled, null, []);
    const failing = train({ ...broken, inputs: async (step) => ({ ...(await broken.inputs(step)), ...(step === 4 ? { y: new Float32Array(8).fill(3e38) } : {}) }) });
    await expect(failing).rejects.toThrow(DivergedError);
    await expect(failing).rejects.toMatchObject({ where: 'job', data: { name: 'job', step: 5, lr: 0.002 } });
    compiled.dispose();
  });

  it('has at most 200 points, each the mean of its window', async () => {
    const compiled = await compile();
    const losses: number[] = [];
    const result = await train({ ...training(compiled, null, []), progress: ({ loss }) => losses.push(loss) });
    expect(result.curve).toHaveLength(150);
    expect(result.curve[1]!.loss).toBeCloseTo((losses[3]! + losses[4]! + losses[5]!) / 3, 10);
    expect(result.curve.at(-1)!.step).toBe(450);
    compiled.dispose();
  });
});
