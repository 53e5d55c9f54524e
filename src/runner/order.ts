import { JobError } from '../errors.js';
import { didYouMean } from '../nearest.js';
import type { JobNode } from './job.js';

/**
 * The nodes in an order in which inputs come first; where several could come next, the given order decides.
 * JobError for two nodes with one id, an input that is no node, and a cycle (named in full).
 */
export function inputsFirst(nodes: readonly JobNode[]): readonly JobNode[] {
  const byId = new Map<string, JobNode>();
  for (const node of nodes) {
    if (byId.has(node.id)) throw new JobError(`Two jobs of the plan are called ${node.id}`);
    byId.set(node.id, node);
  }
  const order: JobNode[] = [];
  const done = new Set<string>();
  const path = new Set<string>();
  // A stack of its own: a plan may be deeper than the call stack allows.
  const stack: { node: JobNode; inputs: string[] }[] = [];
  const enter = (id: string, by: string): void => {
    if (done.has(id)) return;
    if (path.has(id)) {
      const ids = [...path];
      throw new JobError(`The jobs of the plan wait for each other: ${[...ids.slice(ids.indexOf(id)), id].join(' -> ')}`);
    }
    const node = byId.get(id);
    if (node === undefined) {
      throw new JobError(`${by} reads ${id}, which is no job of the plan${didYouMean(id, byId.keys())}`);
    }
    path.add(id);
    stack.push({ node, inputs: Object.values(node.inputs).reverse() });
  };
  for (const first of nodes) {
    enter(first.id, first.id);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const input = top.inputs.pop();
      if (input !== undefined) {
        enter(input, top.node.id);
      } else {
        stack.pop();
        path.delete(top.node.id);
        done.add(top.node.id);
        order.push(top.node);
      }
    }
  }
  return order;
}
