import type { NamedAttrMap, NamedTensorMap, Tensor } from '@tensorflow/tfjs-core';
import { StepError } from '../errors.js';
import { withoutDraws } from '../random.js';
import { wrongGradient } from './kernels/wrong-gradients.js';
import { core, type NativeBackend } from './native.js';

/**
 * Holds the rules of a step while its body (and its gradient) runs: no host reads, no randomness, no tensors from outside.
 * Everything that a body does with tensors passes through `runKernel`, `startScope` (the name of the tfjs op) or a read of
 * the backend; those are watched, at the cost of a few comparisons an op.
 */
export interface Guard {
  /** Runs `f` under the rules; rethrows the first broken rule even where the body swallowed it. */
  watch<T>(functionName: string, allowed: readonly Tensor[], f: () => T): T;
}

/** A kernel that ran, and whether a gradient tape was recording it. */
export interface KernelUse { readonly name: string; readonly onTape: boolean }

const RANDOM_OPS: ReadonlySet<string> = new Set([
  'dropout', 'multinomial', 'rand', 'randomGamma', 'randomNormal', 'randomStandardNormal', 'randomUniform', 'randomUniformInt', 'truncatedNormal',
]);
const RANDOM_KERNELS: ReadonlySet<string> = new Set(['Multinomial']);
/** Kernels with as many outputs as their values say: nothing that follows would have a static shape. */
const VALUE_SHAPED_KERNELS: ReadonlySet<string> = new Set([
  'NonMaxSuppressionV3', 'NonMaxSuppressionV4', 'NonMaxSuppressionV5', 'RaggedGather', 'RaggedRange', 'SparseFillEmptyRows', 'SparseReshape',
  'StringNGrams', 'StringSplit', 'Unique',
]);
const OP_SUFFIX = '__op';

interface Watch {
  readonly where: string;
  /** Tensors with a lower id were made before the call. */
  readonly floor: number;
  broken: StepError | null;
}

let watching: Watch | null = null;
let listener: ((use: KernelUse) => void) | null = null;

const breakRule = (watch: Watch, message: string, fix: string): StepError => {
  const error = new StepError(message, { where: watch.where, fix });
  watch.broken ??= error;
  return error;
};

const refusedDraw = (watch: Watch, what: string): StepError => breakRule(watch, `${what} draws random numbers inside the body`,
  'Draw them on the host (src/random.ts) before `run`, and declare them as an input: a body is run once to see what it does, so that its draws would be the same at every step.');

const checkInputs = (watch: Watch, kernel: string, inputs: NamedTensorMap): void => {
  for (const key in inputs) {
    const tensor = inputs[key];
    if (tensor != null && tensor.id < watch.floor) {
      throw breakRule(watch, `${kernel} uses a tensor of shape [${tensor.shape.join(', ')}] that was made before the call`,
        'Pass it in as a parameter or an input, or make it from a literal inside the body: a captured tensor would be frozen into the step.');
    }
  }
};

/** Puts the watch on tfjs-core's engine and on the backend. Once a process. */
export function installGuard(backend: NativeBackend): Guard {
  const runKernel = core.runKernel.bind(core);
  core.runKernel = (name: string, inputs: NamedTensorMap, attributes?: NamedAttrMap): Tensor | Tensor[] => {
    if (watching !== null) {
      if (RANDOM_KERNELS.has(name)) throw refusedDraw(watching, `tf.${name.toLowerCase()}`);
      if (VALUE_SHAPED_KERNELS.has(name)) {
        throw breakRule(watching, `the shape of what ${name} gives depends on values`, 'Shapes are static: do it on the host, before the step or with what it returns.');
      }
      checkInputs(watching, name, inputs);
      const wrong = core.isTapeOn() ? wrongGradient(name, attributes) : null;
      if (wrong !== null) throw breakRule(watching, wrong, 'The result would be a gradient of something else.');
    }
    listener?.({ name, onTape: core.isTapeOn() });
    return runKernel(name, inputs, attributes);
  };

  const startScope = core.startScope.bind(core);
  core.startScope = (name?: string): void => {
    if (watching !== null && name?.endsWith(OP_SUFFIX) === true) {
      const op = name.slice(0, -OP_SUFFIX.length);
      if (RANDOM_OPS.has(op)) throw refusedDraw(watching, `tf.${op}`);
    }
    startScope(name);
  };

  const hostRead = (watch: Watch): StepError => breakRule(watch, 'the body reads the values of a tensor on the host (data, dataSync, array, print, ...)',
    'Return the tensor as an output instead, or compute with tensor ops: a value that is read would be frozen into the step.');
  const read = backend.read.bind(backend);
  backend.read = (dataId) => {
    if (watching === null) return read(dataId);
    hostRead(watching);
    return new Promise<never>(() => {}); // the rule is reported when the body returns; a rejection here would be unhandled
  };
  const readSync = backend.readSync.bind(backend);
  backend.readSync = (dataId) => {
    if (watching !== null) throw hostRead(watching);
    return readSync(dataId);
  };

  return {
    watch(functionName, allowed, f) {
      const floor = allowed.reduce((lowest, tensor) => Math.min(lowest, tensor.id), core.nextTensorId());
      const watch: Watch = { where: `function "${functionName}"`, floor, broken: null };
      const outer = watching;
      watching = watch;
      let result: ReturnType<typeof f>;
      try {
        result = withoutDraws(() => refusedDraw(watch, 'stream() of src/random.ts'), f);
      } catch (error) {
        throw watch.broken ?? error;
      } finally {
        watching = outer;
      }
      if (watch.broken !== null) throw watch.broken; // a rule that the body caught and hid is still broken
      return result;
    },
  };
}

/** Calls `f` and lists the kernels that it ran, in order of first use. Needs an open engine. */
export function recordKernels(f: () => void): readonly KernelUse[] {
  const seen = new Map<string, KernelUse>();
  const outer = listener;
  listener = (use) => {
    outer?.(use);
    seen.set(`${use.name}/${use.onTape}`, use);
  };
  try {
    f();
  } finally {
    listener = outer;
  }
  return [...seen.values()];
}
