import { sizeOf } from '../../feeds.js';
import type { Attribute, GraphNode } from '../graph.js';

/**
 * An input of an op: `axis`: along which it is in pieces, or may be cut; null: whole. `fixed`: it is in pieces already. `rowsOf`: it holds
 * rows of a table of so many, image by image, and each image's are its own.
 */
export interface Arg {
  readonly shape: readonly number[];
  readonly axis: number | null;
  readonly fixed: boolean;
  readonly literal: readonly number[] | null;
  readonly rowsOf: number | null;
}

/** How the pieces' results make the op's: side by side along an axis, or by a sum, mean, maximum or minimum. */
export type Joined = number | 'sum' | 'mean' | 'max' | 'min';

/** An op done in pieces. */
export interface Plan {
  /** Per input the axis along which it is cut; null: each piece takes it whole. */
  readonly cuts: readonly (number | null)[];
  readonly joined: Joined;
  /** An input whose rows each piece counts from its own first one. */
  readonly ownRows?: number;
  /** Literals that are others in a piece (sizes), by the input's place. */
  readonly literals?: ReadonlyMap<number, readonly number[]>;
  /** The result may be cut again where its rows are of images. */
  readonly again?: boolean;
}

interface Op { readonly node: GraphNode; readonly args: readonly Arg[]; readonly shape: readonly number[]; readonly count: number }
type Rule = (op: Op) => Plan | null;

const flag = (node: GraphNode, name: string): boolean => valueOf(node.attributes[name]) === true;
const valueOf = (attribute: Attribute | undefined): unknown => (attribute !== undefined && 'value' in attribute ? attribute.value : undefined);
const inRank = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

/** Where every input that is in pieces is so along its cut. */
const agreed = ({ args, count }: Op, plan: Plan): Plan | null =>
  (args.every(({ axis, fixed, shape }, at) => (!fixed || plan.cuts[at] === axis) && (plan.cuts[at] == null || shape[plan.cuts[at]]! % count === 0)) ? plan : null);

/** The axis of the first input, of ops that cut no other. */
const axisOf = ({ args }: Op): number | null => args[0]?.axis ?? null;

/** The first input that is cut decides, of those in pieces before others. */
const leading = (args: readonly Arg[]): number => {
  const fixed = args.findIndex((arg) => arg.fixed);
  return fixed === -1 ? args.findIndex(({ axis }) => axis !== null) : fixed;
};

/** Inputs as broadcasting aligns them, at their ends. */
const elementwise: Rule = (op) => {
  const { args, shape } = op;
  const lead = args[leading(args)]!;
  const axis = lead.axis! + shape.length - lead.shape.length;
  if (shape[axis] !== lead.shape[lead.axis!]) return null;
  const cuts = args.map((arg) => {
    const own = axis - (shape.length - arg.shape.length);
    return own < 0 || arg.shape[own] === 1 ? null : own;
  });
  return agreed(op, { cuts, joined: axis });
};

/** Where nothing is broadcast: `Select` aligns a vector of conditions at the front. */
const alike: Rule = (op) => (op.args.every((arg) => arg.shape.join() === op.shape.join()) ? elementwise(op) : null);

/** Pictures one by one: these inputs have them along their first axis, others are whole. */
const image = (...pictures: readonly number[]): Rule => (op) =>
  (pictures.some((at) => op.args[at]?.axis === 0) ? agreed(op, { cuts: op.args.map((_, at) => (pictures.includes(at) ? 0 : null)), joined: 0 }) : null);

/** Inputs: sizes of the pictures, filter, gradient. */
const convolutionOfGradient: Rule = (op) => {
  const sizes = op.args[0]!.literal;
  const plan = image(2)(op);
  return plan === null || sizes === null ? null : { ...plan, literals: new Map([[0, [sizes[0]! / op.count, ...sizes.slice(1)]]]) };
};

/** Inputs: pictures, sizes of the filter, gradient. */
const filterGradient: Rule = (op) => {
  const plan = image(0, 2)(op);
  return plan === null ? null : { ...plan, joined: 'sum' };
};

/** One input, whose last axis is kept together; others are whole. */
const alongRows: Rule = (op) => {
  const axis = axisOf(op);
  return axis === null || axis === op.args[0]!.shape.length - 1 ? null : agreed(op, { cuts: op.args.map((_, at) => (at === 0 ? axis : null)), joined: axis });
};

const matMul: Rule = (op) => {
  const [first, second] = op.args as [Arg, Arg];
  const [rows, inner] = flag(op.node, 'transpose_a') ? [1, 0] : [0, 1];
  const [other, columns] = flag(op.node, 'transpose_b') ? [1, 0] : [0, 1];
  const lead = leading(op.args) === 0 ? first : second;
  if (lead === first) return agreed(op, first.axis === rows ? { cuts: [rows, null], joined: 0 } : { cuts: [inner, other], joined: 'sum' });
  return agreed(op, second.axis === columns ? { cuts: [null, columns], joined: 1 } : { cuts: [inner, other], joined: 'sum' });
};

/** Along an axis of the batch alone. */
const batchMatMul: Rule = (op) => {
  const { args, shape } = op;
  const lead = args[leading(args)]!;
  const axis = lead.axis! + shape.length - lead.shape.length;
  return axis >= shape.length - 2 ? null : elementwise(op);
};

const reduction = (whole: Joined): Rule => (op) => {
  const [arg, axes] = op.args as [Arg, Arg];
  if (arg.axis === null || axes.literal === null) return null;
  const reduced = axes.literal.map((axis) => inRank(axis, arg.shape.length));
  const { axis } = arg;
  if (reduced.includes(axis)) return agreed(op, { cuts: [axis, null], joined: whole });
  const before = flag(op.node, 'keep_dims') ? 0 : reduced.filter((one) => one < axis).length;
  return agreed(op, { cuts: [axis, null], joined: axis - before });
};

/** Equal pieces of an axis are equal pieces of any that begins at the same place. */
const reshape: Rule = (op) => {
  const { args: [arg], shape, count } = op;
  if (arg?.axis == null) return null;
  const before = sizeOf(arg.shape.slice(0, arg.axis));
  const axis = shape.findIndex((size, at) => size % count === 0 && size > 0 && sizeOf(shape.slice(0, at)) === before);
  if (axis === -1) return null;
  return agreed(op, { cuts: [arg.axis, null], joined: axis, literals: new Map([[1, shape.map((size, at) => (at === axis ? size / count : size))]]) });
};

const transpose: Rule = (op) => {
  const [arg, order] = op.args as [Arg, Arg];
  return arg.axis === null || order.literal === null ? null : agreed(op, { cuts: [arg.axis, null], joined: order.literal.indexOf(arg.axis) });
};

const unpack: Rule = (op) => {
  const axis = axisOf(op);
  const own = inRank(Number(valueOf(op.node.attributes['axis']) ?? 0), op.args[0]!.shape.length);
  return axis === null || axis === own ? null : agreed(op, { cuts: [axis], joined: axis - Number(own < axis) });
};

const pack: Rule = (op) => {
  const { axis } = op.args[leading(op.args)]!;
  const own = inRank(Number(valueOf(op.node.attributes['axis']) ?? 0), op.shape.length);
  return agreed(op, { cuts: op.args.map(() => axis), joined: axis! + Number(own <= axis!) });
};

const concat: Rule = (op) => {
  const values = op.args.slice(0, -1);
  const own = op.args.at(-1)!.literal?.[0];
  const { axis } = op.args[leading(values)]!;
  return own === undefined || inRank(own, op.shape.length) === axis ? null : agreed(op, { cuts: [...values.map(() => axis), null], joined: axis! });
};

const splitV: Rule = (op) => {
  const axis = axisOf(op);
  const own = op.args[2]!.literal?.[0];
  return axis === null || own === undefined || inRank(own, op.args[0]!.shape.length) === axis ? null : agreed(op, { cuts: [axis, null, null], joined: axis });
};

const slice: Rule = (op) => {
  const { args: [arg, begin, size], shape, count } = op;
  if (arg?.axis == null || begin?.literal == null || size?.literal == null || shape[arg.axis] !== arg.shape[arg.axis]) return null;
  const { axis } = arg;
  return agreed(op, { cuts: [axis, null, null], joined: axis, literals: new Map([[2, shape.map((own, at) => (at === axis ? own / count : own))]]) });
};

const pad: Rule = (op) => {
  const [arg, paddings] = op.args as [Arg, Arg];
  if (arg.axis === null || paddings.literal === null || paddings.literal[2 * arg.axis] !== 0 || paddings.literal[2 * arg.axis + 1] !== 0) return null;
  return agreed(op, { cuts: op.args.map((_, at) => (at === 0 ? arg.axis : null)), joined: arg.axis });
};

/** Each piece takes its images' rows from its own, others from all. */
const gather: Rule = (op) => {
  const [params, indices, at] = op.args as [Arg, Arg, Arg];
  if (Number(valueOf(op.node.attributes['batch_dims']) ?? 0) !== 0 || at.literal === null) return null;
  const own = inRank(at.literal[0]!, params.shape.length);
  if (own === 0 && params.axis === 0 && indices.rowsOf === params.shape[0] && indices.shape[0]! % op.count === 0) return { cuts: [0, null, null], ownRows: 1, joined: 0 };
  if (indices.axis !== null && indices.shape[indices.axis]! % op.count === 0) return { cuts: [null, indices.axis, null], joined: own + indices.axis };
  if (params.axis === null || params.axis === own || indices.fixed) return null;
  return agreed(op, { cuts: [params.axis, null, null], joined: params.axis < own ? params.axis : params.axis + indices.shape.length - 1 });
};

/** Each piece sums its images' rows into its own segments, others into all. */
const segmentSum: Rule = (op) => {
  const [values, rows, segments] = op.args as [Arg, Arg, Arg];
  const count = segments.literal?.[0];
  if (values.axis === 0 && count !== undefined && rows.rowsOf === count) return { cuts: [0, null, null], ownRows: 1, joined: 0, literals: new Map([[2, [count / op.count]]]) };
  const { axis } = op.args[leading(op.args)]!;
  return axis !== null && axis < op.args[1]!.shape.length ? agreed(op, { cuts: [axis, axis, null], joined: 'sum', again: true }) : null;
};

const elementwiseOps = [
  'Add', 'AddN', 'Sub', 'Mul', 'RealDiv', 'Maximum', 'Minimum', 'SquaredDifference', 'Pow', 'Greater', 'GreaterEqual', 'Less', 'LessEqual', 'Equal', 'NotEqual',
  'LogicalAnd', 'LogicalOr', 'LogicalNot', 'Cast', 'Identity', 'Square', 'Sqrt', 'Rsqrt', 'Exp', 'Log', 'Log1p', 'Neg', 'Abs', 'Sign', 'Erf', 'Relu', 'Sigmoid', 'Tanh', 'Softplus', 'Reciprocal', 'Floor', 'IsNan', 'ZerosLike',
];

/** Ops that can be done in pieces. What is not named here, or whose rule gives null, is done at once, on the whole. */
const rules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ...elementwiseOps.map((op) => [op, elementwise] as const),
  ['Select', alike], ['BiasAdd', alongRows], ['Softmax', alongRows], ['NthElement', alongRows],
  ['MatMul', matMul], ['BatchMatMulV2', batchMatMul],
  ['Sum', reduction('sum')], ['Mean', reduction('mean')], ['Max', reduction('max')], ['Min', reduction('min')],
  ['Reshape', reshape], ['Transpose', transpose], ['Unpack', unpack], ['Pack', pack], ['ConcatV2', concat], ['SplitV', splitV], ['Slice', slice], ['PadV2', pad],
  ['GatherV2', gather], ['UnsortedSegmentSum', segmentSum],
  ['Conv2D', image(0)], ['Conv2DBackpropInput', convolutionOfGradient], ['Conv2DBackpropFilter', filterGradient],
  ['MaxPool', image(0)], ['MaxPoolGrad', image(0, 1, 2)], ['ResizeBilinear', image(0)], ['ResizeBilinearGrad', image(0, 1)],
]);

/** `shape`: of its first output. null: it cannot be done in pieces, or none of its inputs is. */
export const planOf = (node: GraphNode, args: readonly Arg[], shape: readonly number[], count: number): Plan | null =>
  (args.some(({ axis }) => axis !== null) ? rules.get(node.op)?.({ node, args, shape, count }) ?? null : null);
