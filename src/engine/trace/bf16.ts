import { DataType, isOrder, typeAttribute, type GraphNode } from './graph.js';

const PRODUCTS: ReadonlySet<string> = new Set(['MatMul', 'BatchMatMulV2']);

const cast = (name: string, input: string, from: number, to: number): GraphNode => ({
  name, op: 'Cast', inputs: [input], attributes: { SrcT: typeAttribute(from), DstT: typeAttribute(to), Truncate: { kind: 'bool', value: false } },
});

/**
 * The same graph with its float32 matrix products in bfloat16: both factors are cast down before, the result is cast up
 * behind (the products themselves are summed in float32 inside the kernel). All else stays float32: parameters and their
 * updates, biases, sums, norms, softmax, losses. A value that several products use is cast once, so a weight is cast once
 * a step. The cast-up result has the product's old name, so that nothing else changes.
 */
export function productsInBfloat16(prefix: string, nodes: readonly GraphNode[]): readonly GraphNode[] {
  const lowered = new Map<string, string>();
  return nodes.flatMap((node) => {
    const type = node.attributes['T'];
    if (!PRODUCTS.has(node.op) || type?.kind !== 'type' || type.value !== DataType.float) return [node];
    const casts: GraphNode[] = [];
    const inputs = node.inputs.map((input) => {
      if (isOrder(input)) return input;
      const known = lowered.get(input);
      if (known !== undefined) return known;
      const name = `${prefix}/bf16/${lowered.size}`;
      lowered.set(input, name);
      casts.push(cast(name, input, DataType.float, DataType.bfloat16));
      return name;
    });
    const product = { ...node, name: `${node.name}/bf16`, inputs, attributes: { ...node.attributes, T: typeAttribute(DataType.bfloat16) } };
    return [...casts, product, cast(node.name, product.name, DataType.bfloat16, DataType.float)];
  });
}
