import { StepError } from '../../errors.js';
import type { LiteralWatch } from '../literals.js';
import type { Binding, NativeAttribute, NativeBackend, NativeTensor, NativeValues } from '../native.js';
import { constant, DataType, integerConstant, outputName, typeAttribute, type Attribute, type GraphNode } from './graph.js';
import { outputTypes, type Abstract, type OutputType } from './output-shapes.js';

/** Puts native ops down as graph nodes instead of running them. */
export interface Recorder {
  readonly binding: Binding;
  readonly nodes: readonly GraphNode[];
  /** By graph value. */
  readonly known: ReadonlyMap<string, Abstract>;
  /** A handle that stands for a graph value: a parameter, an input. */
  given(value: string, shape: readonly number[], dtype: number): number;
  /** Graph value of a handle that was given or made here, and its type. */
  find(id: number): { readonly value: string; readonly dtype: number };
}

/** Below every handle that the native code gives out, and below 0: the backend deletes no such handle. */
const FIRST_HANDLE = -1;

/** Literals of so many equal values are filled in by the graph. */
const LONG_LITERAL = 1024;

const isNumbers = (value: unknown): value is readonly number[] => Array.isArray(value) && value.every((item) => typeof item === 'number');

function graphAttribute(binding: Binding, op: string, { name, type, value }: NativeAttribute): Attribute {
  switch (type) {
    case binding.TF_ATTR_TYPE:
      if (typeof value === 'number') return typeAttribute(value);
      break;
    case binding.TF_ATTR_STRING:
      if (typeof value === 'string') return { kind: 'string', value };
      break;
    case binding.TF_ATTR_SHAPE:
      if (isNumbers(value)) return { kind: 'shape', value };
      break;
    case binding.TF_ATTR_INT:
      if (typeof value === 'number') return { kind: 'int', value };
      if (isNumbers(value)) return { kind: 'ints', value };
      break;
    case binding.TF_ATTR_BOOL:
      if (typeof value === 'boolean') return { kind: 'bool', value };
      if (value === undefined) return { kind: 'bool', value: false }; // tfjs leaves flags out; the native code reads false
      break;
    case binding.TF_ATTR_FLOAT:
      if (typeof value === 'number') return { kind: 'float', value };
      if (isNumbers(value)) return { kind: 'floats', value };
      break;
  }
  throw new StepError(`op ${op} has an attribute that cannot be recorded: ${name} = ${JSON.stringify(value)}`, { fix: 'Use another op for it.' });
}

/**
 * The op that TensorFlow's graph optimiser knows better, where two compute the same (bench/NOTES.md). tfjs multiplies
 * everything as batches: two matrices are recorded as MatMul. A vector added to rows is recorded as BiasAdd. A bias behind a
 * product, and GELU behind that, are then computed in the pass that writes it.
 */
function fusible(op: string, attributes: Readonly<Record<string, Attribute>>, inputs: readonly Abstract[]): Pick<GraphNode, 'op' | 'attributes'> {
  const [first, second] = inputs.map(({ shape }) => shape);
  if (op === 'BatchMatMulV2' && first!.length === 2 && second!.length === 2) {
    const { T, adj_x: transposeFirst, adj_y: transposeSecond } = attributes;
    return { op: 'MatMul', attributes: { T: T!, transpose_a: transposeFirst!, transpose_b: transposeSecond! } };
  }
  if ((op === 'Add' || op === 'AddV2') && inputs[0]!.dtype === DataType.float && first!.length > 1 && second!.length === 1 && first!.at(-1) === second![0]) {
    return { op: 'BiasAdd', attributes: { ...attributes, data_format: { kind: 'string', value: 'NHWC' } } };
  }
  return { op, attributes };
}

/**
 * tfjs's gradients have many such ops. TensorFlow takes them out as well, but gives what they wait for (shards/turns.ts) to what they take, which can
 * close a circle.
 */
function changesNothing(op: string, [first, second]: readonly Abstract[], [type]: readonly OutputType[]): boolean {
  switch (op) {
    case 'Cast': return first!.dtype === type!.dtype;
    case 'Reshape': return first!.shape.join() === type!.shape.join();
    case 'Transpose': return second!.literal?.every((axis, at) => axis === at) === true;
    default: return false;
  }
}

/** `prefix` starts the nodes' names; `where` names the function in errors. */
export function createRecorder(backend: NativeBackend, prefix: string, where: string, literals: LiteralWatch): Recorder {
  const real = backend.binding;
  const nodes: GraphNode[] = [];
  const values = new Map<number, Abstract & { readonly value: string }>();
  const known = new Map<string, Abstract>();
  let next = FIRST_HANDLE;

  /** Another handle for a value. */
  const again = (own: Abstract & { readonly value: string }): number => {
    const id = next--;
    values.set(id, own);
    return id;
  };
  const made = (value: string, shape: readonly number[], dtype: number, literal: NativeValues | null = null): number => {
    const own = { value, shape: [...shape], dtype, literal };
    known.set(value, own);
    return again(own);
  };
  const find = (id: number, what: string): Abstract & { readonly value: string } => {
    const own = values.get(id);
    if (own !== undefined) return own;
    throw new StepError(`${what} a tensor that was made before the call`, {
      where,
      fix: 'Pass it in as a parameter or an input, or make it from a literal inside the body: a captured tensor would be frozen into the step.',
    });
  };

  const executeOp = (op: string, attributes: readonly NativeAttribute[], inputs: readonly number[], outputs: number): NativeTensor[] => {
    const name = `${prefix}/${nodes.length}_${op}`;
    const sources = inputs.map((id) => find(id, `${op} uses`));
    const recorded: Record<string, Attribute> = {};
    for (const attribute of attributes) recorded[attribute.name] = graphAttribute(real, op, attribute);
    const types = outputTypes(real, op, attributes, sources, outputs);
    if (changesNothing(op, sources, types)) return [{ id: again(sources[0]!), shape: [...sources[0]!.shape], dtype: sources[0]!.dtype }];
    nodes.push({ name, ...fusible(op, recorded, sources), inputs: sources.map(({ value }) => value) });
    return types.map(({ shape, dtype }, index) => ({ id: made(outputName(name, index), shape, dtype), shape: [...shape], dtype }));
  };
  const createTensor = (shape: readonly number[], dtype: number, data: NativeValues): number => {
    const typed = ArrayBuffer.isView(data) ? data : Float32Array.from(data);
    literals.check(typed);
    const literal = (dtype === real.TF_INT32 && !(typed instanceof Int32Array) ? Int32Array.from(typed) : typed).slice();
    const put = (kind: string, node: (name: string) => GraphNode): string => {
      const name = `${prefix}/${nodes.length}_${kind}`;
      nodes.push(node(name));
      return name;
    };
    if (literal.length < LONG_LITERAL || literal.some((number) => !Object.is(number, literal[0]))) {
      return made(put('Const', (name) => constant(name, dtype, shape, new Uint8Array(literal.buffer))), shape, dtype, literal);
    }
    // tfjs makes zeros and ones of a whole batch in its gradients: one value is written down, not all of them
    const dims = put('Const', (name) => integerConstant(name, [shape.length], shape));
    const value = put('Const', (name) => constant(name, dtype, [], new Uint8Array(literal.slice(0, 1).buffer)));
    const filled = put('Fill', (name) => ({ name, op: 'Fill', inputs: [dims, value], attributes: { T: typeAttribute(dtype), index_type: typeAttribute(DataType.int32) } }));
    return made(filled, shape, dtype, literal);
  };
  const binding = Object.create(real) as Binding;
  for (const [key, value] of Object.entries({ executeOp, createTensor })) Object.defineProperty(binding, key, { value });
  return { binding, nodes, known, given: (value, shape, dtype) => made(value, shape, dtype), find: (id) => find(id, 'an output is') };
}
