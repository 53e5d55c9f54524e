import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { StepError } from '../../src/errors.js';
import type { Compiled, CompileSpec, MovingAverage, ParamSpec } from '../../src/engine/contract.js';
import { openEngine } from './open.js';

const param = (name: string, value: readonly number[], more: Partial<ParamSpec> = {}): ParamSpec =>
  ({ name, shape: [value.length], value: Float32Array.from(value), trainable: true, decay: false, lrScale: 1, ...more });

/** The loss is the sum of student * g: its gradient is g. Another loss would move with the teacher's values. */
const spec = (momentum: MovingAverage['momentum'], more: Partial<ParamSpec> = {}, declared: readonly string[] = typeof momentum === 'string' ? [momentum] : []): CompileSpec => ({
  params: [param('student', [1, 2]), param('teacher', [1, 2], { trainable: false, ema: { of: 'student', momentum }, ...more }), param('fixed', [7], { trainable: false })],
  optimizer: { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-12 },
  functions: {
    train: {
      kind: 'train', inputs: { g: { shape: [2], type: 'float32' } }, scalars: declared,
      body: ({ params, inputs }) => ({ loss: tf.sum<tf.Tensor>(tf.mul(params['student']!, inputs['g']!)), teacher: params['teacher']! }),
    },
    read: { kind: 'evaluate', inputs: {}, scalars: [], body: ({ params }) => ({ teacher: tf.mul(params['teacher']!, 1) }) },
  },
});
const g = Float32Array.of(3, -0.5);
const close = (values: readonly number[]): readonly unknown[] => values.map((value): unknown => expect.closeTo(value, 6));
const teacherOf = (model: Compiled): readonly number[] => [...model.readParams().get('teacher')!];

describe.each(['eager', 'traced'] as const)('moving averages, %s', (mode) => {
  it('follow the updated parameter, and bodies read what the update before has left', async () => {
    const model = (await openEngine({ threads: 1, mode })).compile(spec(0.75));
    const rates = { lr: 0.1, weight_decay: 0 };
    // Equal gradients at every step: Adam goes lr a step against their signs.
    // by hand: student 0.9, 2.1; teacher 0.75 * 1 + 0.25 * 0.9 = 0.975, 0.75 * 2 + 0.25 * 2.1 = 2.025
    expect([...model.run('train', { g }, rates)['teacher']!.data]).toEqual([1, 2]);
    expect([...model.readParams().get('student')!]).toEqual(close([0.9, 2.1]));
    expect(teacherOf(model)).toEqual(close([0.975, 2.025]));
    // student 0.8, 2.2; teacher 0.75 * 0.975 + 0.25 * 0.8 = 0.93125, 0.75 * 2.025 + 0.25 * 2.2 = 2.06875
    expect([...model.run('train', { g }, rates)['teacher']!.data]).toEqual(close([0.975, 2.025]));
    expect(teacherOf(model)).toEqual(close([0.93125, 2.06875]));
    expect([...model.run('read', {})['teacher']!.data]).toEqual(close([0.93125, 2.06875]));
    expect([...model.readParams().get('fixed')!]).toEqual([7]);
    model.reset();
    expect(teacherOf(model)).toEqual([1, 2]);
    expect([...model.readOptimizer().m.keys()]).toEqual(['student']);
    model.dispose();
  });

  it('take their momentum from a scalar at every step', async () => {
    const model = (await openEngine({ threads: 1, mode })).compile(spec('teacher_momentum'));
    model.run('train', { g }, { lr: 0.1, weight_decay: 0, teacher_momentum: 1 });
    expect(teacherOf(model)).toEqual([1, 2]);
    model.run('train', { g }, { lr: 0.1, weight_decay: 0, teacher_momentum: 0.5 });
    expect(teacherOf(model)).toEqual(close([0.9, 2.1])); // half of 1, 2 and half of 0.8, 2.2
    model.run('train', { g }, { lr: 0.1, weight_decay: 0, teacher_momentum: 0 });
    expect(teacherOf(model)).toEqual([...model.readParams().get('student')!]);
    model.dispose();
  });

  it.each<[string, CompileSpec, RegExp]>([
    ['of nothing', spec(0.5, { ema: { of: 'studnet', momentum: 0.5 } }), /average of "studnet", which is no parameter \(did you mean "student"\?\)/],
    ['of what is not trained', spec(0.5, { ema: { of: 'fixed', momentum: 0.5 } }), /"fixed", which is not trained/],
    ['of another shape', spec(0.5, { shape: [1], value: Float32Array.of(1) }), /has shape \[1\], and what it averages \[2\]/],
    ['that is trained', spec(0.5, { trainable: true }), /trained and an average at once/],
    ['with momentum 1.5', spec(1.5), /momentum 1.5/],
    ['with a scalar that is not declared', spec('tau', {}, []), /"tau" as its momentum, which function "train" does not declare/],
  ])('are refused %s', async (_, wrong, message) => {
    const engine = await openEngine({ threads: 1, mode });
    expect(() => engine.compile(wrong)).toThrow(message);
    expect(() => engine.compile(wrong)).toThrow(StepError);
  });
});

it('traced averages are those of the eager engine, to the last bits', async () => {
  const after = async (mode: 'eager' | 'traced'): Promise<readonly number[]> => {
    const model = (await openEngine({ threads: 1, mode })).compile(spec('m'));
    for (let step = 0; step < 40; step++) model.run('train', { g: Float32Array.of(Math.sin(step), Math.cos(3 * step)) }, { lr: 0.05, weight_decay: 0, m: 0.9 + 0.002 * step });
    const values = teacherOf(model);
    model.dispose();
    return values;
  };
  const [eager, traced] = [await after('eager'), await after('traced')];
  expect(traced).toEqual(close(eager));
  expect(eager[0]).not.toBeCloseTo(1, 2);
});
