import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { StepError } from '../../src/errors.js';
import type { BodyArguments, Compiled, CompileSpec, Engine, ParamSpec } from '../../src/engine/contract.js';
import type { Binding, NativeBackend } from '../../src/engine/native.js';
import { stream } from '../../src/random.js';
import { openEngine } from './open.js';

let engine: Engine;

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
        const loss = tf.mean<tf.Tensor>(tf.square(tf.sub(prediction, inputs['y']!)));
        return { loss: body === undefined ? loss : tf.add(loss, body({ params, inputs, scalars })), prediction };
      },
    },
  },
});
const batch = { x: Float32Array.of(1, 2, 3, 4, -1, 0, 2, -2), y: Float32Array.of(1, 2, 3, 4) };
const rates = { lr: 0.01, weight_decay: 0.1 };

describe.each(['eager', 'traced'] as const)('%s', (mode) => {
beforeAll(async () => {
  engine = await openEngine({ threads: 1, mode });
});

describe('a step of linear regression', () => {
  it('returns the loss and the outputs of the parameters before the update', () => {
    const model = engine.compile(linear());
    const { loss, prediction } = model.run('train', batch, rates);
    // by hand: x w + b = 0.5 - 0.5 + 0.1, 1.5 - 1 + 0.1, -0.5 + 0.1, 1 + 0.5 + 0.1
    expect(Array.from(prediction!.data)).toEqual([0.1, 0.6, -0.4, 1.6].map((v): unknown => expect.closeTo(v, 6)));
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


describe('a compiled model', () => {
  const bytes: CompileSpec = {
    params: [param('scale', [1], [2])],
    functions: {
      double: { kind: 'evaluate', inputs: { x: { shape: [2, 2], type: 'uint8' }, i: { shape: [2], type: 'int32' } }, scalars: ['s'], body: ({ params, inputs, scalars }) => ({ y: tf.mul(tf.mul(inputs['x']!, params['scale']!), scalars['s']!), i: tf.add(inputs['i']!, tf.tensor([1, 1], [2], 'int32')) }) },
      same: { kind: 'evaluate', inputs: { i: { shape: [2], type: 'int32' } }, scalars: [], body: ({ inputs }) => ({ i: inputs['i']! }) },
    },
  };

  it('gives bytes to the body as float32 0..255, and reads int32 back as int32', () => {
    const model = engine.compile(bytes);
    const { y, i } = model.run('double', { x: Uint8Array.of(0, 1, 128, 255), i: Int32Array.of(5, -7) }, { s: 0.5 });
    expect(y).toEqual({ shape: [2, 2], data: Float32Array.of(0, 1, 128, 255) });
    expect(i).toEqual({ shape: [2], data: Int32Array.of(6, -6) });
    model.dispose();
  });

  it('never shares memory with what it was given or gave', () => {
    const model = engine.compile(bytes);
    const input = Int32Array.of(1, 2);
    const { i } = model.run('same', { i: input });
    input[0] = 99;
    expect(i!.data).toEqual(Int32Array.of(1, 2));
    const start = Float32Array.from({ length: 16 }, (_, k) => k);
    const shared = engine.compile({ ...linear(), params: [param('w', [2, 1], [1, 2]), param('b', [1], [0]), param('big', [16], [...start], { trainable: false })] });
    const values = new Map([['big', start]]);
    shared.writeParams(values);
    start.fill(-1);
    expect(shared.readParams().get('big')![5]).toBe(5);
    shared.readParams().get('big')!.fill(7);
    expect(shared.readParams().get('big')![5]).toBe(5);
    model.dispose();
    shared.dispose();
  });

  it('keeps no memory of JavaScript in its variables, wherever that begins', () => {
    const backend = tf.findBackend('tensorflow') as unknown as NativeBackend;
    const original = backend.binding;
    const handed: Float32Array[] = [];
    const createTensor: Binding['createTensor'] = (shape, dtype, values) => {
      if (values instanceof Float32Array) handed.push(values);
      return original.createTensor(shape, dtype, values);
    };
    backend.binding = Object.create(original, { createTensor: { value: createTensor } }) as Binding;
    try {
      const sizes = Array.from({ length: 200 }, (_, i) => 16 * i + 1);
      const model = engine.compile({
        params: sizes.map((size) => param(`w${size}`, [size], [...new Float32Array(size)], { trainable: false })),
        functions: { same: { kind: 'evaluate', inputs: { x: { shape: [1], type: 'float32' } }, scalars: [], body: ({ inputs, params }) => ({ y: tf.add(inputs['x']!, params['w1']!) }) } },
      });
      const given = new Map(sizes.map((size, i) => [`w${size}`, Float32Array.from({ length: size + i }, (_, k) => k).subarray(i)]));
      const expected = new Map(Array.from(given, ([name, values]) => [name, values.slice()]));
      handed.length = 0;
      model.writeParams(given);
      expect(handed).toHaveLength(200);
      for (const values of [...handed, ...given.values()]) values.fill(-1);
      expect(model.readParams()).toEqual(expected);
      model.dispose();
    } finally {
      backend.binding = original;
    }
  });

  it('starts from its own values where another model of the same shape was trained before', () => {
    const used = engine.compile(linear());
    for (let i = 0; i < 3; i++) used.run('train', batch, rates);
    used.dispose();
    const spec = linear();
    const model = engine.compile({ ...spec, params: [param('w', [2, 1], [7, 8], { decay: true }), param('b', [1], [9])] });
    expect([...model.readParams().values()].flatMap((values) => [...values])).toEqual([7, 8, 9]);
    const { step, m, v } = model.readOptimizer();
    expect([step, ...[...m.values(), ...v.values()].flatMap((values) => [...values])]).toEqual([0, 0, 0, 0, 0, 0, 0]);
    model.dispose();
  });

  it.each([['equal', () => 0.5], ['negative zeros', () => -0], ['falling', (i: number) => -i], ['equal but for the last', (i: number) => Number(i === 1999)]])('keeps long literals: %s', (_, value) => {
    const values = Float32Array.from({ length: 2000 }, (__, i) => value(i));
    const model = engine.compile({ params: [], functions: { long: { kind: 'evaluate', inputs: {}, scalars: [], body: () => ({ same: tf.tensor(values.slice(), [40, 50]), whole: tf.add(tf.tensor(Int32Array.from(values), [2000], 'int32'), tf.scalar(1, 'int32')) }) } } });
    const { same, whole } = model.run('long', {});
    expect(same!.shape).toEqual([40, 50]);
    expect(Buffer.from(same!.data.buffer)).toEqual(Buffer.from(values.buffer));
    expect(whole!.data).toEqual(Int32Array.from(values, (number) => Math.trunc(number) + 1));
    model.dispose();
  });

  it('divides whole numbers by an input', () => {
    const ints = { shape: [2], type: 'int32' } as const;
    const model = engine.compile({ params: [], functions: { divide: { kind: 'evaluate', inputs: { a: ints, b: ints }, scalars: [], body: ({ inputs }) => ({ quotient: tf.floorDiv(inputs['a']!, inputs['b']!), rest: tf.mod(inputs['a']!, inputs['b']!) }) } } });
    const { quotient, rest } = model.run('divide', { a: Int32Array.of(7, 8), b: Int32Array.of(2, 3) });
    expect([...quotient!.data, ...rest!.data]).toEqual([3, 2, 1, 2]);
    model.dispose();
  });

  it('keeps initial values for reset, whatever training did', () => {
    const spec = linear();
    const model = engine.compile(spec);
    for (let i = 0; i < 3; i++) model.run('train', batch, rates);
    expect(model.readOptimizer().step).toBe(3);
    model.reset();
    expect(model.readParams().get('w')).toEqual(Float32Array.of(0.5, -0.25));
    expect(model.readOptimizer()).toEqual({ step: 0, m: new Map([['w', new Float32Array(2)], ['b', new Float32Array(1)]]), v: new Map([['w', new Float32Array(2)], ['b', new Float32Array(1)]]) });
    model.reset(new Map([['b', Float32Array.of(3)]]));
    expect(model.readParams().get('b')).toEqual(Float32Array.of(3));
    model.dispose();
  });

  it('returns a loss that is not finite as it is', () => {
    const model = engine.compile(linear());
    const { loss } = model.run('train', { ...batch, y: Float32Array.of(NaN, 0, 0, 0) }, rates);
    expect(loss!.data[0]).toBeNaN();
    model.dispose();
  });

  it('holds no tensor and no handle back over thousands of steps, also when steps fail', () => {
    const binding = (tf.findBackend('tensorflow') as unknown as { binding: { getNumOfTensors(): number } }).binding;
    let fail = false;
    const spec = linear(({ params }) => {
      if (fail) throw new Error('planted');
      return tf.mul(tf.sum(tf.square(params['w']!)), 0);
    });
    const model = engine.compile({ ...spec, functions: { ...spec.functions, evaluate: { kind: 'evaluate', inputs: { x: { shape: [4, 2], type: 'uint8' } }, scalars: ['s'], body: ({ params, inputs, scalars }) => ({ y: tf.mul(tf.matMul(inputs['x']!, params['w']!), scalars['s']!) }) } } });
    const step = (): unknown => model.run('train', batch, rates);
    /** Everything else that a compiled model does. */
    const others = (): void => {
      model.run('evaluate', { x: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) }, { s: 0.5 });
      model.writeParams(model.readParams());
      model.writeOptimizer(model.readOptimizer());
    };
    for (let i = 0; i < 3; i++) {
      step();
      others();
    }
    const tensors = engine.liveTensors();
    const handles = binding.getNumOfTensors();
    const steps = mode === 'traced' ? 10_000 : 2000; // op by op a step costs much more
    for (let i = 0; i < steps; i++) {
      step();
      if (i % 20 === 0) others();
      if (i % 500 === 0) model.reset();
    }
    if (mode === 'eager') {
      fail = true;
      for (let i = 0; i < 20; i++) expect(step).toThrow('planted');
      fail = false;
      step();
    }
    expect(engine.liveTensors()).toBe(tensors);
    expect(binding.getNumOfTensors()).toBe(handles);
    model.dispose();
    expect(binding.getNumOfTensors()).toBeLessThan(handles + 1);
  });
});

/** The error of the n-th call; earlier calls must succeed. */
function errorOf(spec: CompileSpec, call = 1): StepError {
  let model: Compiled | null = null;
  try {
    model = engine.compile(spec); // a traced body is refused here, an eager one at its call
    for (let i = 1; i < call; i++) model.run('train', batch, rates);
    model.run('train', batch, rates);
  } catch (error) {
    expect(error).toBeInstanceOf(StepError);
    return error as StepError;
  } finally {
    model?.dispose();
  }
  throw new Error('the call was not refused');
}

describe('a body is refused', () => {
  const outside = { tensor: null as tf.Tensor | null };
  const kept: tf.Tensor[] = [];
  let counter = 0;

  it.each<[string, (args: BodyArguments) => tf.Tensor, RegExp]>([
    ['that reads values with dataSync', ({ inputs }) => tf.scalar(inputs['x']!.dataSync()[0]!), /reads the values/],
    ['that reads values with arraySync', ({ inputs }) => tf.scalar((inputs['x']!.arraySync() as number[][])[0]![0]!), /reads the values/],
    ['that starts a read with data()', ({ inputs }) => { void inputs['x']!.data(); return tf.scalar(0); }, /reads the values/],
    ['that reads, and hides the error', ({ inputs }) => { try { inputs['x']!.dataSync(); } catch { /* hidden */ } return tf.scalar(0); }, /reads the values/],
    ['that prints a tensor', ({ inputs }) => { inputs['x']!.print(); return tf.scalar(0); }, /reads the values/],
    ['that draws normal numbers', () => tf.mean(tf.randomNormal([4])), /randomNormal draws random numbers/],
    ['that draws them with a seed', () => tf.mean(tf.randomNormal([4], 0, 1, 'float32', 7)), /randomNormal draws/],
    ['that draws uniform numbers', () => tf.mean(tf.randomUniform([4])), /randomUniform draws/],
    ['that draws truncated normal numbers', () => tf.mean(tf.truncatedNormal([4], 0, 1, 'float32', 7)), /truncatedNormal draws/],
    ['that uses dropout', ({ inputs }) => tf.mean(tf.dropout(inputs['x']!, 0.5, undefined, 7)), /dropout draws/],
    ['that uses multinomial', ({ inputs }) => tf.mean(tf.cast(tf.multinomial(inputs['x'] as tf.Tensor2D, 2, 7), 'float32')), /multinomial draws/],
    ["that draws with the project's own streams", ({ params }) => tf.mul(tf.sum(params['w']!), stream(7, 'mask').uniform()), /stream\(\) of src\/random.ts draws random numbers inside the body/],
    ['that draws so, and hides the error', () => { try { stream(7, 'mask').permutation(4); } catch { /* hidden */ } return tf.scalar(0); }, /stream\(\) of src\/random.ts draws/],
    ['that uses a tensor from outside', () => tf.mean(outside.tensor!), /made before the call/],
    ['that uses an undeclared input', ({ inputs }) => tf.mean(inputs['z']!), /input "z", which is not declared/],
    ['that misspells a parameter', ({ params }) => tf.mean(params['W']!), /parameter "W", which is not declared \(did you mean "w"\?\)/],
    ['that uses an undeclared scalar', ({ scalars }) => scalars['tau']!, /scalar "tau"/],
    ['whose loss is no scalar', ({ inputs }) => inputs['y']!, /the loss has shape \[4, 1\]/],
    ['that uses an op without a gradient', ({ params }) => tf.mean(tf.topk(tf.reshape(params['w']!, [1, 2]), 1).values), /TopK has no gradient/],
    ['whose shapes depend on values', ({ inputs }) => tf.mean(tf.unique(tf.reshape(inputs['x']!, [8])).values), /the shape of what Unique gives depends on values/],
    ['that gathers with two batch dimensions', ({ params }) => tf.mean(tf.gather(tf.reshape(params['w']!, [1, 1, 2]), tf.zeros([1, 1, 1], 'int32'), 2, 2)), /batchDims above 1/],
  ])('%s', (_, body, message) => {
    outside.tensor = tf.tensor([1, 2, 3]);
    const error = errorOf(linear(body));
    expect(error.message).toMatch(message);
    expect(error.where).toBe('function "train"');
    expect(error.fix ?? '').not.toBe('');
    outside.tensor.dispose();
  });

  it.each<[string, (args: BodyArguments) => tf.Tensor, RegExp]>([
    ['when it keeps a tensor for its next call', ({ inputs }) => { kept.push(tf.keep(tf.mean(inputs['x']!))); return kept.length > 1 ? kept[kept.length - 2]! : tf.scalar(0); }, /made before the call/],
    ['when it draws on the host', () => tf.scalar(Math.random()), /did not do the same the second time/],
    ['when it counts its calls', () => tf.scalar(counter++), /did not do the same/],
    ['when it takes another way in its second call', ({ params }) => (counter++ % 2 === 0 ? tf.sum(params['w']!) : tf.mean(params['w']!)), /did not do the same/],
    ['when its shapes change', () => tf.mean(tf.ones([1 + counter++])), /did not do the same/],
    ['when a long literal changes', () => tf.mean(tf.tensor(Float32Array.from({ length: 100 }, (_, i) => i * (1 + counter++)))), /sha256/],
  ])('at its second call, %s', (_, body, message) => {
    counter = 0;
    expect(errorOf(linear(body), 2).message).toMatch(message);
    for (const tensor of kept.splice(0)) tensor.dispose();
  });

  /** What the body takes from outside. It is the same in both records of `compile`, and another one at the second run. */
  const host = { number: 0.5, list: [0.5, 1], array: Float32Array.of(0.5, 1), long: new Float32Array(4096), flag: false, draws: stream(0, 'test') };
  it.each<[string, (args: BodyArguments) => tf.Tensor, () => void, RegExp]>([
    ['a number', ({ params }) => tf.mul(tf.sum(params['w']!), host.number), () => { host.number = 0.25; }, /did not do the same the second time/],
    ['the number of a literal', () => tf.scalar(host.number), () => { host.number = 0.75; }, /did not do the same/],
    ['a list of numbers', () => tf.mean(tf.tensor(host.list)), () => { host.list[0] = 2; }, /did not do the same/],
    ['an array that is filled anew', () => tf.mean(tf.tensor(host.array)), () => { host.array.fill(2); }, /a literal of 2 values is an array that was made before the call/],
    ['a part of an array', () => tf.mean(tf.tensor(host.array.subarray(1))), () => { host.array.fill(3); }, /array that was made before the call/],
    ['a long array', () => tf.mean(tf.tensor(host.long)), () => { host.long.fill(4); }, /array that was made before the call/],
    ['a copy of an array', () => tf.mean(tf.tensor(host.array.slice())), () => { host.array.fill(5); }, /did not do the same/],
    ['a flag', ({ params }) => (host.flag ? tf.sum(params['w']!) : tf.mean(params['w']!)), () => { host.flag = !host.flag; }, /did not do the same/],
    ['a count', () => tf.mean(tf.ones([host.list.length])), () => { host.list.push(1); }, /did not do the same/],
    ['draws of a stream from outside', () => tf.scalar(host.draws.normal()), () => { host.draws = stream(1, 'test'); }, /draws random numbers inside/],
  ])('that takes %s from the host, at the latest where that has changed', (_, body, change, message) => {
    const run = (): StepError | null => {
      let model: Compiled | null = null;
      try {
        model = engine.compile(linear(body));
        model.run('train', batch, rates);
        change();
        const before = model.readParams();
        let error: unknown = null;
        for (let again = 0; again < 2; again++) { // nothing is trained, and a second try is refused too
          try {
            model.run('train', batch, rates);
            return null;
          } catch (refused) {
            error = refused;
          }
        }
        expect(model.readParams()).toEqual(before);
        throw error;
      } catch (error) {
        expect(error).toBeInstanceOf(StepError);
        return error as StepError;
      } finally {
        model?.dispose();
      }
    };
    const error = run();
    expect(error?.message).toMatch(message);
    expect(error?.where).toBe('function "train"');
    expect(error?.fix).toMatch(/declare/i);
  });

  it.each<[string, unknown, RegExp]>([
    ['a promise', Promise.resolve({}), /returns a promise/],
    ['nothing', undefined, /must return an object of tensors/],
    ['a number', { loss: 3 }, /output "loss" is not a tensor/],
    ['no loss', {}, /returns no "loss"/],
  ])('when it returns %s', (_, value, message) => {
    const spec = linear();
    const train = spec.functions['train']!;
    const error = errorOf({ ...spec, functions: { train: { ...train, body: () => value } as typeof train } });
    expect(error.message).toMatch(message);
  });

  it('when it returns no output', () => {
    expect(() => engine.compile({ params: [], functions: { none: { kind: 'evaluate', inputs: {}, scalars: [], body: () => ({}) } } }).run('none', {})).toThrow(/returns no output/);
  });

  it('when a trainable parameter does not reach the loss', () => {
    const spec = linear();
    expect(errorOf({ ...spec, params: [...spec.params, param('unused', [1], [1])] }).message).toBe('the loss does not depend on "unused"');
  });

  it('when an output that it only passes on was made before the call', () => {
    const outsider = tf.scalar(1);
    expect(() => engine.compile({ params: [], functions: { pass: { kind: 'evaluate', inputs: {}, scalars: [], body: () => ({ outsider }) } } }).run('pass', {})).toThrow(/made before the call/);
    outsider.dispose();
  });

  it('and leaves no tensor and no handle behind', () => {
    const binding = (tf.findBackend('tensorflow') as unknown as { binding: { getNumOfTensors(): number } }).binding;
    const refused: readonly ((args: BodyArguments) => tf.Tensor)[] = [
      ({ params, inputs }) => { tf.matMul(inputs['x'] as tf.Tensor2D, params['w'] as tf.Tensor2D); throw new Error('planted'); },
      ({ inputs }) => tf.mean(tf.square(tf.tensor(inputs['x']!.dataSync()))),
      ({ inputs }) => tf.mean(tf.matMul(inputs['x'] as tf.Tensor2D, inputs['x'] as tf.Tensor2D)),
      ({ params }) => tf.mean(tf.topk(tf.reshape(params['w']!, [1, 2]), 1).values),
    ];
    const round = (): void => {
      for (const body of refused) {
        let model: Compiled | null = null;
        expect(() => { model = engine.compile(linear(body)); model.run('train', batch, rates); }).toThrow();
        (model as Compiled | null)?.dispose();
      }
    };
    round();
    const [tensors, handles] = [engine.liveTensors(), binding.getNumOfTensors()];
    for (let i = 0; i < 5; i++) round();
    expect([engine.liveTensors(), binding.getNumOfTensors()]).toEqual([tensors, handles]);
  });

  it('but not for literals, zeros and ones made inside', () => {
    const model = engine.compile(linear(({ inputs }) => tf.mul(tf.mean(tf.add(tf.zeros([2]), tf.tensor([0.5, 1]))), tf.mean(tf.onesLike(inputs['x']!)))));
    for (let i = 0; i < 4; i++) expect(model.run('train', batch, rates)['loss']!.data[0]).toBeGreaterThan(0.7);
    model.dispose();
  });
});

describe('a call is refused', () => {
  it.each<[string, () => readonly [string, Record<string, Float32Array | Uint8Array | Int32Array>, Record<string, number>], RegExp]>([
    ['for an unknown function', () => ['trian', batch, rates], /no function "trian" \(did you mean "train"\?\)/],
    ['for an undeclared input', () => ['train', { ...batch, z: new Float32Array(1) }, rates], /input "z" is not declared/],
    ['for a missing input', () => ['train', { x: batch.x }, rates], /input "y" is missing/],
    ['for another length', () => ['train', { ...batch, y: new Float32Array(3) }, rates], /input "y" has 3 values; its shape \[4, 1\] needs 4/],
    ['for another type', () => ['train', { ...batch, y: new Uint8Array(4) }, rates], /must be a Float32Array/],
    ['for a missing scalar', () => ['train', batch, { lr: 1 }], /scalar "weight_decay" is missing/],
    ['for an undeclared scalar', () => ['train', batch, { ...rates, momentum: 1 }], /scalar "momentum" is not declared/],
  ])('%s', (_, call, message) => {
    const model = engine.compile(linear());
    expect(() => model.run(...call())).toThrow(message);
    expect(() => model.run(...call())).toThrow(StepError);
    model.dispose();
  });

  it('after dispose', () => {
    const model = engine.compile(linear());
    model.dispose();
    model.dispose();
    expect(() => model.run('train', batch, rates)).toThrow(/was disposed/);
    expect(() => model.readParams()).toThrow(/was disposed/);
  });

  it('that writes a parameter or state that does not fit, and nothing is changed by it', () => {
    const model = engine.compile(linear());
    expect(() => model.writeParams(new Map([['b', Float32Array.of(9)], ['bb', Float32Array.of(1)]]))).toThrow(/no parameter "bb" \(did you mean "b"\?\)/);
    expect(() => model.writeParams(new Map([['w', Float32Array.of(9)]]))).toThrow(/needs 2 values/);
    expect(() => model.writeOptimizer({ step: 1, m: new Map(), v: new Map() })).toThrow(/missing w, b/);
    expect(model.readParams().get('b')).toEqual(Float32Array.of(0.1));
    model.dispose();
  });
});

describe('compile refuses', () => {
  const spec = linear();
  it.each<[string, CompileSpec, RegExp]>([
    ['two parameters of one name', { ...spec, params: [...spec.params, ...spec.params] }, /"w" is given twice/],
    ['values that do not fill the shape', { ...spec, params: [param('w', [2, 2], [1])] }, /has 1 values; its shape \[2, 2\] needs 4/],
    ['a train function without an optimizer', { params: spec.params, functions: spec.functions }, /needs an optimizer/],
    ['a declared lr', { ...spec, functions: { train: { ...spec.functions['train']!, scalars: ['lr'] } } }, /has it already/],
    ['nothing to train', { ...spec, params: spec.params.map((p) => ({ ...p, trainable: false })) }, /no parameter is trainable/],
    ['a name that no graph can hold', { ...spec, params: [...spec.params, param('my w', [1], [1])] }, /the parameter name "my w" cannot be used/],
    ['a name that begins as no node may', { ...spec, params: [...spec.params, param('-w', [1], [1])] }, /the parameter name "-w" cannot be used/],
    ['a beta of 1', { ...spec, optimizer: { ...optimizer, beta1: 1 } }, /beta1 1/],
  ])('%s', (_, wrong, message) => {
    expect(() => engine.compile(wrong)).toThrow(message);
  });
});

});

describe('openEngine', () => {
  it('is one engine a process', async () => {
    const traced = await openEngine({ threads: 1 });
    expect(await openEngine({ threads: 1, mode: 'traced' })).toBe(traced);
    await expect(openEngine({ threads: 2 })).rejects.toThrow(/runs with 1 threads/);
    await expect(openEngine({ threads: 0 })).rejects.toThrow(/whole number/);
  });

  it.each(['eager', 'traced'] as const)('says what runs: %s', async (mode) => {
    engine = await openEngine({ threads: 1, mode });
    expect(engine.info).toMatchObject({ name: 'tensorflow', mode, device: 'cpu', tfjs: '4.22.0', threads: { intraOp: 1, interOp: 1 } });
    expect(engine.info.runtime).toMatch(/^2\.\d+\.\d+/);
  });
});
