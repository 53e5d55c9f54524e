import type { GraphNode } from '../../src/engine/trace/graph.js';
import type * as Pool from '../../src/engine/trace/pool.js';

/** Nodes of every graph that was compiled, in order, where the pool is replaced by `keepsGraphs`: `vi.mock` with it, in the test file itself. */
export const graphs: GraphNode[][] = [];

export const keepsGraphs = (pool: typeof Pool): typeof Pool => ({
  ...pool,
  takeGraph(backend, nodes, bytes) {
    graphs.push([...nodes]);
    return pool.takeGraph(backend, nodes, bytes);
  },
});
