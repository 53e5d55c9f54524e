import { describe, expect, it } from 'vitest';
import type { Compiled, CompileSpec, HostArray } from '../../src/engine/contract.js';
import { openEngine } from '../../src/engine/index.js';
import { methods } from '../../src/methods/index.js';
import type { VitConfig } from '../../src/models/config.js';
import { vitParams } from '../../src/models/vit.js';
import { fineTuneSpec, startValues } from '../../src/protocols/fine-tune/network.js';
import { stream } from '../../src/random.js';
import { withDefaults } from '../../src/suite/validate.js';

/**
 * Tracing changes how a step is run, never what it computes: losses of 50 steps and all parameters after them agree with
 * those of the same step run op by op, to 1e-4 relative. (TensorFlow fuses and reorders sums in a graph.)
 */
const STEPS = 50;
const BATCH = 4;
const model: VitConfig = { name: 'custom', imageSize: 16, patchSize: 8, width: 16, depth: 2, heads: 2, mlpRatio: 2 };

type Draw = (step: number) => Readonly<Record<string, HostArray>>;

/** Without the bias of the keys: softmax takes it out, so its true gradient is 0 and Adam scales up rounding noise. */
function withoutKeyBias(name: string, values: Float32Array): Float32Array {
  if (!name.endsWith('attn.qkv.bias')) return values;
  const third = values.length / 3;
  return Float32Array.from([...values.subarray(0, third), ...values.subarray(2 * third)]);
}

async function train(mode: 'eager' | 'traced', spec: CompileSpec, draw: Draw): Promise<{ readonly losses: readonly number[]; readonly params: ReadonlyMap<string, Float32Array>; readonly state: ReturnType<Compiled['readOptimizer']> }> {
  const engine = await openEngine({ threads: 1, mode });
  const compiled = engine.compile(spec);
  const losses: number[] = [];
  for (let step = 0; step < STEPS; step++) losses.push(compiled.run('train', draw(step), { lr: 1e-3, weight_decay: 0.05 })['loss']!.data[0]!);
  const result = { losses, params: compiled.readParams(), state: compiled.readOptimizer() };
  compiled.dispose();
  return result;
}

/** Largest difference relative to the largest value. */
function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let worst = 0;
  let scale = 0;
  for (let i = 0; i < a.length; i++) {
    worst = Math.max(worst, Math.abs(a[i]! - b[i]!));
    scale = Math.max(scale, Math.abs(b[i]!));
  }
  return scale === 0 ? worst : worst / scale;
}

async function compare(spec: CompileSpec, draw: Draw): Promise<void> {
  const eager = await train('eager', spec, draw);
  const traced = await train('traced', spec, draw);
  expect(distance(traced.losses, eager.losses)).toBeLessThan(1e-4);
  expect(Math.abs(eager.losses[0]! - eager.losses.at(-1)!)).toBeGreaterThan(1e-3); // it trains
  for (const [name, values] of eager.params) expect([name, distance(withoutKeyBias(name, traced.params.get(name)!), withoutKeyBias(name, values)) < 1e-4]).toEqual([name, true]);
  expect(traced.state.step).toBe(STEPS);
}

const images = (step: number): Uint8Array => {
  const draws = stream(0, 'test/images', step);
  return Uint8Array.from({ length: BATCH * 16 * 16 * 3 }, () => draws.integer(256));
};

describe('traced equals eager', () => {
  it.each(Object.values(methods).filter((spec) => spec.kind === 'train').map((spec) => [spec.name, spec] as const))('in method %s', async (_, spec) => {
    const method = await spec.load();
    if (method.kind !== 'train') throw new Error('loads another kind than it says');
    const options = { ...withDefaults(spec.schema, {}), warmup_epochs: 1, ...(spec.name === 'mae' ? { mask_ratio: 0.5, decoder: { width: 8, depth: 1, heads: 2 } } : {}) };
    const recipe = method.build({ model, options, batchSize: BATCH, seed: 0, totalSteps: STEPS, stepsPerEpoch: 5 });
    await compare({ params: recipe.params, optimizer: recipe.optimizer, functions: { train: recipe.train } }, (step) => ({ images: images(step), ...recipe.draws(step) }));
  });

  it.each([['cls', false, undefined], ['mean', true, undefined], ['mean', true, 0.5]] as const)('in fine-tuning with pool %s, drop path %s, clip %s', async (pool, dropPath, clipNorm) => {
    const shape = { model, classes: 3, pool, batchSize: BATCH, layerDecay: 0.75, dropPath };
    const encoder = new Map(vitParams(model, 0).map(({ name, shape: dimensions, value }) => [name, { shape: dimensions, data: value }]));
    const start = startValues(shape, encoder, 0, 'test');
    const empty = fineTuneSpec(shape);
    const spec = { ...empty, params: empty.params.map((param) => ({ ...param, value: start.get(param.name)! })) };
    const { inputs } = spec.functions['train']!;
    const draw: Draw = (step) => Object.fromEntries(Object.entries(inputs).map(([name, { shape: dimensions, type }]): [string, HostArray] => {
      const size = dimensions.reduce((a, b) => a * b, 1);
      const draws = stream(1, `test/${name}`, step);
      if (type === 'uint8') return [name, images(step)];
      if (type === 'int32') return [name, Int32Array.from({ length: size }, () => draws.integer(3))];
      // targets: one class a row; drop path: keep or drop
      return [name, Float32Array.from({ length: size }, (_, i) => (dimensions.at(-1) === 3 ? Number(i % 3 === (step + Math.floor(i / 3)) % 3) : Number(draws.uniform() > 0.2) / 0.8))];
    }));
    const scalars = spec.functions['train']!.scalars;
    expect(scalars).toEqual([]);
    await compare(clipNorm === undefined ? spec : { ...spec, optimizer: { ...spec.optimizer!, clipNorm } }, draw);
  });
});
