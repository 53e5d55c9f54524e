import type { AdamW, ParamSpec } from '../contract.js';
import { averageUpdate, type AverageScalars } from './averages.js';
import { DataType, floatOp, placeholder, scalarConstant, typeAttribute, type GraphNode } from './graph.js';
import { fetchAfter, variableNames } from './variables.js';

const dtype = typeAttribute(DataType.float);

/** Scalars of the update that the host computes at every step: one epsilon, two numbers a distinct lrScale, two a distinct momentum. */
export interface UpdateScalars {
  readonly epsilon: string;
  readonly rates: readonly { readonly lrScale: number; readonly alpha: string; readonly shrink: string }[];
  readonly averages: readonly AverageScalars[];
}

export interface Update { readonly nodes: readonly GraphNode[]; readonly done: string; readonly scalars: UpdateScalars }

/** Gradients scaled so that their global L2 norm is at most `limit` (torch.nn.utils.clip_grad_norm_). */
function clip(prefix: string, limit: number, gradients: readonly string[]): { readonly nodes: readonly GraphNode[]; readonly clipped: readonly string[] } {
  const at = (name: string): string => `${prefix}/clip/${name}`;
  const halves = gradients.map((_, index) => at(`half${index}`));
  const clipped = gradients.map((_, index) => at(`gradient${index}`));
  return {
    clipped,
    nodes: [
      ...gradients.map((gradient, index) => floatOp(halves[index]!, 'L2Loss', [gradient])),
      floatOp(at('sum'), 'AddN', halves, { N: { kind: 'int', value: halves.length } }),
      scalarConstant(at('two'), 2),
      floatOp(at('squares'), 'Mul', [at('sum'), at('two')]),
      floatOp(at('norm'), 'Sqrt', [at('squares')]),
      scalarConstant(at('small'), 1e-6),
      floatOp(at('above'), 'AddV2', [at('norm'), at('small')]),
      scalarConstant(at('limit'), limit),
      floatOp(at('ratio'), 'RealDiv', [at('limit'), at('above')]),
      scalarConstant(at('one'), 1),
      floatOp(at('factor'), 'Minimum', [at('ratio'), at('one')]),
      ...gradients.map((gradient, index) => floatOp(clipped[index]!, 'Mul', [gradient, at('factor')])),
    ],
  };
}

/**
 * One AdamW step on resource variables, in the arithmetic of the eager engine (engine/adamw.ts gives the scalars).
 * Order by control edges: read, shrink, Adam. A gradient need not depend on its parameter's value (a linear loss), so
 * without an edge the forward pass might read what the update has left. `gradients` are graph values in the order of the
 * trainable ones of `params`. Moving averages follow.
 */
export function adamwUpdate(prefix: string, optimizer: AdamW, all: readonly ParamSpec[], gradients: readonly string[]): Update {
  const params = all.filter(({ trainable }) => trainable);
  const { handle, read, m, v } = variableNames;
  const nodes: GraphNode[] = [];
  let flowing = gradients;
  if (optimizer.clipNorm !== undefined) {
    const { nodes: clipNodes, clipped } = clip(prefix, optimizer.clipNorm, gradients);
    nodes.push(...clipNodes);
    flowing = clipped;
  }
  const epsilon = `${prefix}/epsilon`;
  const rates = [...new Set(params.map(({ lrScale }) => lrScale))].map((lrScale, index) => ({ lrScale, alpha: `${prefix}/alpha${index}`, shrink: `${prefix}/shrink${index}` }));
  const rateOf = new Map(rates.map((rate) => [rate.lrScale, rate]));
  const [zero, beta1, beta2] = [`${prefix}/zero`, `${prefix}/beta1`, `${prefix}/beta2`];
  nodes.push(
    placeholder(epsilon, DataType.float, []),
    ...rates.flatMap(({ alpha, shrink }) => [placeholder(alpha, DataType.float, []), placeholder(shrink, DataType.float, [])]),
    scalarConstant(zero, 0), scalarConstant(beta1, optimizer.beta1), scalarConstant(beta2, optimizer.beta2),
  );
  params.forEach(({ name, decay, lrScale }, index) => {
    const { alpha, shrink } = rateOf.get(lrScale)!;
    const shrunk = `${prefix}/shrunk/${name}`;
    if (decay) {
      nodes.push(
        floatOp(`${prefix}/product/${name}`, 'Mul', [read(name), shrink]),
        { name: shrunk, op: 'AssignVariableOp', inputs: [handle(name), `${prefix}/product/${name}`], attributes: { dtype } },
      );
    }
    nodes.push({
      name: `${prefix}/adam/${name}`,
      op: 'ResourceApplyAdam',
      inputs: [handle(name), handle(m(name)), handle(v(name)), zero, zero, alpha, beta1, beta2, epsilon, flowing[index]!, `^${decay ? shrunk : read(name)}`],
      attributes: { T: dtype, use_locking: { kind: 'bool', value: false }, use_nesterov: { kind: 'bool', value: false } },
    });
  });
  const applied = (name: string): string => `${prefix}/adam/${name}`;
  const averages = averageUpdate(`${prefix}/average`, all, applied);
  const done = `${prefix}/done`;
  nodes.push(...averages.nodes, fetchAfter(done, [...params.map(({ name }) => applied(name)), ...averages.done]));
  return { nodes, done, scalars: { epsilon, rates, averages: averages.scalars } };
}
