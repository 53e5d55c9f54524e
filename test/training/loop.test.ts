import { readFile, writeFile } from 'node:fs/promises';
import { add, matMul, mean, mul, square, sub, sum } from '@tensorflow/tfjs-core';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Compiled, EngineInfo, ParamSpec } from '../../src/engine/contract.js';
import { oneDnnEnabled } from '../../src/engine/onednn.js';
import { DivergedError } from '../../src/errors.js';
import { stream } from '../../src/random.js';
import { checkpointFile, engineSetting, type Setting } from '../../src/training/checkpoints.js';
import { train, type Training } from '../../src/training/loop.js';
import { openEngine } from '../engine/open.js';
import { temporaryFolder } from '../temporary-folder.js';

const param: ParamSpec = { name: 'w', shape: [3, 2], value: Float32Array.of(1, -1, 0.5, 2, 0, 1), trainable: true, decay: true, lrScale: 1 };
/** `teacher` is part of the state that must survive a kill. */
const params: readonly ParamSpec[] = [param, { ...param, name: 'fixed', trainable: false }, { ...param, name: 'teacher', trainable: false, ema: { of: 'w', momentum: 0.99 } }];

/** A small regression against targets less a centre, which the steps hand on: the moving mean of the predictions. */
async function compile(): Promise<Compiled> {
  const engine = await openEngine({ threads: 1 });
  return engine.compile({
    params, optimizer: { kind: 'adamw', beta1: 0.9, beta2: 0.95, epsilon: 1e-8 },
    functions: {
      train: {
        kind: 'train', scalars: [], inputs: { x: { shape: [4, 3], type: 'float32' }, y: { shape: [4, 2], type: 'float32' }, centre: { shape: [2], type: 'float32' } },
        body: ({ inputs, params: { w } }) => {
          const predicted = matMul(inputs['x']!, w!);
          const centre = add(mul(inputs['centre']!, 0.9), mul(mean(predicted, 0), 0.1));
          return { loss: mean(square(sub(predicted, sub(inputs['y']!, inputs['centre']!)))), centre, centre_sum: sum(centre) };
        },
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

/** Seconds on the clock: a step's inputs take one. */
let now = 0;

/** `stopAt`: the process dies while that step's inputs are made. It saves every seven steps. */
function training(compiled: Compiled, folder: string | null, lines: string[], stopAt = Infinity, own: Setting = setting): Training {
  return {
    name: 'job', compiled, params, totalSteps: 450, batchSize: 4,
    inputs: (step) => {
      if (step === stopAt) throw new Killed();
      now++;
      return { x: draw(step, 'x', 12), y: draw(step, 'y', 8) };
    },
    carried: new Map([['centre', Float32Array.of(0.5, -0.25)]]), diagnostics: ['centre_sum'],
    schedule: (step) => ({ lr: 0.01 / (1 + step), weight_decay: 0.05 }),
    checkpoints: folder === null ? null : { folder, setting: own, everySeconds: 7, refused: (reason) => lines.push(`starts anew: ${reason}`) },
    log: (line) => lines.push(line),
    phases: { enter: () => undefined },
  };
}

describe('the training loop', () => {
  beforeEach(() => { vi.spyOn(performance, 'now').mockImplementation(() => 1000 * now); });

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
    expect(resumed.curve).toEqual(undisturbed.curve);
    expect(resumed.finalLoss).toBe(undisturbed.finalLoss);
    expect(last.readParams()).toEqual(whole.readParams());
    expect(last.readOptimizer()).toEqual(whole.readOptimizer());
    whole.dispose();
    last.dispose();
  });

  it('keeps weights on the way, the same after kills, and changes nothing by it', async () => {
    const alone = await compile();
    const plain = await train(training(alone, null, []));
    expect(plain.marks.map(({ step }) => step)).toEqual([450]);
    const keeping = async (folder: string | null, kills: readonly number[]) => {
      const kept: (readonly [number, ReadonlyMap<string, Float32Array>])[] = [];
      for (const stopAt of [...kills, Infinity]) {
        const compiled = await compile();
        const stops = { steps: [100, 203], take: (step: number) => Promise.resolve(void kept.push([step, compiled.readParams()])) };
        const run = train({ ...training(compiled, folder, [], stopAt), stops });
        if (stopAt === Infinity) return { kept, trained: await run, compiled };
        await expect(run).rejects.toThrow(Killed);
        compiled.dispose();
      }
      throw new Error('no kill is the last');
    };
    const undisturbed = await keeping(null, []);
    // Dies at the step that was last kept, before a checkpoint holds it (203 is one), and between them.
    const killed = await keeping(temporaryFolder(), [101, 203, 300]);
    expect(undisturbed.kept.map(([step]) => step)).toEqual([100, 203]);
    expect(killed.kept.map(([step]) => step)).toEqual([100, 100, 203]);
    expect(new Map(killed.kept)).toEqual(new Map(undisturbed.kept));
    for (const { trained, compiled } of [undisturbed, killed]) {
      expect(compiled.readParams()).toEqual(alone.readParams());
      expect(trained.curve).toEqual(plain.curve);
      expect(trained.marks.map(({ step }) => step)).toEqual([100, 203, 450]);
      for (const { seconds } of trained.marks) expect(seconds).toBeGreaterThan(0);
      compiled.dispose();
    }
    alone.dispose();
  });

  it('times steps with their inputs, without the first two of a process, stops and what a kill undoes', async () => {
    const waits = [9, 1, 3, 2, 4, 6];
    // Another process has the processor half of the time.
    vi.spyOn(process, 'cpuUsage').mockImplementation((since) => ({ user: 4e5 * now - (since?.user ?? 0), system: 1e5 * now - (since?.system ?? 0) }));
    const timed = async (folder: string, stopAt: number) => {
      const compiled = await compile();
      const own = training(compiled, folder, [], stopAt);
      const inputs: Training['inputs'] = (step) => {
        now += waits[step]! - 1;
        return own.inputs(step);
      };
      const stops = { steps: [3], take: () => Promise.resolve(void (now += 50)) };
      return train({ ...own, totalSteps: 6, inputs, stops, checkpoints: { ...own.checkpoints!, everySeconds: 10 } }).finally(() => { compiled.dispose(); });
    };
    // The third took 3 s, so three steps take 9 s; all but the first two 15 s, so six take 22.5 s.
    expect((await timed(temporaryFolder(), Infinity)).marks).toEqual([{ step: 3, seconds: 9, cpuSeconds: expect.closeTo(4.5, 9) as number }, { step: 6, seconds: expect.closeTo(22.5, 9) as number, cpuSeconds: expect.closeTo(11.25, 9) as number }]);
    // Dies in the sixth. The checkpoint holds four, two of them timed, of 5 s; the fifth and sixth are the first two of their process.
    const scratch = temporaryFolder();
    await expect(timed(scratch, 5)).rejects.toThrow(Killed);
    expect((await timed(scratch, Infinity)).marks).toEqual([{ step: 3, seconds: 9, cpuSeconds: expect.closeTo(4.5, 9) as number }, { step: 6, seconds: 15, cpuSeconds: expect.closeTo(7.5, 9) as number }]);
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
      await train(training(again, scratch, lines, Infinity, damage === 'setting' ? { ...setting, threads: 2 } : setting));
      expect(lines).toEqual([expect.stringMatching(damage === 'setting' ? /^starts anew: the checkpoint was made with .*"threads":1.*"threads":2/ : /^starts anew: .*cannot be used/)]);
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

  it('hands values from a step to the next and records the means of what it is asked to', async () => {
    const compiled = await compile();
    const given: Float32Array[] = [];
    const spied: Compiled = { ...compiled, run: (name, inputs, scalars) => { given.push(inputs['centre'] as Float32Array); return compiled.run(name, inputs, scalars); } };
    const { curve } = await train({ ...training(spied, null, []), totalSteps: 400 });
    // By hand: w = [[1, -1], [0.5, 2], [0, 1]] at the first step, before any update.
    const x = draw(0, 'x', 12);
    const predicted = (column: number): number => {
      const w = [[1, 0.5, 0], [-1, 2, 1]][column]!;
      return [0, 1, 2, 3].reduce((total, row) => total + w.reduce((dot, value, k) => dot + value * x[row * 3 + k]!, 0), 0) / 4;
    };
    expect(Array.from(given[0]!)).toEqual([0.5, -0.25]);
    expect(given[1]![0]).toBeCloseTo(0.9 * 0.5 + 0.1 * predicted(0), 6);
    expect(given[1]![1]).toBeCloseTo(0.9 * -0.25 + 0.1 * predicted(1), 6);
    const sumOf = (step: number): number => given[step]![0]! + given[step]![1]!;
    expect(curve[0]!.diagnostics!['centre_sum']).toBeCloseTo((sumOf(1) + sumOf(2)) / 2, 5);
    expect(Object.keys(curve[0]!.diagnostics!)).toEqual(['centre_sum']);
    compiled.dispose();
  });

  it('does not go on from a checkpoint without a value that is handed on', async () => {
    const scratch = temporaryFolder();
    const part = await compile();
    await expect(train({ ...training(part, scratch, [], 20), carried: new Map([['centre', new Float32Array(2)]]) })).rejects.toThrow(Killed);
    part.dispose();
    const lines: string[] = [];
    const again = await compile();
    await expect(train({ ...training(again, scratch, lines, 0), carried: new Map([['centre', new Float32Array(2)], ['other', new Float32Array(1)]]) })).rejects.toThrow(Killed);
    expect(lines.join()).toContain('it has no carried/other');
    again.dispose();
  });
});
