import type { Tensor } from '@tensorflow/tfjs-core';
import { StepError } from '../../errors.js';
import type { AdamW, OptimizerState, ParamSpec } from '../contract.js';
import type { Binding, NativeBackend } from '../native.js';
import { nearest, sizeOf } from './feeds.js';

/**
 * Parameters and optimiser slots as TensorFlow resource variables, updated in place by the native Adam kernel: one pass
 * over the memory a parameter, and the same arithmetic as the traced engine.
 */
export interface Weights {
  /** Current values as tensors, by name, in order. The caller disposes them before `applyGradients`. */
  read(): Readonly<Record<string, Tensor>>;
  applyGradients(gradients: readonly Tensor[], lr: number, weightDecay: number): void;
  readParams(): ReadonlyMap<string, Float32Array>;
  writeParams(values: ReadonlyMap<string, Float32Array>): void;
  readOptimizer(): OptimizerState;
  writeOptimizer(state: OptimizerState): void;
  reset(values?: ReadonlyMap<string, Float32Array>): void;
  dispose(): void;
  /** Number of live native handles. */
  readonly handles: number;
}

interface Slots { readonly m: number; readonly v: number }
interface Weight { readonly spec: ParamSpec; readonly variable: number; readonly slots: Slots | null }

const WHERE = 'engine.compile';
let variables = 0;

/** Rejects duplicate names, lengths that do not fit, and numbers that cannot be meant. */
function checkParams(params: readonly ParamSpec[]): void {
  const seen = new Set<string>();
  for (const { name, shape, value, lrScale } of params) {
    if (seen.has(name)) throw new StepError(`parameter "${name}" is given twice`, { where: WHERE, fix: 'Names are unique.' });
    seen.add(name);
    if (value.length !== sizeOf(shape)) {
      throw new StepError(`parameter "${name}" has ${value.length} values; its shape [${shape.join(', ')}] needs ${sizeOf(shape)}`, { where: WHERE, fix: 'Give one value an element, row-major.' });
    }
    if (!Number.isFinite(lrScale) || lrScale < 0) throw new StepError(`parameter "${name}" has lrScale ${lrScale}`, { where: WHERE, fix: 'It is a finite factor of at least 0; 1 when there is none.' });
  }
}

function checkOptimizer({ beta1, beta2, epsilon, clipNorm }: AdamW): void {
  const inRange = beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1 && epsilon >= 0 && (clipNorm === undefined || clipNorm > 0);
  if (!inRange) throw new StepError(`AdamW with beta1 ${beta1}, beta2 ${beta2}, epsilon ${epsilon}, clipNorm ${clipNorm}`, { where: WHERE, fix: 'Betas lie in [0, 1), epsilon is at least 0, clipNorm is above 0 or left out.' });
}

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
  let step = 0;

  const find = (name: string, values: Float32Array): Weight => {
    const weight = byName.get(name);
    if (weight === undefined) throw new StepError(`there is no parameter "${name}"${nearest(name, byName.keys())}`, { where: 'compiled model', fix: 'Names are those given to compile.' });
    const length = sizeOf(weight.spec.shape);
    if (values.length !== length) throw new StepError(`parameter "${name}" needs ${length} values for shape [${weight.spec.shape.join(', ')}], got ${values.length}`, { where: 'compiled model' });
    return weight;
  };
  const writeParams = (values: ReadonlyMap<string, Float32Array>): void => {
    const found = Array.from(values, ([name, array]) => ({ weight: find(name, array), array })); // all checked before one is set
    for (const { weight, array } of found) native.assign(weight.variable, weight.spec.shape, array);
  };

  const update = optimizer === undefined ? null : adamW(binding, native, optimizer, trained);
  const reset = (values?: ReadonlyMap<string, Float32Array>): void => {
    if (values !== undefined) for (const [name, array] of values) find(name, array);
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
    applyGradients(gradients, lr, weightDecay) {
      if (update === null) throw new StepError('a train function needs an optimizer', { where: WHERE });
      step += 1;
      update(gradients.map((gradient) => handleOf(backend, gradient)), step, lr, weightDecay);
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
      if (!Number.isSafeInteger(state.step) || state.step < 0) throw new StepError(`optimiser step ${state.step} is no step number`, { where: 'compiled model' });
      const slotted = trained.filter((weight) => weight.slots !== null).map((weight) => weight.spec.name);
      for (const [label, map] of [['m', state.m], ['v', state.v]] as const) {
        for (const [name, array] of map) find(name, array);
        const missing = slotted.filter((name) => !map.has(name));
        const extra = [...map.keys()].filter((name) => !slotted.includes(name));
        if (missing.length + extra.length > 0) {
          throw new StepError(`optimiser state ${label} does not fit: missing ${missing.join(', ') || 'none'}; not trained here ${extra.join(', ') || 'none'}`, { where: 'compiled model', fix: 'It holds one array for each trainable parameter.' });
        }
      }
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
    assign: (variable, shape, values) => assignTensor(variable, binding.createTensor(shape, binding.TF_FLOAT, values.slice())),
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

type Update = (gradients: readonly number[], step: number, lr: number, weightDecay: number) => void;

/**
 * One AdamW step (Loshchilov & Hutter 2019, as torch.optim.AdamW computes it):
 *   p <- p * (1 - lr * wd);  m <- m + (1 - b1)(g - m);  v <- v + (1 - b2)(g^2 - v)
 *   p <- p - lr / (1 - b1^t) * m / (sqrt(v) / sqrt(1 - b2^t) + eps)
 *
 * TensorFlow's kernel computes `p - alpha * m / (sqrt(v) + eps')` with alpha from its own powers of beta in float32. Both
 * are given from float64 instead: powers 0, alpha = lr * sqrt(1 - b2^t) / (1 - b1^t), eps' = eps * sqrt(1 - b2^t). The
 * kernel also forms 1 - beta in float32, which for beta 0.999 is off by 5e-5; m and v are then too large by a constant
 * factor, which alpha and eps' take out again.
 */
function adamW(binding: Binding, native: NativeVariables, { beta1, beta2, epsilon, clipNorm }: AdamW, trained: readonly Weight[]): Update {
  const T = { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT };
  const adamAttributes = [T, { name: 'use_locking', type: binding.TF_ATTR_BOOL, value: false }, { name: 'use_nesterov', type: binding.TF_ATTR_BOOL, value: false }];
  const scalar = (value: number): number => binding.createTensor([], binding.TF_FLOAT, Float32Array.of(value));
  const multiply = (a: number, b: number): number => binding.executeOp('Mul', [T], [a, b], 1)[0]!.id;
  const excess = (beta: number): number => Math.fround(1 - Math.fround(beta)) / (1 - beta);
  const excessM = excess(beta1);
  const excessV = Math.sqrt(excess(beta2));

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
    const correction1 = 1 - beta1 ** step;
    const correction2 = Math.sqrt(1 - beta2 ** step);
    const nativeEpsilon = constant(epsilon * correction2 * excessV);
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
      const alpha = ((rate * correction2) / correction1) * (excessV / excessM);
      binding.executeOp('ResourceApplyAdam', adamAttributes,
        [variable, slots!.m, slots!.v, constant(0), constant(0), constant(alpha), constant(beta1), constant(beta2), nativeEpsilon, gradient], 0);
    });
    for (const id of [...temporary, ...constants.values()]) binding.deleteTensor(id);
  };
}
