import { checkSpec, compute, inScope, where, type Call } from '../body.js';
import type { Compiled, CompileSpec, FunctionSpec, InputSpec } from '../contract.js';
import { strictRecord } from '../feeds.js';
import type { Guard } from '../guard.js';
import { watchLiterals, type LiteralWatch } from '../literals.js';
import type { NativeBackend } from '../native.js';
import type { Tensor } from '@tensorflow/tfjs-core';
import { checkOptimizer, checkParams } from '../parameters.js';
import { checkRepeats, describeValues, type Fingerprint } from '../repeats.js';
import { adamwUpdate, type UpdateScalars } from './adamw.js';
import { productsInBfloat16 } from './bf16.js';
import { DataType, placeholder, scalarConstant, typeAttribute, type Attribute, type GraphNode } from './graph.js';
import { createModel } from './model.js';
import { createRecorder } from './record.js';
import { batchOf } from './shards/count.js';
import { cutBatch } from './shards/cut.js';
import { NOTHING, variableNames, variableNodes } from './variables.js';

/** One function as the loaded graph offers it: what is fed and what is fetched. */
export interface TracedFunction {
  readonly spec: FunctionSpec;
  readonly inputs: readonly { readonly name: string; readonly node: string; readonly type: number; readonly shape: readonly number[] }[];
  readonly scalars: readonly { readonly name: string; readonly node: string }[];
  readonly outputs: readonly { readonly name: string; readonly value: string }[];
  readonly update: { readonly scalars: UpdateScalars; readonly done: string } | null;
}

interface Trace { readonly nodes: readonly GraphNode[]; readonly fn: TracedFunction }

/** `whole`: as it was recorded. */
interface Recorded { readonly whole: Trace; inPieces(threads: number): Trace }

const GRAPH_TYPES = { uint8: DataType.uint8, float32: DataType.float, int32: DataType.int32 } as const;

/** Nodes of one declared input, and the graph value that the body sees: bytes become float32 in the graph. */
function inputNodes(node: string, { shape, type }: InputSpec): { readonly nodes: readonly GraphNode[]; readonly value: string; readonly dtype: number } {
  const fed = placeholder(node, GRAPH_TYPES[type], shape);
  if (type !== 'uint8') return { nodes: [fed], value: node, dtype: GRAPH_TYPES[type] };
  const cast: GraphNode = {
    name: `${node}/float`, op: 'Cast', inputs: [node],
    attributes: { SrcT: typeAttribute(DataType.uint8), DstT: typeAttribute(DataType.float), Truncate: { kind: 'bool', value: false } },
  };
  return { nodes: [fed, cast], value: cast.name, dtype: DataType.float };
}

/** Records one function, its gradient and its update. Nothing is computed but for the shapes. */
function trace(backend: NativeBackend, guard: Guard, spec: CompileSpec, name: string, literals: LiteralWatch, onCpu: boolean): Recorded {
  const fn = spec.functions[name]!;
  const recorder = createRecorder(backend, name, where(name), literals);
  const native = backend.binding;
  backend.binding = recorder.binding;
  try {
    return inScope(() => {
      const given: GraphNode[] = [];
      const inputValues: string[] = [];
      const stand = (value: string, shape: readonly number[], dtype: number): Tensor =>
        backend.createOutputTensor({ id: recorder.given(value, shape, dtype), shape: [...shape], dtype });
      const params = Object.fromEntries(spec.params.map((param) => [param.name, stand(variableNames.read(param.name), param.shape, DataType.float)]));
      const inputTensors: Record<string, Tensor> = {};
      const scalarTensors: Record<string, Tensor> = {};
      const inputs = Object.entries(fn.inputs).map(([input, inputSpec]) => {
        const node = `${name}/input/${input}`;
        const { nodes: own, value, dtype } = inputNodes(node, inputSpec);
        given.push(...own);
        inputValues.push(value);
        inputTensors[input] = stand(value, inputSpec.shape, dtype);
        return { name: input, node, type: GRAPH_TYPES[inputSpec.type], shape: inputSpec.shape };
      });
      const scalars = fn.scalars.map((scalar) => {
        const node = `${name}/scalar/${scalar}`;
        given.push(placeholder(node, DataType.float, []));
        scalarTensors[scalar] = stand(node, [], DataType.float);
        return { name: scalar, node };
      });
      const call: Call = {
        name, spec: fn, params,
        args: {
          params: strictRecord(where(name), 'parameter', params),
          inputs: strictRecord(where(name), 'input', inputTensors),
          scalars: strictRecord(where(name), 'scalar', scalarTensors),
        },
      };
      const trainable = spec.params.filter((param) => param.trainable);
      const allowed = [...Object.values(params), ...Object.values(inputTensors), ...Object.values(scalarTensors)];
      const { outputs, gradients } = guard.watch(name, allowed, () => compute(call, trainable.map((param) => param.name)));
      const find = (tensor: Tensor): ReturnType<typeof recorder.find> => recorder.find(backend.getInputTensorIds([tensor])[0]!);
      const found = Object.entries(outputs).map(([output, tensor]) => ({ output, ...find(tensor) }));
      const flowing = gradients?.map((gradient) => find(gradient).value);
      const complete = (body: readonly GraphNode[], whole: (value: string) => string): Trace => {
        const results = found.map(({ output, value, dtype }) => ({ output, value: whole(value), dtype }));
        const update = flowing === undefined ? null : adamwUpdate(`${name}/adamw`, spec.optimizer!, spec.params, flowing.map(whole));
        // what is fed cannot be fetched, so outputs have nodes of their own
        const fetched = results.map(({ output, value, dtype }): GraphNode => ({ name: `${name}/output/${output}`, op: 'Identity', inputs: [value], attributes: { T: typeAttribute(dtype) } }));
        return {
          nodes: [...given, ...(spec.precision === 'bf16' ? productsInBfloat16(name, body, onCpu) : body), ...fetched, ...(update?.nodes ?? [])],
          fn: { spec: fn, inputs, scalars, outputs: results.map(({ output }, at) => ({ name: output, value: fetched[at]!.name })), update },
        };
      };
      const whole = complete(recorder.nodes, (value) => value);
      return {
        whole,
        inPieces(threads) {
          const graph = {
            nodes: recorder.nodes, known: recorder.known, inputs: inputValues,
            weights: spec.params.map((param) => variableNames.read(param.name)), results: [...found.map(({ value }) => value), ...(flowing ?? [])],
          };
          const cut = cutBatch(name, graph, batchOf(inputs.map(({ shape }) => shape)), threads, fn.kind === 'train');
          return cut === null ? whole : complete(cut.nodes, (value) => cut.whole(value));
        },
      };
    });
  } finally {
    backend.binding = native;
  }
}

const describeAttribute = (attribute: Attribute): string => (attribute.kind === 'tensor' ? `[${attribute.shape.join(', ')}] ${describeValues(attribute.bytes)}` : JSON.stringify(attribute.value));

const fingerprint = (nodes: readonly GraphNode[]): Fingerprint =>
  nodes.map(({ op, inputs, attributes }) => `${op}(${inputs.join(', ')}) ${Object.entries(attributes).map(([key, attribute]) => `${key}=${describeAttribute(attribute)}`).join(' ')}`);

/**
 * `engine.compile` by tracing. Every function is recorded twice as a TensorFlow graph, forward, backward and update
 * together, and once more at its second run; the records must be equal. All functions go into one graph, where they share
 * the parameters as resource variables, and each runs as one native call.
 *
 * @param threads pieces of a batch that are worked on beside each other; null: the whole batch at once, as a GPU does
 */
export function compileTraced(backend: NativeBackend, guard: Guard, spec: CompileSpec, threads: number | null): Compiled {
  checkSpec(spec);
  checkParams(spec.params);
  if (spec.optimizer !== undefined) checkOptimizer(spec.optimizer);
  const trainable = spec.params.filter((param) => param.trainable);
  const slots = spec.optimizer === undefined ? [] : trainable;
  const nodes: GraphNode[] = [
    scalarConstant(NOTHING, 0),
    ...spec.params.flatMap(({ name, shape }) => variableNodes(name, shape)),
    ...slots.flatMap(({ name, shape }) => [...variableNodes(variableNames.m(name), shape), ...variableNodes(variableNames.v(name), shape)]),
  ];
  const functions = new Map<string, TracedFunction>();
  const repeats = new Map<string, () => void>();
  for (const name of Object.keys(spec.functions)) {
    const literals = watchLiterals(name);
    const record = (): Recorded => {
      literals.begin();
      return trace(backend, guard, spec, name, literals, threads !== null);
    };
    const first = record();
    const list = fingerprint(first.whole.nodes);
    const repeat = (): void => { checkRepeats(name, list, fingerprint(record().whole.nodes)); };
    repeat();
    const { nodes: own, fn } = threads === null ? first.whole : first.inPieces(threads);
    nodes.push(...own);
    functions.set(name, fn);
    repeats.set(name, repeat);
  }
  return createModel(backend, spec, slots, nodes, functions, repeats);
}

