import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { MaskbenchError, StepError } from '../../errors.js';
import type { BodyArguments, Compiled, CompileSpec, FunctionSpec, HostArray, HostTensor } from '../contract.js';
import { core, type NativeBackend } from '../native.js';
import { checkFeeds, nearest, strictRecord, uploadInput, uploadScalar } from './feeds.js';
import { compareFingerprints, fingerprint, type Fingerprint } from './fingerprint.js';
import type { Guard } from './guard.js';
import { createWeights } from './weights.js';

/** What is known of a function from its earlier calls. */
interface History {
  calls: number;
  fingerprint: Fingerprint | null;
  /** `name: [shape] dtype` of every output. */
  outputs: string | null;
}

interface Call {
  readonly name: string;
  readonly spec: FunctionSpec;
  readonly args: BodyArguments;
  readonly params: Readonly<Record<string, Tensor>>;
}

const where = (name: string): string => `function "${name}"`;

/** Compiles nothing: runs each body op by op, under the rules of a step. */
export function compileEager(backend: NativeBackend, guard: Guard, spec: CompileSpec): Compiled {
  checkSpec(spec);
  const weights = createWeights(backend, spec.params, spec.optimizer);
  const trainable = spec.params.filter((param) => param.trainable).map((param) => param.name);
  const histories = new Map<string, History>(Object.keys(spec.functions).map((name) => [name, { calls: 0, fingerprint: null, outputs: null }]));
  let disposed = false;
  const alive = (): void => {
    if (disposed) throw new StepError('the compiled model was disposed', { where: 'compiled model' });
  };

  const run = (name: string, inputs: Readonly<Record<string, HostArray>>, scalars: Readonly<Record<string, number>> = {}): Readonly<Record<string, HostTensor>> => {
    alive();
    const functionSpec = Object.hasOwn(spec.functions, name) ? spec.functions[name] : undefined;
    if (functionSpec === undefined) throw new StepError(`there is no function "${name}"${nearest(name, Object.keys(spec.functions))}`, { where: 'compiled model' });
    checkFeeds(name, functionSpec, inputs, scalars);
    const history = histories.get(name)!;

    return inScope(() => {
      const params = weights.read();
      const inputTensors = Object.fromEntries(Object.entries(functionSpec.inputs).map(([key, input]) => [key, uploadInput(backend, input, inputs[key]!)]));
      const scalarTensors = Object.fromEntries(functionSpec.scalars.map((key) => [key, uploadScalar(backend, scalars[key]!)]));
      const args: BodyArguments = {
        params: strictRecord(where(name), 'parameter', params),
        inputs: strictRecord(where(name), 'input', inputTensors),
        scalars: strictRecord(where(name), 'scalar', scalarTensors),
      };
      const call: Call = { name, spec: functionSpec, args, params };
      const allowed = [...Object.values(params), ...Object.values(inputTensors), ...Object.values(scalarTensors)];
      const compute = (): Computed => guard.watch(name, allowed, () => (functionSpec.kind === 'train' ? differentiate(call, trainable) : evaluate(call)));

      const { outputs, gradients } = history.calls < 2 ? checkRepeats(backend, name, history, compute) : compute();
      history.calls += 1;
      checkOutputs(name, history, outputs);
      const result = mapValues(outputs, (tensor) => readOutput(tensor, Object.values(inputs)));
      if (gradients !== null) {
        for (const tensor of Object.values(params)) tensor.dispose(); // a variable that is read elsewhere is copied before it is updated
        weights.applyGradients(gradients, scalars['lr']!, scalars['weight_decay']!);
      }
      return result;
    });
  };

  return {
    run,
    readParams: guarded(alive, weights.readParams),
    writeParams: guarded(alive, weights.writeParams),
    readOptimizer: guarded(alive, weights.readOptimizer),
    writeOptimizer: guarded(alive, weights.writeOptimizer),
    reset: guarded(alive, weights.reset),
    dispose() {
      if (!disposed) weights.dispose();
      disposed = true;
    },
  };
}

const guarded = <A extends unknown[], R>(check: () => void, f: (...args: A) => R) => (...args: A): R => {
  check();
  return f(...args);
};

function checkSpec({ functions, optimizer, params }: CompileSpec): void {
  for (const [name, spec] of Object.entries(functions)) {
    if (spec.kind === 'train' && optimizer === undefined) throw new StepError('a train function needs an optimizer', { where: where(name), fix: 'Give `optimizer` to compile.' });
    if (spec.kind === 'train' && !params.some((param) => param.trainable)) throw new StepError('no parameter is trainable', { where: where(name) });
    for (const reserved of ['lr', 'weight_decay']) {
      if (spec.kind === 'train' && spec.scalars.includes(reserved)) throw new StepError(`scalar "${reserved}" is declared, but every train function has it already`, { where: where(name), fix: 'Leave it out of `scalars`; it is fed at every call.' });
    }
  }
}

/** Everything that is made inside is disposed at the end, also after an error in the middle of a gradient. */
function inScope<T>(f: () => T): T {
  let result: T | undefined;
  const depth = core.state.gradientDepth;
  try {
    tf.tidy(() => {
      result = f();
    });
    return result as T;
  } catch (error) {
    if (depth === 0) {
      for (const node of core.state.activeTape ?? []) for (const tensor of node.saved) tensor.dispose();
      core.state.activeTape = null;
    }
    throw error;
  }
}

interface Computed {
  readonly outputs: Readonly<Record<string, Tensor>>;
  /** One a trainable parameter, in order; null for evaluate functions. */
  readonly gradients: readonly Tensor[] | null;
}

const isTensor = (value: unknown): value is Tensor => value instanceof tf.Tensor;

function callBody({ name, spec, args }: Call): Readonly<Record<string, Tensor>> {
  const outputs: unknown = spec.body(args);
  if (outputs instanceof Promise) throw new StepError('the body returns a promise', { where: where(name), fix: 'A body is synchronous: read the outputs that `run` returns instead.' });
  if (typeof outputs !== 'object' || outputs === null || isTensor(outputs)) throw new StepError('the body must return an object of tensors', { where: where(name) });
  for (const [key, value] of Object.entries(outputs)) {
    if (!isTensor(value)) throw new StepError(`output "${key}" is not a tensor`, { where: where(name) });
    if (value.dtype !== 'float32' && value.dtype !== 'int32') throw new StepError(`output "${key}" is ${value.dtype}`, { where: where(name), fix: 'Cast it to float32 or int32.' });
  }
  return outputs as Readonly<Record<string, Tensor>>;
}

/** Clones pass every output through the rules: one that was made before the call is refused. */
const evaluate = (call: Call): Computed => ({ outputs: mapValues(callBody(call), (tensor) => tf.clone(tensor)), gradients: null });

const mapValues = <A, B>(record: Readonly<Record<string, A>>, f: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, f(value)]));

function differentiate(call: Call, trainable: readonly string[]): Computed {
  let outputs: Record<string, Tensor> = {};
  const forward = (): Tensor => {
    const returned = callBody(call);
    const loss = returned['loss'];
    if (loss === undefined) throw new StepError('the body returns no "loss"', { where: where(call.name), fix: 'A train function returns { loss, ... }.' });
    if (loss.rank !== 0 || loss.dtype !== 'float32') {
      throw new StepError(`the loss has shape [${loss.shape.join(', ')}] and type ${loss.dtype}`, { where: where(call.name), fix: 'It must be a float32 tensor of rank 0: take the mean or the sum.' });
    }
    outputs = mapValues(returned, (tensor) => tf.keep(tf.clone(tensor)));
    return loss;
  };
  try {
    const { grads } = core.gradients(forward, trainable.map((name) => call.params[name]!), undefined, true);
    const unreached = trainable.filter((_, index) => grads[index] == null);
    if (unreached.length > 0) {
      throw new StepError(`the loss does not depend on ${unreached.map((name) => `"${name}"`).join(', ')}`, { where: where(call.name), fix: 'Use these parameters in the body, leave them out, or mark them `trainable: false`.' });
    }
    return { outputs: mapValues(outputs, release), gradients: grads as Tensor[] };
  } catch (error) {
    for (const tensor of Object.values(outputs)) tensor.dispose();
    throw explainGradientError(call.name, error);
  }
}

/** A kept tensor becomes one of the scope again. */
function release(tensor: Tensor): Tensor {
  const copy = tf.clone(tensor);
  tensor.dispose();
  return copy;
}

function explainGradientError(name: string, error: unknown): unknown {
  if (error instanceof MaskbenchError || !(error instanceof Error)) return error;
  const missing = /gradient function not found for (\w+)/.exec(error.message)?.[1];
  if (missing === undefined) return error;
  return new StepError(`${missing} has no gradient`, { where: where(name), fix: 'Use other ops, give it one with tf.customGrad, or compute it before the step.', cause: error });
}

/** The first two calls of a function must do the same, op by op and literal by literal. */
function checkRepeats(backend: NativeBackend, name: string, history: History, compute: () => Computed): Computed {
  const { result, list } = fingerprint(backend, compute);
  if (history.fingerprint === null) history.fingerprint = list;
  else {
    compareFingerprints(name, history.fingerprint, list);
    history.fingerprint = [];
  }
  return result;
}

function checkOutputs(name: string, history: History, outputs: Readonly<Record<string, Tensor>>): void {
  const described = Object.entries(outputs).map(([key, tensor]) => `${key}: [${tensor.shape.join(', ')}] ${tensor.dtype}`).join('; ');
  history.outputs ??= described;
  if (history.outputs !== described) {
    throw new StepError(`outputs changed from ${history.outputs} to ${described}`, { where: where(name), fix: 'Shapes are static: a body does the same at every call.' });
  }
}

function readOutput(tensor: Tensor, inputs: readonly HostArray[]): HostTensor {
  const data = tensor.dataSync() as Float32Array | Int32Array;
  return { shape: [...tensor.shape], data: inputs.includes(data) ? data.slice() : data };
}
