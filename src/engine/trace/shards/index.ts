import { sizeOf } from '../../feeds.js';
import { DataType, integerConstant, outputName, scalarConstant, typeAttribute, type GraphNode } from '../graph.js';
import type { Abstract } from '../output-shapes.js';
import { ownRows, type OwnRows } from './own-rows.js';
import { planOf, type Arg, type Joined, type Plan } from './rules.js';
import { inTurns } from './turns.js';

/** A graph whose work on a batch is done in pieces. */
export interface Sharded {
  readonly nodes: readonly GraphNode[];
  /** Numbers in all values of a piece together. */
  readonly numbers: number;
  /** What a result is called now. */
  whole(value: string): string;
}

export interface ShardedGraph {
  readonly nodes: readonly GraphNode[];
  /** By value: what is known while it is traced. */
  readonly known: ReadonlyMap<string, Abstract>;
  /** Values that are declared inputs. */
  readonly inputs: readonly string[];
  /** Values that are parameters. */
  readonly weights: readonly string[];
  /** Values that are wanted whole. */
  readonly results: readonly string[];
}

/** Axes and sizes are literals of no more numbers. */
const longestAxes = 32;

/**
 * The same graph with the batch cut into pieces, each of which goes its own way from op to op until what belongs to all (a gradient of a weight, a mean loss)
 * is summed up. TensorFlow then runs the ways beside each other on its threads: threads that share every single operation wait for each other at each of them.
 *
 * The graph itself tells what can be cut: each op has a rule by which pieces of its inputs make pieces of its output (rules.ts); an op
 * without one, or whose inputs are cut another way, is done at once on the whole. So a graph stays right, and sums alone are taken in another order, as long as places
 * which are counted within an image (`i + image * perImage`, own-rows.ts) lie in it: nothing checks that.
 *
 * @param batch rows of the function's images: inputs with so many, or a multiple, may be cut
 * @param lanes pieces that run beside each other; the others wait for theirs to end (turns.ts)
 */
export function inShards(prefix: string, { nodes, known, inputs, weights, results }: ShardedGraph, batch: number, lanes: number, turns: number): Sharded {
  const count = lanes * turns;
  const made: GraphNode[] = [];
  const pieceOf = new Map<string, number>();
  let numbers = 0;
  /** Values that are in pieces, and no more as they were. */
  const pieces = new Map<string, { readonly axis: number; readonly names: readonly string[] }>();
  const cuts = new Map<string, readonly string[]>();
  const wholes = new Map<string, string>();
  const rows = new Map<string, OwnRows>();
  const counted = new Map<string, readonly string[]>();
  /** Whole values that an op may cut along its first axis, because it is one of images. */
  const loose = new Set(inputs.filter((value) => rowsOf(value)));
  let numbered = 0;

  function rowsOf(value: string): boolean {
    const rows = known.get(value)?.shape[0] ?? 0;
    return rows > 0 && rows % batch === 0;
  }
  const put = (kind: string, node: (name: string) => GraphNode): string => {
    const name = `${prefix}/shards/${numbered++}_${kind}`;
    made.push(node(name));
    return name;
  };
  const ofPiece = (piece: number, node: string): string => {
    pieceOf.set(node, piece);
    return node;
  };
  const integers = new Map<string, string>();
  const literal = (shape: readonly number[], values: readonly number[]): string => {
    const key = `${shape.join()}|${values.join()}`;
    const name = integers.get(key) ?? put('Const', (own) => integerConstant(own, shape, values));
    integers.set(key, name);
    return name;
  };
  const typeOf = (value: string) => ({ T: typeAttribute(known.get(value)!.dtype) });

  const whole = (value: string): string => {
    const own = pieces.get(value);
    if (own === undefined) return value;
    const name = wholes.get(value) ?? put('ConcatV2', (one) => ({
      name: one, op: 'ConcatV2', inputs: [...own.names, literal([], [own.axis])],
      attributes: { ...typeOf(value), N: { kind: 'int', value: count }, Tidx: typeAttribute(DataType.int32) },
    }));
    wholes.set(value, name);
    return name;
  };
  const split = (value: string, axis: number): readonly string[] => outputsOf(put('Split', (name) => ({
    name, op: 'Split', inputs: [literal([], [axis]), whole(value)], attributes: { ...typeOf(value), num_split: { kind: 'int', value: count } },
  })), count);
  /** One op a piece, which can wait by itself: TensorFlow may move an op from behind all parts of a split before it, with what it waits for. */
  const slices = (value: string, axis: number): readonly string[] => {
    const { shape } = known.get(value)!;
    const length = shape[axis]! / count;
    return Array.from({ length: count }, (_, piece) => {
      const [begin, size] = [shape.map((__, at) => (at === axis ? piece * length : 0)), shape.map((own, at) => (at === axis ? length : own))];
      const inputs = [whole(value), literal([shape.length], begin), literal([shape.length], size)];
      return ofPiece(piece, put('Slice', (name) => ({ name, op: 'Slice', inputs, attributes: { ...typeOf(value), Index: typeAttribute(DataType.int32) } })));
    });
  };
  const cut = (value: string, axis: number): readonly string[] => {
    const own = pieces.get(value);
    if (own?.axis === axis) return own.names;
    const key = `${value}|${axis}`;
    const names = cuts.get(key) ?? (turns === 1 ? split(value, axis) : slices(value, axis));
    cuts.set(key, names);
    return names;
  };
  const join = (name: string, parts: readonly string[], joined: Exclude<Joined, number>): void => {
    const attributes = typeOf(name);
    if (joined === 'max' || joined === 'min') {
      const op = joined === 'max' ? 'Maximum' : 'Minimum';
      const last = parts.slice(1, -1).reduce((all, part) => put(op, (one) => ({ name: one, op, inputs: [all, part], attributes })), parts[0]!);
      made.push({ name, op, inputs: [last, parts.at(-1)!], attributes });
      return;
    }
    const sum = joined === 'mean' ? `${name}/sum` : name;
    const sums = parts.slice(0, lanes);
    // Each lane adds to its own, so that what a piece leaves need not be kept.
    for (let piece = lanes; piece < count; piece++) {
      const lane = piece % lanes;
      const inputs = [sums[lane]!, parts[piece]!];
      sums[lane] = ofPiece(piece, `${name}/until${piece}`);
      made.push({ name: sums[lane], op: 'AddN', inputs, attributes: { ...attributes, N: { kind: 'int', value: inputs.length } } });
    }
    made.push({ name: sum, op: 'AddN', inputs: sums, attributes: { ...attributes, N: { kind: 'int', value: lanes } } });
    if (joined === 'mean') made.push({ name, op: 'Mul', inputs: [sum, put('Const', (one) => scalarConstant(one, 1 / count))], attributes });
  };
  /** Rows as each piece counts them. */
  const fromOwnFirst = (value: string): readonly string[] => {
    const perPiece = rows.get(value)!.of / count;
    const names = counted.get(value) ?? cut(value, 0).map((own, piece) =>
      (piece === 0 ? own : ofPiece(piece, put('Sub', (name) => ({ name, op: 'Sub', inputs: [own, literal([], [piece * perPiece])], attributes: typeOf(value) })))));
    counted.set(value, names);
    return names;
  };
  const inPieces = (node: GraphNode, plan: Plan, outputs: readonly string[]): void => {
    const { cuts: axes, joined, literals } = plan;
    const parts = Array.from({ length: count }, (_, piece): GraphNode => ({
      ...node,
      name: `${node.name}/${piece}`,
      inputs: node.inputs.map((input, at) => {
        const own = literals?.get(at);
        const axis = axes[at] ?? null;
        if (at === plan.ownRows) return fromOwnFirst(input)[piece]!;
        return own !== undefined ? literal(known.get(input)!.shape, own) : axis === null ? whole(input) : cut(input, axis)[piece]!;
      }),
    }));
    made.push(...parts);
    parts.forEach(({ name }, piece) => ofPiece(piece, name));
    if (typeof joined === 'number') {
      outputs.forEach((output, at) => {
        pieces.set(output, { axis: joined, names: parts.map(({ name }) => outputName(name, at)) });
        numbers += sizeOf(known.get(output)!.shape) / count;
      });
    } else join(node.name, parts.map(({ name }) => name), joined);
  };

  for (const node of nodes) {
    const own = ownRows(node, known, rows.get(node.inputs[0] ?? ''));
    if (own !== null && own.images % count === 0) rows.set(node.name, own);
    const outputs = outputsOf(node.name, outputCount(node.name, known));
    const args = node.inputs.map((input): Arg => {
      const { shape = [], literal: numbers = null } = known.get(input) ?? {};
      const own = pieces.get(input);
      return { shape, literal: numbers === null || numbers.length > longestAxes ? null : Array.from(numbers), axis: own?.axis ?? (loose.has(input) ? 0 : null), fixed: own !== undefined, rowsOf: rows.get(input)?.of ?? null };
    });
    const plan = planOf(node, args, known.get(node.name)?.shape ?? [], count);
    if (plan !== null) inPieces(node, plan, outputs);
    else made.push({ ...node, inputs: node.inputs.map(whole) });
    // Behind what had to be done on the whole images may be cut again.
    if (plan === null ? args.some(({ axis }) => axis !== null) : plan.again === true) for (const output of outputs) if (rowsOf(output)) loose.add(output);
  }
  const wanted = results.map(whole);
  return { nodes: turns === 1 ? made : inTurns(prefix, { nodes: made, pieceOf, weights, results: wanted }, lanes), numbers, whole };
}

const outputsOf = (name: string, count: number): readonly string[] => Array.from({ length: count }, (_, at) => outputName(name, at));

function outputCount(name: string, known: ShardedGraph['known']): number {
  let count = 1;
  while (known.has(outputName(name, count))) count++;
  return count;
}
