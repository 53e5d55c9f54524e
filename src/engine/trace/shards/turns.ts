import { nodeOf, type GraphNode } from '../graph.js';

/** A graph whose batch is in pieces. */
export interface Pieces {
  /** Each behind those whose values it takes. */
  readonly nodes: readonly GraphNode[];
  /** By node that works on a piece: its number. */
  readonly pieceOf: ReadonlyMap<string, number>;
  /** Values that the model's parameters are read as. */
  readonly weights: ReadonlySet<string>;
}

/**
 * Makes pieces wait for each other: piece `lanes` starts where piece 0 has ended, and so on, so that no more than `lanes` of them are in memory. An order is nothing but edges
 * from what ends a piece's work to what begins the next one's. What does not depend on the weights (pixels, masks) is ready when it is wanted, and waits for nothing.
 *
 * Where pieces meet before they end (a loss over the whole batch, batch norm), they do so at the end of a stage, and the order is one of each stage: whatever leads from a later
 * piece to an earlier one goes through such a meeting into a later stage, so no edge closes a circle.
 */
export function inTurns(prefix: string, { nodes, pieceOf, weights }: Pieces, lanes: number): GraphNode[] {
  const dependent = new Set<string>(weights);
  const stages = new Map<string, number>();
  const begins = new Map<string, Set<string>>();
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
    if (own === null) continue;
    const before = from.filter((one) => turnOf(one) === own);
    if (before.length === 0) begins.set(own, (begins.get(own) ?? new Set()).add(name));
    for (const one of before) ends.get(own)!.delete(one);
    ends.set(own, (ends.get(own) ?? new Set()).add(name));
  }

  const order: GraphNode[] = [];
  const waits = new Map<string, string>();
  for (const first of new Set([...begins.values()].flatMap((names) => [...names]))) {
    const previous = turn(stages.get(first)!, pieceOf.get(first)! - lanes);
    const last = ends.get(previous);
    if (last === undefined) continue;
    const done = `${prefix}/shards/done/${previous}`;
    if (!order.some(({ name }) => name === done)) order.push({ name: done, op: 'NoOp', inputs: Array.from(last, (one) => `^${one}`), attributes: {} });
    waits.set(first, done);
  }
  return [...order, ...nodes.map((node) => (waits.has(node.name) ? { ...node, inputs: [...node.inputs, `^${waits.get(node.name)!}`] } : node))];
}
