import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { StepError } from '../../src/errors.js';
import type { BodyArguments, CompileSpec, Engine, ParamSpec } from '../../src/engine/contract.js';
import { openEngine } from '../../src/engine/index.js';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine({ threads: 1 });
});

const param = (name: string, shape: readonly number[], value: readonly number[], more: Partial<ParamSpec> = {}): ParamSpec =>
  ({ name, shape, value: Float32Array.from(value), trainable: true, decay: false, lrScale: 1, ...more });

const optimizer = { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;

/** y = x w + b on a batch of 4, mean squared error. */
const linear = (body?: (args: BodyArguments) => tf.Tensor): CompileSpec => ({
  params: [param('w', [2, 1], [0.5, -0.25], { decay: true }), param('b', [1], [0.1])],
  optimizer,
  functions: {
    train: {
      kind: 'train',
      inputs: { x: { shape: [4, 2], type: 'float32' }, y: { shape: [4, 1], type: 'float32' } },
      scalars: [],
      body: ({ params, inputs, scalars }) => {
        const prediction = tf.add(tf.matMul(inputs['x'] as tf.Tensor2D, params['w'] as tf.Tensor2D), params['b']!);
        const loss = tf.mean(tf.square(tf.sub(prediction, inputs['y']!))) as tf.Tensor;
        return { loss: body === undefined ? loss : tf.add(loss, body({ params, inputs, scalars })), prediction };
      },
    },
  },
});
const batch = { x: Float32Array.of(1, 2, 3, 4, -1, 0, 2, -2), y: Float32Array.of(1, 2, 3, 4) };
const rates = { lr: 0.01, weight_decay: 0.1 };

describe('a step of linear regression', () => {
  it('returns the loss and the outputs of the parameters before the update', () => {
    const model = engine.compile(linear());
    const { loss, prediction } = model.run('train', batch, rates);
    // by hand: x w + b = 0.5 - 0.5 + 0.1, 1.5 - 1 + 0.1, -0.5 + 0.1, 1 + 0.5 + 0.1
    expect(Array.from(prediction!.data)).toEqual([0.1, 0.6, -0.4, 1.6].map((v) => expect.closeTo(v, 6)));
    expect(prediction!.shape).toEqual([4, 1]);
    expect(loss!.shape).toEqual([]);
    expect(loss!.data[0]).toBeCloseTo((0.9 ** 2 + 1.4 ** 2 + 3.4 ** 2 + 2.4 ** 2) / 4, 5);
    model.dispose();
  });

  it('gives the same bits in every run, and after reset', () => {
    const model = engine.compile(linear());
    const train = (): readonly number[] => {
      for (let i = 0; i < 5; i++) model.run('train', batch, rates);
      return [...model.readParams().values()].flatMap((values) => Array.from(values));
    };
    const first = train();
    model.reset();
    expect(train()).toEqual(first);
    model.dispose();
  });
});

describe('rules', () => {
  it('refuses a read', () => {
    const model = engine.compile(linear(({ inputs }) => tf.scalar(inputs['x']!.dataSync()[0]!)));
    expect(() => model.run('train', batch, rates)).toThrow(StepError);
  });
});
