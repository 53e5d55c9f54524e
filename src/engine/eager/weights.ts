import type { Tensor } from '@tensorflow/tfjs-core';
import { StepError } from '../../errors.js';
import type { AdamW, Compiled, ParamSpec } from '../contract.js';
import { type Binding, type NativeBackend, unaligned } from '../native.js';
import { adamwScalars } from '../adamw.js';
import { checkOptimizer, checkOptimizerState, checkParams, checkValues, momentumOf } from '../parameters.js';

/**
 * Parameters and optimiser slots as TensorFlow resource variables, updated in place by the native Adam kernel: one pass
 * over the memory a parameter, and the same arithmetic as the traced engine.
 */
export interface Weights extends Omit<Compiled, 'run'> {
  /** Current values as tensors, by name, in order. The caller disposes them before `applyGradients`. */
  read(): Readonly<Record<string, Tensor>>;
  /** One update, and the moving averages behind it. `scalars`: those of the function, `lr` and `weight_decay` among them. */
  applyGradients(gradients: readonly Tensor[], scalars: Readonly<Record<string, number>>): void;
  /** Number of live native handles. */
  readonly handles: number;
}

interface Slots { readonly m: number; readonly v: number }
interface Weight { readonly spec: ParamSpec; readonly variable: number; readonly slots: Slots | null }

const WHERE = 'engine.compile';
let variables = 0;

export function createWeights(backend: NativeBackend, params: readonly ParamSpec[], optimizer: AdamW | undefined): Weights {
  checkParams(params);
  if (optimizer !== undefined) checkOptimizer(optimizer);
  const { binding } = backend;
  const native = nativeVariables(binding);
  const weights: readonly Weight[] = params.map((spec) => ({
    spec,
    variable: native.create(spec.shape),
    slots: optimizer !== undefined && spec.trainable ? { m: native.create(spec.shape), v: native.create(spec.shape) } : null,
  }));
  const byName = new Map(weights.map((weight) => [weight.spec.name, weight]));
  const trained = weights.filter((weight) => weight.spec.trainable);
  const slotted = optimizer === undefined ? [] : trained.map(({ spec }) => spec);
  let step = 0;

  const writeParams = (values: ReadonlyMap<string, Float32Array>): void => {
    checkValues(params, values);
    for (const [name, array] of values) native.assign(byName.get(name)!.variable, byName.get(name)!.spec.shape, array);
  };

  const update = optimizer === undefined ? null : adamW(binding, native, optimizer, trained);
  const reset = (values?: ReadonlyMap<string, Float32Array>): void => {
    if (values !== undefined) checkValues(params, values);
    for (const { spec, variable, slots } of weights) {
      native.assign(variable, spec.shape, values?.get(spec.name) ?? spec.value);
      if (slots === null) continue;
      native.assign(slots.m, spec.shape, new Float32Array(spec.value.length));
      native.assign(slots.v, spec.shape, new Float32Array(spec.value.length));
    }
    step = 0;
  };
  reset();

  return {
    read: () => Object.fromEntries(weights.map(({ spec, variable }) => [spec.name, backend.createOutputTensor(native.read(variable))])),
    applyGradients(gradients, scalars) {
      if (update === null) throw new StepError('a train function needs an optimizer', { where: WHERE });
      step += 1;
      update(gradients.map((gradient) => handleOf(backend, gradient)), step, scalars['lr']!, scalars['weight_decay']!);
      for (const { spec, variable } of weights) {
        if (spec.ema !== undefined) average(binding, native, variable, byName.get(spec.ema.of)!.variable, momentumOf(spec.ema.momentum, scalars));
      }
    },
    readParams: () => new Map(weights.map(({ spec, variable }) => [spec.name, native.values(variable)])),
    writeParams,
    readOptimizer() {
      const slots = weights.flatMap(({ spec, slots: held }) => (held === null ? [] : [{ name: spec.name, held }]));
      return {
        step,
        m: new Map(slots.map(({ name, held }) => [name, native.values(held.m)])),
        v: new Map(slots.map(({ name, held }) => [name, native.values(held.v)])),
      };
    },
    writeOptimizer(state) {
      checkOptimizerState(params, slotted, state);
      for (const { spec, slots } of weights) {
        if (slots === null) continue;
        native.assign(slots.m, spec.shape, state.m.get(spec.name)!);
        native.assign(slots.v, spec.shape, state.v.get(spec.name)!);
      }
      step = state.step;
    },
    reset,
    dispose: () => native.dispose(),
    get handles() {
      return native.count();
    },
  };
}

interface NativeVariables {
  create(shape: readonly number[]): number;
  read(variable: number): { readonly id: number; readonly shape: number[]; readonly dtype: number };
  values(variable: number): Float32Array;
  /** Copies the values: a variable never shares memory with a JavaScript array. */
  assign(variable: number, shape: readonly number[], values: Float32Array): void;
  /** Takes over the tensor `id` as the new value. */
  assignTensor(variable: number, id: number): void;
  dispose(): void;
  count(): number;
}

function nativeVariables(binding: Binding): NativeVariables {
  const handles: number[] = [];
  const dtype = { name: 'dtype', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT };
  const assignTensor = (variable: number, id: number): void => {
    binding.executeOp('AssignVariableOp', [dtype], [variable, id], 0);
    binding.deleteTensor(id);
  };
  const read = (variable: number): ReturnType<NativeVariables['read']> => binding.executeOp('ReadVariableOp', [dtype], [variable], 1)[0]!;
  return {
    create(shape) {
      const [handle] = binding.executeOp('VarHandleOp', [
        { name: 'container', type: binding.TF_ATTR_STRING, value: '' },
        { name: 'shared_name', type: binding.TF_ATTR_STRING, value: `maskbench/${variables++}` },
        dtype,
        { name: 'shape', type: binding.TF_ATTR_SHAPE, value: [...shape] },
      ], [], 1);
      handles.push(handle!.id);
      return handle!.id;
    },
    read,
    values(variable) {
      const { id } = read(variable);
      const values = binding.tensorDataSync(id) as Float32Array;
      binding.deleteTensor(id);
      return values;
    },
    assign: (variable, shape, values) => assignTensor(variable, binding.createTensor(shape, binding.TF_FLOAT, unaligned(values))),
    assignTensor,
    dispose() {
      for (const handle of handles.splice(0)) {
        binding.executeOp('DestroyResourceOp', [{ name: 'ignore_lookup_error', type: binding.TF_ATTR_BOOL, value: true }], [handle], 0);
        binding.deleteTensor(handle);
      }
    },
    count: () => handles.length,
  };
}

/** The native handle of a tensor; uploads a literal that no op has used yet. */
const handleOf = (backend: NativeBackend, tensor: Tensor): number => backend.getInputTensorIds([tensor])[0]!;

/** `target = momentum * target + (1 - momentum) * source`, in the arithmetic of the traced engine. */
function average(binding: Binding, native: NativeVariables, target: number, source: number, momentum: number): void {
  const T = { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT };
  const scalar = (value: number): number => binding.createTensor([], binding.TF_FLOAT, Float32Array.of(value));
  const op = (name: string, a: number, b: number): number => binding.executeOp(name, [T], [a, b], 1)[0]!.id;
  const [old, other, keep, add] = [native.read(target).id, native.read(source).id, scalar(momentum), scalar(1 - momentum)];
  const [kept, added] = [op('Mul', old, keep), op('Mul', other, add)];
  native.assignTensor(target, op('AddV2', kept, added));
  for (const id of [old, other, keep, add, kept, added]) binding.deleteTensor(id);
}

type Update = (gradients: readonly number[], step: number, lr: number, weightDecay: number) => void;

/** One AdamW step on the variables (engine/adamw.ts). */
function adamW(binding: Binding, native: NativeVariables, optimizer: AdamW, trained: readonly Weight[]): Update {
  const T = { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT };
  const adamAttributes = [T, { name: 'use_locking', type: binding.TF_ATTR_BOOL, value: false }, { name: 'use_nesterov', type: binding.TF_ATTR_BOOL, value: false }];
  const scalar = (value: number): number => binding.createTensor([], binding.TF_FLOAT, Float32Array.of(value));
  const multiply = (a: number, b: number): number => binding.executeOp('Mul', [T], [a, b], 1)[0]!.id;
  const { beta1, beta2, clipNorm } = optimizer;

  /** The factor that brings the global L2 norm down to clipNorm (torch.nn.utils.clip_grad_norm_), 1 when it is below. */
  const clipFactor = (gradients: readonly number[], limit: number): number => {
    let squares = 0;
    for (const gradient of gradients) {
      const [half] = binding.executeOp('L2Loss', [T], [gradient], 1);
      squares += 2 * binding.tensorDataSync(half!.id)[0]!;
      binding.deleteTensor(half!.id);
    }
    const factor = limit / (Math.sqrt(squares) + 1e-6);
    return factor < 1 || Number.isNaN(factor) ? factor : 1;
  };

  return (gradients, step, lr, weightDecay) => {
    const temporary: number[] = [];
    const constants = new Map<number, number>();
    const constant = (value: number): number => {
      let id = constants.get(value);
      if (id === undefined) constants.set(value, (id = scalar(value)));
      return id;
    };
    const factor = clipNorm === undefined ? 1 : clipFactor(gradients, clipNorm);
    const { epsilon, alpha } = adamwScalars(optimizer, step);
    const nativeEpsilon = constant(epsilon);
    trained.forEach(({ spec, variable, slots }, index) => {
      const rate = lr * spec.lrScale;
      const shrink = spec.decay ? 1 - rate * weightDecay : 1;
      if (shrink !== 1) {
        const value = native.read(variable).id;
        native.assignTensor(variable, multiply(value, constant(shrink)));
        binding.deleteTensor(value);
      }
      let gradient = gradients[index]!;
      if (factor !== 1) temporary.push((gradient = multiply(gradient, constant(factor))));
      binding.executeOp('ResourceApplyAdam', adamAttributes,
        [variable, slots!.m, slots!.v, constant(0), constant(0), constant(alpha(rate)), constant(beta1), constant(beta2), nativeEpsilon, gradient], 0);
    });
    for (const id of [...temporary, ...constants.values()]) binding.deleteTensor(id);
  };
}
