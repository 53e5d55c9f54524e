/**
 * A TensorFlow graph as plain data: what recording gives, what the optimiser adds to, what is written as a SavedModel.
 * TensorFlow's own numbers stand for element types.
 */
export const DataType = { float: 1, int32: 3, uint8: 4, int64: 9, bool: 10, bfloat16: 14, resource: 20 } as const;

export type Attribute =
  | { readonly kind: 'type'; readonly value: number }
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'shape'; readonly value: readonly number[] }
  | { readonly kind: 'ints'; readonly value: readonly number[] }
  | { readonly kind: 'floats'; readonly value: readonly number[] }
  | { readonly kind: 'bools'; readonly value: readonly boolean[] }
  | { readonly kind: 'tensor'; readonly type: number; readonly shape: readonly number[]; readonly bytes: Uint8Array };

export interface GraphNode {
  readonly name: string;
  readonly op: string;
  /** `node` or `node:1` for a value, `^node` for an order. */
  readonly inputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

export const typeAttribute = (value: number): Attribute => ({ kind: 'type', value });

export const placeholder = (name: string, type: number, shape: readonly number[]): GraphNode => ({
  name, op: 'Placeholder', inputs: [], attributes: { dtype: typeAttribute(type), shape: { kind: 'shape', value: shape } },
});

export const constant = (name: string, type: number, shape: readonly number[], bytes: Uint8Array, after: readonly string[] = []): GraphNode => ({
  name, op: 'Const', inputs: after.map((node) => `^${node}`),
  attributes: { dtype: typeAttribute(type), value: { kind: 'tensor', type, shape, bytes } },
});

export const integerConstant = (name: string, shape: readonly number[], values: readonly number[]): GraphNode =>
  constant(name, DataType.int32, shape, new Uint8Array(Int32Array.from(values).buffer));

/** How a node's outputs are called by those that take them. */
export const outputName = (node: string, index: number): string => (index === 0 ? node : `${node}:${index}`);

/** Whether an input is an order, not a value. */
export const isOrder = (input: string): boolean => input.startsWith('^');

/** The node of a value. */
export const nodeOf = (value: string): string => value.replace(/:\d+$/, '');

export const scalarConstant = (name: string, value: number): GraphNode =>
  constant(name, DataType.float, [], new Uint8Array(Float32Array.of(value).buffer));

/** An op on float32 values with the one type attribute `T`. */
export const floatOp = (name: string, op: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}): GraphNode => ({
  name, op, inputs, attributes: { T: typeAttribute(DataType.float), ...attributes },
});

