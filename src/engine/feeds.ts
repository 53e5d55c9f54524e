import type { Tensor } from '@tensorflow/tfjs-core';
import { StepError } from '../errors.js';
import { didYouMean } from '../nearest.js';
import type { FunctionSpec, HostArray, InputSpec, InputType } from './contract.js';
import type { Binding, NativeBackend } from './native.js';

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);

/** Scalars that every `train` function has besides the declared ones. */
const TRAIN_SCALARS: readonly string[] = ['lr', 'weight_decay'];
export const scalarNames = (spec: FunctionSpec): readonly string[] => (spec.kind === 'train' ? [...spec.scalars, ...TRAIN_SCALARS] : spec.scalars);

const ARRAYS: Readonly<Record<InputType, { readonly name: string; is(value: HostArray): boolean }>> = {
  uint8: { name: 'Uint8Array', is: (value) => value instanceof Uint8Array },
  float32: { name: 'Float32Array', is: (value) => value instanceof Float32Array },
  int32: { name: 'Int32Array', is: (value) => value instanceof Int32Array },
};

const checkNames = (where: string, what: string, declared: readonly string[], given: readonly string[]): void => {
  for (const name of given) {
    if (!declared.includes(name)) throw new StepError(`${what} "${name}" is not declared${didYouMean(name, declared)}`, { where, fix: `Declare it in the function's ${what}s, or leave it out.` });
  }
  for (const name of declared) {
    if (!given.includes(name)) throw new StepError(`${what} "${name}" is missing`, { where, fix: `Every declared ${what} is given at every call: ${declared.join(', ')}.` });
  }
};

const checkArray = (where: string, name: string, spec: InputSpec, value: HostArray): void => {
  const expected = ARRAYS[spec.type];
  if (!expected.is(value)) {
    throw new StepError(`input "${name}" must be a ${expected.name}`, { where, fix: `It is declared as ${spec.type}.` });
  }
  const length = sizeOf(spec.shape);
  if (value.length !== length) {
    throw new StepError(`input "${name}" has ${value.length} values; its shape [${spec.shape.join(', ')}] needs ${length}`, {
      where,
      fix: 'Shapes are fixed when a function is compiled. Pad a short batch, or compile another function for it.',
    });
  }
};

/** Refuses anything but exactly what was declared. */
export function checkFeeds(functionName: string, spec: FunctionSpec, inputs: Readonly<Record<string, HostArray>>, scalars: Readonly<Record<string, number>>): void {
  const where = `function "${functionName}"`;
  checkNames(where, 'input', Object.keys(spec.inputs), Object.keys(inputs));
  checkNames(where, 'scalar', scalarNames(spec), Object.keys(scalars));
  for (const [name, input] of Object.entries(spec.inputs)) checkArray(where, name, input, inputs[name]!);
  for (const [name, value] of Object.entries(scalars)) {
    if (typeof value !== 'number') throw new StepError(`scalar "${name}" must be a number`, { where });
  }
}

const dtypes = (binding: Binding): Readonly<Record<InputType, number>> => ({ uint8: binding.TF_UINT8, float32: binding.TF_FLOAT, int32: binding.TF_INT32 });

/** Uploads one input; bytes become float32 values 0..255. The array must not change before the tensor is disposed. */
export function uploadInput(backend: NativeBackend, spec: InputSpec, values: HostArray): Tensor {
  const { binding } = backend;
  const dtype = dtypes(binding)[spec.type];
  const shape = [...spec.shape];
  const id = binding.createTensor(shape, dtype, values);
  if (spec.type !== 'uint8') return backend.createOutputTensor({ id, shape, dtype });
  const [cast] = binding.executeOp('Cast', [
    { name: 'SrcT', type: binding.TF_ATTR_TYPE, value: binding.TF_UINT8 },
    { name: 'DstT', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
    { name: 'Truncate', type: binding.TF_ATTR_BOOL, value: false },
  ], [id], 1);
  binding.deleteTensor(id);
  return backend.createOutputTensor(cast!);
}

/** Uploads a rank-0 float32. */
export const uploadScalar = (backend: NativeBackend, value: number): Tensor =>
  uploadInput(backend, { shape: [], type: 'float32' }, Float32Array.of(value));

/** A record that refuses unknown names, so that a typing error in a body is an error by name. */
export function strictRecord<T>(where: string, what: string, values: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return new Proxy(values, {
    get(target, key) {
      if (typeof key === 'symbol') return undefined;
      if (Object.hasOwn(target, key)) return target[key];
      throw new StepError(`the body uses ${what} "${key}", which is not declared${didYouMean(key, Object.keys(target))}`, { where, fix: `Declared: ${Object.keys(target).join(', ') || 'none'}.` });
    },
    set(_target, key) {
      throw new StepError(`the body sets ${what} "${String(key)}"`, { where, fix: 'Bodies are pure: return outputs instead.' });
    },
  });
}
