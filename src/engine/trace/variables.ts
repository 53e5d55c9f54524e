import { DataType, floatOp, placeholder, typeAttribute, type GraphNode } from './graph.js';

/** Names of the graph values that belong to a parameter. */
export const variableNames = {
  handle: (name: string): string => `variable/${name}`,
  read: (name: string): string => `read/${name}`,
  /** Placeholder and fetch with which a variable is set. */
  value: (name: string): string => `value/${name}`,
  set: (name: string): string => `set/${name}`,
  m: (name: string): string => `adam_m/${name}`,
  v: (name: string): string => `adam_v/${name}`,
} as const;

const dtype = typeAttribute(DataType.float);

/** A float32 constant that every fetch of an order hangs on: the native call can only fetch values. */
export const NOTHING = 'nothing';

/** A value that can be fetched once `after` have run. */
export const fetchAfter = (name: string, after: readonly string[]): GraphNode => floatOp(name, 'Identity', [NOTHING, ...after.map((node) => `^${node}`)]);

/** A resource variable, a node that reads it, and nodes that set it. */
export function variableNodes(name: string, shape: readonly number[]): readonly GraphNode[] {
  const { handle, read, value, set } = variableNames;
  return [
    { name: handle(name), op: 'VarHandleOp', inputs: [], attributes: { dtype, shape: { kind: 'shape', value: shape }, shared_name: { kind: 'string', value: name }, container: { kind: 'string', value: '' } } },
    { name: read(name), op: 'ReadVariableOp', inputs: [handle(name)], attributes: { dtype } },
    placeholder(value(name), DataType.float, shape),
    { name: `assign/${name}`, op: 'AssignVariableOp', inputs: [handle(name), value(name)], attributes: { dtype } },
    fetchAfter(set(name), [`assign/${name}`]),
  ];
}
