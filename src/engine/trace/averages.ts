import type { MovingAverage, ParamSpec } from '../contract.js';
import { DataType, floatOp, placeholder, typeAttribute, type GraphNode } from './graph.js';
import { variableNames } from './variables.js';

/** Scalars that the host computes at every step: two a distinct momentum. */
export interface AverageScalars { readonly momentum: MovingAverage['momentum']; readonly keep: string; readonly add: string }

export interface AverageUpdate {
  readonly nodes: readonly GraphNode[];
  /** Nodes that set the averages. */
  readonly done: readonly string[];
  readonly scalars: readonly AverageScalars[];
}

/**
 * Moving averages of parameters behind their update. Order by edges: what the body read is multiplied, so an average is
 * set after it was read; the other parameter is read again behind `updated` of it.
 */
export function averageUpdate(prefix: string, params: readonly ParamSpec[], updated: (name: string) => string): AverageUpdate {
  const { handle, read } = variableNames;
  const averages = params.flatMap(({ name, ema }) => (ema === undefined ? [] : [{ name, ...ema }]));
  const scalars = [...new Set(averages.map(({ momentum }) => momentum))].map((momentum, index): AverageScalars => ({ momentum, keep: `${prefix}/keep${index}`, add: `${prefix}/add${index}` }));
  const dtype = typeAttribute(DataType.float);
  const nodes = scalars.flatMap(({ keep, add }) => [placeholder(keep, DataType.float, []), placeholder(add, DataType.float, [])]);
  for (const { name, of, momentum } of averages) {
    const { keep, add } = scalars.find((one) => one.momentum === momentum)!;
    const at = (part: string): string => `${prefix}/${part}/${name}`;
    nodes.push(
      { name: at('source'), op: 'ReadVariableOp', inputs: [handle(of), `^${updated(of)}`], attributes: { dtype } },
      floatOp(at('kept'), 'Mul', [read(name), keep]),
      floatOp(at('added'), 'Mul', [at('source'), add]),
      floatOp(at('sum'), 'AddV2', [at('kept'), at('added')]),
      { name: at('set'), op: 'AssignVariableOp', inputs: [handle(name), at('sum')], attributes: { dtype } },
    );
  }
  return { nodes, done: averages.map(({ name }) => `${prefix}/set/${name}`), scalars };
}
