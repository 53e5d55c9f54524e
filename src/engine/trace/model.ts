import { StepError } from '../../errors.js';
import { didYouMean } from '../../nearest.js';
import { adamwScalars } from '../adamw.js';
import type { Compiled, CompileSpec, HostArray, HostTensor, OptimizerState, ParamSpec } from '../contract.js';
import { checkFeeds, sizeOf } from '../feeds.js';
import { type NativeBackend, type NativeTensor, unaligned } from '../native.js';
import { checkOptimizerState, checkValues, momentumOf } from '../parameters.js';
import type { TracedFunction } from './compile.js';
import { DataType, type GraphNode } from './graph.js';
import { giveBackGraph, takeGraph } from './pool.js';
import { variableNames } from './variables.js';

interface Feed { readonly node: string; readonly type: number; readonly shape: readonly number[]; readonly data: HostArray }

/**
 * A traced model: parameters and optimiser slots live in the graph's variables, the step number here. `repeats` record a
 * function again and throw where it does something else now; each is called once, at its function's second run.
 */
export function createModel(
  backend: NativeBackend, spec: CompileSpec, slots: readonly ParamSpec[], nodes: readonly GraphNode[],
  functions: ReadonlyMap<string, TracedFunction>, repeats: Map<string, () => void>,
): Compiled {
  const { binding } = backend;
  const graph = takeGraph(backend, nodes, 4 * [...spec.params, ...slots, ...slots].reduce((sum, { shape }) => sum + sizeOf(shape), 0));
  const { read, value, set, m, v } = variableNames;
  const ran = new Set<string>();
  let step = 0;
  let disposed = false;

  /** One native call. Every handle that it makes is given back. */
  const session = (feeds: readonly Feed[], fetches: readonly string[]): HostTensor[] => {
    if (disposed) throw new StepError('the compiled model was disposed', { where: 'compiled model' });
    const ids: number[] = [];
    let results: readonly NativeTensor[] = [];
    try {
      for (const { shape, type, data } of feeds) ids.push(binding.createTensor(shape, type, data));
      const output = (name: string): string => (name.includes(':') ? name : `${name}:0`);
      results = binding.runSavedModel(graph.id, ids, feeds.map(({ node }) => output(node)).join(','), fetches.map(output).join(','));
      return results.map(({ id, shape }) => ({ shape: [...shape], data: binding.tensorDataSync(id) as Float32Array | Int32Array }));
    } finally {
      for (const id of ids) binding.deleteTensor(id);
      for (const { id } of results) binding.deleteTensor(id);
    }
  };
  /** What changes between two runs (an array that is filled anew, a flag) is the same in the two records of `compile`. */
  const checkSecondRun = (name: string): void => {
    if (disposed || !ran.has(name)) return;
    repeats.get(name)?.();
    repeats.delete(name);
  };
  const scalarFeed = (node: string, number: number): Feed => ({ node, type: DataType.float, shape: [], data: Float32Array.of(number) });

  const assign = (values: readonly (readonly [name: string, shape: readonly number[], data: Float32Array])[]): void => {
    if (values.length === 0) return;
    session(values.map(([name, shape, data]) => ({ node: value(name), type: DataType.float, shape, data: unaligned(data) })), values.map(([name]) => set(name)));
  };
  const fetch = (names: readonly string[]): Float32Array[] => (names.length === 0 ? [] : session([], names.map(read)).map(({ data }) => data as Float32Array));

  const writeParams = (values: ReadonlyMap<string, Float32Array>): void => {
    const byName = checkValues(spec.params, values);
    assign(Array.from(values, ([name, data]) => [name, byName.get(name)!.shape, data] as const));
  };
  const reset = (values?: ReadonlyMap<string, Float32Array>): void => {
    if (values !== undefined) checkValues(spec.params, values);
    assign([
      ...spec.params.map(({ name, shape, value: initial }) => [name, shape, values?.get(name) ?? initial] as const),
      ...slots.flatMap(({ name, shape }) => {
        const zeros = new Float32Array(sizeOf(shape));
        return [[m(name), shape, zeros], [v(name), shape, zeros]] as const;
      }),
    ]);
    step = 0;
  };
  reset();

  return {
    run(name, inputs, scalars = {}) {
      const fn = functions.get(name);
      if (fn === undefined) throw new StepError(`there is no function "${name}"${didYouMean(name, functions.keys())}`, { where: 'compiled model' });
      checkFeeds(name, fn.spec, inputs, scalars);
      checkSecondRun(name);
      const feeds: Feed[] = [
        ...fn.inputs.map(({ name: input, node, type, shape }) => ({ node, type, shape, data: inputs[input]! })),
        ...fn.scalars.map(({ name: scalar, node }) => scalarFeed(node, scalars[scalar]!)),
      ];
      const fetches = fn.outputs.map((output) => output.value);
      if (fn.update !== null) {
        const { scalars: nodesOf, done } = fn.update;
        const numbers = adamwScalars(spec.optimizer!, step + 1);
        feeds.push(scalarFeed(nodesOf.epsilon, numbers.epsilon));
        for (const { lrScale, alpha, shrink } of nodesOf.rates) {
          const rate = scalars['lr']! * lrScale;
          feeds.push(scalarFeed(alpha, numbers.alpha(rate)), scalarFeed(shrink, 1 - rate * scalars['weight_decay']!));
        }
        for (const { momentum, keep, add } of nodesOf.averages) {
          const share = momentumOf(momentum, scalars);
          feeds.push(scalarFeed(keep, share), scalarFeed(add, 1 - share));
        }
        fetches.push(done);
      }
      const results = session(feeds, fetches);
      ran.add(name);
      if (fn.update !== null) step += 1;
      return Object.fromEntries(fn.outputs.map((output, index) => [output.name, results[index]!]));
    },
    readParams() {
      const values = fetch(spec.params.map(({ name }) => name));
      return new Map(spec.params.map(({ name }, index) => [name, values[index]!]));
    },
    writeParams,
    readOptimizer(): OptimizerState {
      const slotValues = (slot: (name: string) => string): ReadonlyMap<string, Float32Array> => {
        const values = fetch(slots.map(({ name }) => slot(name)));
        return new Map(slots.map(({ name }, index) => [name, values[index]!]));
      };
      return { step, m: slotValues(m), v: slotValues(v) };
    },
    writeOptimizer(state) {
      checkOptimizerState(spec.params, slots, state);
      assign(slots.flatMap(({ name, shape }) => [[m(name), shape, state.m.get(name)!], [v(name), shape, state.v.get(name)!]] as const));
      step = state.step;
    },
    reset,
    dispose() {
      if (!disposed) giveBackGraph(backend, graph);
      disposed = true;
    },
  };
}
