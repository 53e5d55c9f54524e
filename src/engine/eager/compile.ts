import type { Tensor } from '@tensorflow/tfjs-core';
import { StepError } from '../../errors.js';
import { didYouMean } from '../../nearest.js';
import { checkSpec, compute, inScope, mapValues, where, type Call, type Computed } from '../body.js';
import type { BodyArguments, Compiled, CompileSpec, HostArray, HostTensor } from '../contract.js';
import { checkFeeds, strictRecord, uploadInput, uploadScalar } from '../feeds.js';
import type { Guard } from '../guard.js';
import { watchLiterals, type LiteralWatch } from '../literals.js';
import type { NativeBackend } from '../native.js';
import { checkRepeats, type Fingerprint } from '../repeats.js';
import { fingerprint } from './fingerprint.js';
import { createWeights } from './weights.js';

/** What is known of a function from its earlier calls. */
interface History {
  calls: number;
  fingerprint: Fingerprint | null;
  readonly literals: LiteralWatch;
  /** `name: [shape] dtype` of every output. */
  outputs: string | null;
}

/** Compiles nothing: runs each body op by op, under the rules of a step. */
export function compileEager(backend: NativeBackend, guard: Guard, spec: CompileSpec): Compiled {
  checkSpec(spec);
  const weights = createWeights(backend, spec.params, spec.optimizer);
  const trainable = spec.params.filter((param) => param.trainable).map((param) => param.name);
  const histories = new Map<string, History>(Object.keys(spec.functions).map((name) => [name, { calls: 0, fingerprint: null, literals: watchLiterals(name), outputs: null }]));
  let disposed = false;
  const alive = (): void => {
    if (disposed) throw new StepError('the compiled model was disposed', { where: 'compiled model' });
  };

  const run = (name: string, inputs: Readonly<Record<string, HostArray>>, scalars: Readonly<Record<string, number>> = {}): Readonly<Record<string, HostTensor>> => {
    alive();
    const functionSpec = Object.hasOwn(spec.functions, name) ? spec.functions[name] : undefined;
    if (functionSpec === undefined) throw new StepError(`there is no function "${name}"${didYouMean(name, Object.keys(spec.functions))}`, { where: 'compiled model' });
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
      const watched = (): Computed => guard.watch(name, allowed, () => compute(call, trainable));

      const { outputs, gradients } = history.calls < 2 ? computeAndCompare(backend, name, history, watched) : watched();
      history.calls += 1;
      checkOutputs(name, history, outputs);
      const result = mapValues(outputs, (tensor) => readOutput(tensor, Object.values(inputs)));
      if (gradients !== null) {
        for (const tensor of Object.values(params)) tensor.dispose(); // a variable that is read elsewhere is copied before it is updated
        weights.applyGradients(gradients, scalars);
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

/** The first two calls of a function must do the same, op by op and literal by literal. */
function computeAndCompare(backend: NativeBackend, name: string, history: History, compute: () => Computed): Computed {
  const { result, list } = fingerprint(backend, history.literals, compute);
  if (history.fingerprint === null) history.fingerprint = list;
  else {
    checkRepeats(name, history.fingerprint, list);
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
