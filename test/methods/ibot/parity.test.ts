import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { AdamW, Compiled, ParamSpec } from '../../../src/engine/contract.js';
import { ibotParams } from '../../../src/methods/ibot/params.js';
import { ibotOptions, type IbotOptions } from '../../../src/methods/ibot/options.js';
import { ibotSchedule } from '../../../src/methods/ibot/schedule.js';
import { ibotMethod, ibotTrain } from '../../../src/methods/ibot/step.js';
import { sinCosPositions } from '../../../src/models/positions.js';
import { resizedPositions } from '../../../src/models/resized-positions.js';
import type { JsonObject } from '../../../src/files.js';
import { openEngine } from '../../engine/open.js';
import { difference, seeded, seededParameter, seededPixels, summary, type Summary, withoutKeyBias } from '../../models/seeded.js';
import { optionsOf } from '../small-options.js';

/** Numbers from PyTorch in float64: scripts/reference/ibot.py. */
interface Reference {
  readonly config: Readonly<Record<string, number>>;
  readonly training_options: {
    readonly base_lr: number; readonly min_lr: number; readonly warmup_epochs: number; readonly steps_per_epoch: number; readonly total_steps: number;
    readonly wd: readonly [number, number]; readonly momentum: number; readonly temperature: readonly [number, number];
    readonly temperature_epochs: number; readonly freeze_epochs: number; readonly clip: number; readonly centre: number;
  };
  readonly names: readonly string[];
  readonly positions: Readonly<Record<string, readonly number[]>>;
  readonly one: {
    readonly loss: number; readonly cls: number; readonly patch: number; readonly entropy: number; readonly entropy_of_mean: number;
    readonly centres: readonly (readonly number[])[]; readonly gradients: Readonly<Record<string, Summary>>;
  };
  /** Without small views and stochastic depth. */
  readonly alone: { readonly cls: number; readonly patch: number };
  readonly training: {
    readonly losses: readonly number[]; readonly rates: readonly Readonly<Record<string, number>>[]; readonly centres: readonly (readonly number[])[];
    readonly student: Readonly<Record<string, Summary>>; readonly teacher: Readonly<Record<string, Summary>>;
  };
}
const reference = JSON.parse(readFileSync(new URL('reference.json', import.meta.url), 'utf8')) as Reference;
const { training_options: t, names } = reference;
const c = reference.config as Record<'image' | 'patch' | 'width' | 'depth' | 'heads' | 'ratio' | 'batch' | 'local_count' | 'local_size' | 'out_dim' | 'hidden' | 'bottleneck' | 'patch_weight' | 'student_temperature', number>;
const model = { name: 'custom', imageSize: c.image, patchSize: c.patch, width: c.width, depth: c.depth, heads: c.heads, mlpRatio: c.ratio };
const patches = (c.image / c.patch) ** 2;
const views = 2 + c.local_count;

const options = async (): Promise<IbotOptions> => ({
  ...ibotOptions(await optionsOf('ibot')),
  local_crops: { count: c.local_count, size: c.local_size }, head: { out_dim: c.out_dim, hidden: c.hidden, bottleneck: c.bottleneck },
  loss_weights: { cls: 1, patch: c.patch_weight }, student_temperature: c.student_temperature, drop_path: 0.3, centre_momentum: t.centre, teacher_momentum: t.momentum,
  teacher_temperature: { start: t.temperature[0], end: t.temperature[1], warmup_epochs: t.temperature_epochs }, freeze_last_layer_epochs: t.freeze_epochs,
  base_lr: t.base_lr, min_lr: t.min_lr, warmup_epochs: t.warmup_epochs, weight_decay: { start: t.wd[0], end: t.wd[1] }, clip_norm: t.clip,
});

/** Teacher's tensors are numbered from 0, the student's from 100. */
const withSeeds = (specs: readonly ParamSpec[]): readonly ParamSpec[] => specs.map((spec) => {
  const plain = spec.name.replace(/^student\./, '');
  const index = plain === 'masked_embed' ? names.length : names.indexOf(plain);
  return index < 0 ? spec : { ...spec, value: seededParameter(plain === spec.name ? index : 100 + index, plain, spec.shape) };
});

function inputs(step: number) {
  const mask = Float32Array.from(seeded(3300 + step, 2 * c.batch * patches), (u) => (u > 0.2 ? 1 : 0));
  mask.fill(0, (2 * c.batch - 1) * patches);
  return {
    global: seededPixels(3100 + step, 2 * c.batch * c.image ** 2 * 3),
    local: seededPixels(3200 + step, c.local_count * c.batch * c.local_size ** 2 * 3),
    mask,
    drop_path: Float32Array.from(seeded(3400 + step, 2 * c.depth * views * c.batch), (u) => (u > -0.4 ? 1 / 0.7 : 0)),
  };
}
const firstCentres = [41, 42].map((index) => Float32Array.from(seeded(index, c.out_dim), (u) => 0.1 * Math.fround(u)));

async function compile(own: IbotOptions, optimizer: AdamW): Promise<Compiled> {
  return (await openEngine({ threads: 1 })).compile({ params: withSeeds(ibotParams(model, own, 0)), optimizer, functions: { train: ibotTrain(model, own, c.batch) } });
}
const far = (found: ArrayLike<number>, wanted: readonly number[]): number => {
  expect(found).toHaveLength(wanted.length);
  return Math.max(...wanted.map((value, i) => Math.abs(found[i]! - value)));
};
function expectTensors(found: ReadonlyMap<string, Float32Array>, prefix: string, wanted: Readonly<Record<string, Summary>>, limit: number): void {
  for (const [name, value] of Object.entries(wanted)) {
    const seen = withoutKeyBias(name, found.get(prefix + name)!);
    expect(difference(summary(seen), value, seen.length), prefix + name).toBeLessThan(limit);
  }
}

describe('iBOT holds the values of PyTorch', () => {
  const gradientOnly: AdamW = { kind: 'adamw', beta1: 0, beta2: 0.999, epsilon: 1e-8 };
  const rates = { lr: 0, weight_decay: 0, teacher_momentum: 1, teacher_temperature: 0.05 };

  it('has the same losses, entropies, centres and gradients', async () => {
    const compiled = await compile(await options(), gradientOnly);
    const outputs = compiled.run('train', { ...inputs(0), cls_centre: firstCentres[0]!, patch_centre: firstCentres[1]! }, { ...rates, last_layer_gate: 1 });
    const { m } = compiled.readOptimizer();
    compiled.dispose();
    const { one } = reference;
    for (const [name, value] of [['loss', one.loss], ['loss_cls', one.cls], ['loss_patch', one.patch], ['teacher_entropy', one.entropy], ['teacher_entropy_of_mean', one.entropy_of_mean]] as const) {
      expect(Math.abs(outputs[name]!.data[0]! / value - 1), name).toBeLessThan(2e-5);
    }
    expect(far(outputs['cls_centre']!.data, one.centres[0]!)).toBeLessThan(1e-5);
    expect(far(outputs['patch_centre']!.data, one.centres[1]!)).toBeLessThan(1e-5);
    expect([...m.keys()].sort()).toEqual(Object.keys(one.gradients).map((name) => `student.${name}`).sort());
    expectTensors(m, 'student.', one.gradients, 1e-4);
  });

  it('gives the last layer no gradient behind a closed gate, and the others the same', async () => {
    const compiled = await compile(await options(), gradientOnly);
    compiled.run('train', { ...inputs(0), cls_centre: firstCentres[0]!, patch_centre: firstCentres[1]! }, { ...rates, last_layer_gate: 0 });
    const { m } = compiled.readOptimizer();
    compiled.dispose();
    const { 'head.last_layer.weight_v': last, ...others } = reference.one.gradients;
    expect(last!.norm).toBeGreaterThan(0);
    expect(new Set(Array.from(m.get('student.head.last_layer.weight_v')!, Math.abs))).toEqual(new Set([0]));
    expectTensors(m, 'student.', others, 1e-4);
  });

  it('without small views and stochastic depth takes neither as an input, and has the class loss of two views', async () => {
    const own: IbotOptions = { ...(await options()), local_crops: { count: 0, size: 'auto' }, drop_path: 0 };
    const compiled = await compile(own, gradientOnly);
    const { global, mask } = inputs(0);
    const outputs = compiled.run('train', { global, mask, cls_centre: firstCentres[0]!, patch_centre: firstCentres[1]! }, { ...rates, last_layer_gate: 1 });
    compiled.dispose();
    for (const [name, value] of [['loss_cls', reference.alone.cls], ['loss_patch', reference.alone.patch]] as const) expect(Math.abs(outputs[name]!.data[0]! / value - 1), name).toBeLessThan(2e-5);
  });

  it('takes the same ten steps, with rates, clipping, teacher and centres', async () => {
    const own = await options();
    const { params, optimizer, train, schedule, carried } = ibotMethod.build({ model, options: own as unknown as JsonObject, batchSize: c.batch, seed: 0, totalSteps: t.total_steps, stepsPerEpoch: t.steps_per_epoch });
    expect([...carried!.keys()]).toEqual(['cls_centre', 'patch_centre']);
    const compiled = (await openEngine({ threads: 1 })).compile({ params: withSeeds(params), optimizer, functions: { train } });
    let centres: Readonly<Record<'cls_centre' | 'patch_centre', Float32Array>> = { cls_centre: firstCentres[0]!, patch_centre: firstCentres[1]! };
    reference.training.losses.forEach((wanted, step) => {
      const found = schedule(step);
      for (const [name, rate] of Object.entries(reference.training.rates[step]!)) expect(found[name], `${name} of step ${step}`).toBeCloseTo(rate, 12);
      const outputs = compiled.run('train', { ...inputs(step), ...centres }, found);
      expect(Math.abs(outputs['loss']!.data[0]! / wanted - 1), `loss of step ${step}`).toBeLessThan(1e-4);
      centres = { cls_centre: outputs['cls_centre']!.data as Float32Array, patch_centre: outputs['patch_centre']!.data as Float32Array };
    });
    const values = compiled.readParams();
    compiled.dispose();
    expectTensors(values, 'student.', reference.training.student, 1e-4);
    expectTensors(values, '', reference.training.teacher, 1e-4);
    expect(far(centres.cls_centre, reference.training.centres[0]!)).toBeLessThan(1e-4);
    expect(far(centres.patch_centre, reference.training.centres[1]!)).toBeLessThan(1e-4);
  });
});

describe('the schedule', () => {
  it('is that of the reference at every step, but that its warm-up reaches the peak a step later', async () => {
    const wanted = JSON.parse(readFileSync(new URL('schedules.reference.json', import.meta.url), 'utf8')) as Readonly<Record<'lr' | 'weight_decay' | 'teacher_momentum', readonly number[]>>;
    const own = { ...(await options()), base_lr: 5e-4, min_lr: 1e-6, warmup_epochs: 2, weight_decay: { start: 0.04, end: 0.4 }, teacher_momentum: 0.996 };
    const at = ibotSchedule(own, { batchSize: 1024, totalSteps: 100, stepsPerEpoch: 10 });
    for (let step = 0; step < 100; step++) {
      const found = at(step);
      expect(found.weight_decay).toBeCloseTo(wanted.weight_decay[step]!, 12);
      expect(found.teacher_momentum).toBeCloseTo(wanted.teacher_momentum[step]!, 12);
      // Twenty steps of warm-up: the reference is at the peak in the last of them, here behind it.
      expect(found.lr).toBeCloseTo(step < 20 ? wanted.lr[step]! * 19 / 20 : wanted.lr[step]!, 12);
    }
  });

  it('opens the last layer after its epochs, and counts temperature and warm-up in the same ones', async () => {
    const own = { ...(await options()), freeze_last_layer_epochs: 2, warmup_epochs: 1, base_lr: 0.256, teacher_temperature: { start: 0.04, end: 0.07, warmup_epochs: 3 } };
    const at = ibotSchedule(own, { batchSize: 1, totalSteps: 20, stepsPerEpoch: 4 });
    expect(Array.from({ length: 10 }, (_, step) => at(step).last_layer_gate)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
    expect([0, 2, 4].map((step) => at(step).lr)).toEqual([0, 0.0005, 0.001]);
    for (const [step, wanted] of [[0, 0.04], [4, 0.05], [8, 0.06], [12, 0.07], [19, 0.07]] as const) expect(at(step).teacher_temperature).toBeCloseTo(wanted, 12);
  });
});

describe('positions of another grid', () => {
  it.each([[4, 2], [7, 3], [3, 4]])('are torch\'s bicubic ones: %i to %i', (from, to) => {
    expect(far(resizedPositions(sinCosPositions(8, from), 8, from, to), reference.positions[`${from}-${to}`]!)).toBeLessThan(1e-6);
  });
});
