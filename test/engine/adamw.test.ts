import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { adamwScalars } from '../../src/engine/adamw.js';
import type { AdamW, Compiled, Engine, ParamSpec } from '../../src/engine/contract.js';
import { openEngine } from './open.js';

/** Made by scripts/reference/adamw.py with PyTorch. */
interface Reference {
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  readonly groups: Readonly<Record<string, readonly [lrScale: number, decay: boolean]>>;
  readonly cases: readonly {
    readonly name: string;
    readonly beta1: number;
    readonly beta2: number;
    readonly epsilon: number;
    readonly weight_decay: number;
    readonly clip: number | null;
    readonly start: Readonly<Record<string, readonly number[]>>;
    readonly steps: readonly { readonly lr: number; readonly gradients: Readonly<Record<string, readonly number[]>> }[];
    readonly after: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;
  }[];
}
const reference = JSON.parse(readFileSync(new URL('adamw.reference.json', import.meta.url), 'utf8')) as Reference;

let engine: Engine;

/** The loss is the sum of p * g: its gradient is g, exactly. */
function compile(start: Readonly<Record<string, readonly number[]>>, optimizer: AdamW): Compiled {
  const names = Object.keys(reference.shapes);
  const params = names.map((name): ParamSpec => {
    const [lrScale, decay] = reference.groups[name]!;
    return { name, shape: reference.shapes[name]!, value: Float32Array.from(start[name]!), trainable: true, decay, lrScale };
  });
  return engine.compile({
    params,
    optimizer,
    functions: {
      train: {
        kind: 'train',
        inputs: Object.fromEntries(names.map((name) => [name, { shape: reference.shapes[name]!, type: 'float32' }])),
        scalars: [],
        body: ({ params: values, inputs }) => ({ loss: names.map((name) => tf.sum(tf.mul(values[name]!, inputs[name]!))).reduce((a, b) => tf.add(a, b)) }),
      },
    },
  });
}

const feed = (gradients: Readonly<Record<string, readonly number[]>>): Record<string, Float32Array> =>
  Object.fromEntries(Object.entries(gradients).map(([name, values]) => [name, Float32Array.from(values)]));

describe.each(['traced', 'eager'] as const)('%s', (mode) => {
beforeAll(async () => {
  engine = await openEngine({ threads: 1, mode });
});

describe.each(reference.cases)('AdamW with $name', ({ beta1, beta2, epsilon, weight_decay, clip, start, steps, after }) => {
  const optimizer: AdamW = { kind: 'adamw', beta1, beta2, epsilon, ...(clip === null ? {} : { clipNorm: clip }) };

  it("changes parameters as PyTorch's does, step by step", () => {
    const model = compile(start, optimizer);
    const moved: number[] = [];
    steps.forEach(({ lr, gradients }, index) => {
      model.run('train', feed(gradients), { lr, weight_decay });
      const expected = after[String(index + 1)];
      if (expected === undefined) return;
      const params = model.readParams();
      for (const [name, values] of Object.entries(expected)) {
        const from = start[name]!;
        // what is compared is the way that a parameter went, not where it stands: 1 part in 10,000 of it, and float32's last bit
        values.forEach((value, i) => {
          const way = value - from[i]!;
          moved.push(Math.abs(way));
          expect(Math.abs(params.get(name)![i]! - value)).toBeLessThanOrEqual(1e-4 * Math.abs(way) + 1.2e-7 * Math.abs(value));
        });
      }
    });
    expect(Math.max(...moved)).toBeGreaterThan(1e-3);
    model.dispose();
  });

  it('goes on to the bit from parameters and optimiser state that were read', () => {
    const straight = compile(start, optimizer);
    const first = compile(start, optimizer);
    const second = compile(start, optimizer);
    const run = (model: Compiled, from: number, to: number): void => {
      for (const { lr, gradients } of steps.slice(from, to)) model.run('train', feed(gradients), { lr, weight_decay });
    };
    run(straight, 0, 12);
    run(first, 0, 5);
    second.writeParams(first.readParams());
    second.writeOptimizer(first.readOptimizer());
    expect(second.readOptimizer().step).toBe(5);
    run(second, 5, 12);
    expect(second.readParams()).toEqual(straight.readParams());
    expect(second.readOptimizer()).toEqual(straight.readOptimizer());
    for (const model of [straight, first, second]) model.dispose();
  });
});

it('leaves frozen parameters alone and gives them no slots', () => {
  const params: readonly ParamSpec[] = [
    { name: 'w', shape: [2], value: Float32Array.of(1, 2), trainable: true, decay: true, lrScale: 1 },
    { name: 'fixed', shape: [2], value: Float32Array.of(3, 4), trainable: false, decay: true, lrScale: 1 },
  ];
  const model = engine.compile({
    params,
    optimizer: { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
    functions: { train: { kind: 'train', inputs: {}, scalars: [], body: ({ params: p }) => ({ loss: tf.sum<tf.Tensor>(tf.mul(p['w']!, p['fixed']!)) }) } },
  });
  for (let i = 0; i < 3; i++) model.run('train', {}, { lr: 0.1, weight_decay: 0.5 });
  expect(model.readParams().get('fixed')).toEqual(Float32Array.of(3, 4));
  expect(model.readParams().get('w')![0]).toBeLessThan(1);
  expect([...model.readOptimizer().m.keys()]).toEqual(['w']);
  model.dispose();
});

});

it('what the kernel forms in float32 is taken out again: the first step is lr g / (|g| + eps), to ten digits', () => {
  for (const [beta1, beta2] of [[0.9, 0.999], [0.9, 0.95], [0.8, 0.9999]] as const) {
    // As ResourceApplyAdam has them: its betas are float32, and so are their differences from 1.
    const [one, two] = [Math.fround(1 - Math.fround(beta1)), Math.fround(1 - Math.fround(beta2))];
    const { alpha, epsilon } = adamwScalars({ kind: 'adamw', beta1, beta2, epsilon: 1e-8 }, 1);
    for (const g of [1e-8, 1e-4, 3]) {
      const step = (alpha(0.01) * one * g) / (Math.sqrt(two * g * g) + epsilon);
      expect(step / ((0.01 * g) / (g + 1e-8)), `${beta2}, ${g}`).toBeCloseTo(1, 10);
    }
  }
});
