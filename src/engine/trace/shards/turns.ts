import { nodeOf, type GraphNode } from '../graph.js';

/** A graph whose batch is in pieces. */
export interface Pieces {
  /** Each behind those whose values it takes. */
  readonly nodes: readonly GraphNode[];
  /** By node that works on a piece: its number. */
  readonly pieceOf: ReadonlyMap<string, number>;
  /** Values that the model's parameters are read as. */
  readonly weights: readonly string[];
  /** Values that are wanted. */
  readonly results: readonly string[];
}

/**
 * Makes the pieces of a lane wait for each other: piece `lanes` starts where piece 0 has ended, and so on, so that no more than `lanes` of them are in memory. An order is
 * nothing but edges from what ends a piece's work to what begins the next one's. What does not depend on the weights (pixels, masks) is ready when it is wanted, and waits for
 * nothing.
 *
 * Where pieces meet before they end (a loss over the whole batch, batch norm), they do so at the end of a stage, and the order is one of each stage: a value of one piece comes to
 * another but a later one of its lane (which adds to its sums) through such a meeting alone, into a later stage, so no edge closes a circle.
 */
export function inTurns(prefix: string, { nodes, pieceOf, weights, results }: Pieces, lanes: number): GraphNode[] {
  const wanted = neededFor(results, nodes);
  const dependent = new Set<string>(weights);
  const stages = new Map<string, number>();
  const begins: string[] = [];
  const ends = new Map<string, Set<string>>();
  const turn = (stage: number, piece: number): string => `${stage}_${piece}`;
  /** Its stage and piece; null: it takes no part in the order. */
  const turnOf = (node: string): string | null => {
    const piece = pieceOf.get(node);
    return piece === undefined || !dependent.has(node) ? null : turn(stages.get(node)!, piece);
  };

  for (const { name, inputs } of nodes) {
    const from = inputs.map(nodeOf);
    if (from.some((one) => dependent.has(one))) dependent.add(name);
    const meets = !pieceOf.has(name);
    stages.set(name, Math.max(0, ...from.map((one) => (stages.get(one) ?? 0) + Number(meets && turnOf(one) !== null))));
    const own = turnOf(name);
    if (own === null || !wanted.has(name)) continue;
    const before = from.filter((one) => turnOf(one) === own);
    if (before.length === 0) begins.push(name);
    for (const one of before) ends.get(own)!.delete(one);
    ends.set(own, (ends.get(own) ?? new Set()).add(name));
  }

  const order = new Map<string, GraphNode>();
  const waits = new Map<string, string>();
  for (const first of begins) {
    const previous = turn(stages.get(first)!, pieceOf.get(first)! - lanes);
    const last = ends.get(previous);
    if (last === undefined) continue;
    const done = `${prefix}/shards/done/${previous}`;
    order.set(done, { name: done, op: 'NoOp', inputs: Array.from(last, (one) => `^${one}`), attributes: {} });
    waits.set(first, done);
  }
  return [...order.values(), ...nodes.map((node) => (waits.has(node.name) ? { ...node, inputs: [...node.inputs, `^${waits.get(node.name)!}`] } : node))];
}

/** Nodes that results rest on: the others are never run, and nothing must wait for them. */
function neededFor(results: readonly string[], nodes: readonly GraphNode[]): ReadonlySet<string> {
  const needed = new Set(results.map(nodeOf));
  for (const { name, inputs } of nodes.toReversed()) if (needed.has(name)) for (const input of inputs) needed.add(nodeOf(input));
  return needed;
}
