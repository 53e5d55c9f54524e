import { DataType, isOrder, typeAttribute, type GraphNode } from './graph.js';

const PRODUCTS: ReadonlySet<string> = new Set(['MatMul', 'BatchMatMulV2']);

const isFloat = ({ attributes: { T: type } }: GraphNode): boolean => type?.kind === 'type' && type.value === DataType.float;

const cast = (name: string, input: string, from: number, to: number): GraphNode => ({
  name, op: 'Cast', inputs: [input], attributes: { SrcT: typeAttribute(from), DstT: typeAttribute(to), Truncate: { kind: 'bool', value: false } },
});

type Takers = ReadonlyMap<string, readonly GraphNode[]>;

/** The five nodes of GELU (models/gelu.ts) on a value that nothing else takes; none where it is something else, or where a gradient needs what is inside. */
function geluOf(value: string, takers: Takers): readonly GraphNode[] {
  const only = (node: GraphNode | null, op: string): GraphNode | null => {
    const [first, ...more] = (node === null ? undefined : takers.get(node.name)) ?? [];
    return first?.op === op && more.length === 0 ? first : null;
  };
  const both = takers.get(value) ?? [];
  for (const scaled of both) {
    const erf = only(scaled, 'Erf');
    const shifted = only(erf, 'AddV2');
    const halved = only(shifted, 'Mul');
    const last = only(halved, 'Mul');
    if (last !== null && both.length === 2 && both.includes(last)) return [scaled, erf!, shifted!, halved!, last];
  }
  return [];
}

/** Names of the products, and of what TensorFlow computes in the pass that writes one: a bias, with `gelu` also GELU behind it. */
function loweredNodes(nodes: readonly GraphNode[], gelu: boolean): ReadonlySet<string> {
  const takers = new Map<string, GraphNode[]>();
  for (const node of nodes) {
    for (const input of node.inputs) {
      const known = takers.get(input);
      if (known === undefined) takers.set(input, [node]);
      else known.push(node);
    }
  }
  const products = nodes.filter((node) => PRODUCTS.has(node.op) && isFloat(node)).map(({ name }) => name);
  const biases = products.flatMap((product) => (takers.get(product) ?? []).filter(({ op, inputs }) => op === 'BiasAdd' && inputs[0] === product).map(({ name }) => name));
  return new Set([...products, ...biases, ...(gelu ? biases.flatMap((bias) => geluOf(bias, takers).map(({ name }) => name)) : [])]);
}

/**
 * The same graph with its float32 matrix products in bfloat16: both factors are cast down before, the result is cast up
 * behind (the products themselves are summed in float32 inside the kernel). A bias behind a product, and GELU behind that
 * where no gradient is taken, are added and computed on those sums, before they are rounded: in bfloat16 TensorFlow fuses
 * them too. All else stays float32: parameters and their updates, sums, norms, softmax, losses. A value that several
 * products use is cast once, so a weight is cast once a step. The cast-up result has the old name, so that nothing else
 * changes; where nobody takes it TensorFlow leaves it out.
 *
 * @param gelu whether TensorFlow fuses GELU here. Where it does not, GELU's parts would be rounded one by one
 */
export function productsInBfloat16(prefix: string, nodes: readonly GraphNode[], gelu: boolean): readonly GraphNode[] {
  const chosen = loweredNodes(nodes, gelu);
  const lowered = new Map<string, string>();
  let count = 0;
  return nodes.flatMap((node) => {
    if (!chosen.has(node.name)) return [node];
    const casts: GraphNode[] = [];
    const inputs = node.inputs.map((input) => {
      if (isOrder(input)) return input;
      const known = lowered.get(input);
      if (known !== undefined) return known;
      const name = `${prefix}/bf16/${count++}`;
      lowered.set(input, name);
      casts.push(cast(name, input, DataType.float, DataType.bfloat16));
      return name;
    });
    const low = { ...node, name: `${node.name}/bf16`, inputs, attributes: { ...node.attributes, T: typeAttribute(DataType.bfloat16) } };
    lowered.set(node.name, low.name);
    return [...casts, low, cast(node.name, low.name, DataType.bfloat16, DataType.float)];
  });
}
