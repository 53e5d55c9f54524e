import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { MaskbenchError, StepError } from '../errors.js';
import type { BodyArguments, CompileSpec, FunctionSpec } from './contract.js';
import { core } from './native.js';
import { checkAverages } from './parameters.js';

/** Calling a body and its gradient, the same for every engine. */

/** One call of a function's body. `params` are the tensors behind `args.params`, without its checks. */
export interface Call {
  readonly name: string;
  readonly spec: FunctionSpec;
  readonly args: BodyArguments;
  readonly params: Readonly<Record<string, Tensor>>;
}

export const where = (name: string): string => `function "${name}"`;

/** Refuses what no function could do. */
export function checkSpec({ functions, optimizer, params }: CompileSpec): void {
  checkAverages({ params, functions });
  checkNodeNames('parameter', params.map(({ name }) => name));
  checkNodeNames('function', Object.keys(functions));
  for (const [name, spec] of Object.entries(functions)) {
    checkNodeNames('input', Object.keys(spec.inputs));
    checkNodeNames('scalar', spec.scalars);
    if (spec.kind === 'train' && optimizer === undefined) throw new StepError('a train function needs an optimizer', { where: where(name), fix: 'Give `optimizer` to compile.' });
    if (spec.kind === 'train' && !params.some((param) => param.trainable)) throw new StepError('no parameter is trainable', { where: where(name) });
    for (const reserved of ['lr', 'weight_decay']) {
      if (spec.kind === 'train' && spec.scalars.includes(reserved)) throw new StepError(`scalar "${reserved}" is declared, but every train function has it already`, { where: where(name), fix: 'Leave it out of `scalars`; it is fed at every call.' });
    }
  }
}

/** Names become parts of node names in a graph, where TensorFlow allows these characters. */
function checkNodeNames(what: string, names: readonly string[]): void {
  for (const name of names) {
    if (!/^[A-Za-z0-9.][\w>./\\-]*$/.test(name)) throw new StepError(`the ${what} name ${JSON.stringify(name)} cannot be used`, { where: 'engine.compile', fix: 'Names begin with a letter, a digit or a dot, and are made of these and the characters _ / > -' });
  }
}

/** Everything that is made inside is disposed at the end, also after an error in the middle of a gradient. */
export function inScope<T>(f: () => T): T {
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

export interface Computed {
  readonly outputs: Readonly<Record<string, Tensor>>;
  /** One a trainable parameter, in order; null for evaluate functions. */
  readonly gradients: readonly Tensor[] | null;
}

const isTensor = (value: unknown): value is Tensor => value instanceof tf.Tensor;

function callBody({ name, spec, args }: Call): Readonly<Record<string, Tensor>> {
  const outputs: unknown = spec.body(args);
  if (outputs instanceof Promise) throw new StepError('the body returns a promise', { where: where(name), fix: 'A body is synchronous: read the outputs that `run` returns instead.' });
  if (typeof outputs !== 'object' || outputs === null || isTensor(outputs)) throw new StepError('the body must return an object of tensors', { where: where(name) });
  checkNodeNames('output', Object.keys(outputs));
  for (const [key, value] of Object.entries(outputs)) {
    if (!isTensor(value)) throw new StepError(`output "${key}" is not a tensor`, { where: where(name) });
    if (value.dtype !== 'float32' && value.dtype !== 'int32') throw new StepError(`output "${key}" is ${value.dtype}`, { where: where(name), fix: 'Cast it to float32 or int32.' });
  }
  return outputs as Readonly<Record<string, Tensor>>;
}

/** Clones pass every output through the rules: one that was made before the call is refused. */
function evaluate(call: Call): Computed {
  const outputs = callBody(call);
  if (Object.keys(outputs).length === 0) throw new StepError('the body returns no output', { where: where(call.name), fix: 'Return at least one tensor by name.' });
  return { outputs: mapValues(outputs, (tensor) => tf.clone(tensor)), gradients: null };
}

export const mapValues = <A, B>(record: Readonly<Record<string, A>>, f: (value: A) => B): Record<string, B> =>
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

/** Runs the body, and for a train function the gradient of its loss for the parameters named `trainable`. */
export const compute = (call: Call, trainable: readonly string[]): Computed => (call.spec.kind === 'train' ? differentiate(call, trainable) : evaluate(call));
