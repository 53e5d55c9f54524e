import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import { homologousContrast } from '../../src/methods/mixedae/contrastive.js';
import { mix, unmix } from '../../src/methods/mixedae/mix.js';
import { dispatch, expertMlp } from '../../src/methods/moce/dispatch.js';
import { routingStatistics } from '../../src/methods/moce/diagnostics.js';
import { gate } from '../../src/methods/moce/gate.js';
import { confidenceLoss, distillationLoss, importanceLoss, loadLoss } from '../../src/methods/moce/losses.js';
import { convLayer, convNormLayer, upConvLayer, upConvReluProject } from '../../src/models/conv.js';
import { drawRegions } from '../../src/models/detector/assign.js';
import { decodeBoxes, encodeBoxes } from '../../src/models/detector/box-coding.js';
import { maskTargets } from '../../src/models/detector/mask-head.js';
import { propose } from '../../src/models/detector/proposals.js';
import { roiAlign } from '../../src/models/detector/roi-align.js';
import { rpnLosses } from '../../src/models/detector/rpn.js';
import { attendSelected, topKeys } from '../../src/models/selected-attention.js';
import type { GradientInput, GradientOptions } from './gradient.js';

export interface GradientCase {
  readonly name: string;
  readonly f: (...inputs: Tensor[]) => Tensor;
  readonly inputs: readonly GradientInput[];
  readonly options?: GradientOptions;
}

const positive = (value: number): number => 0.5 + Math.abs(value);
/** Away from 0, where a function has a kink. */
const apart = (value: number): number => value + Math.sign(value) * 0.1;
/** All values differ by more than the step of a difference. */
const spread = (_: number, index: number): number => ((index * 7) % 13) * 0.3 - 1.7;
const unary = (f: (x: Tensor) => Tensor, map?: (value: number, index: number) => number): readonly GradientCase[] =>
  [{ name: 'elementwise', f: (x) => f(x), inputs: [{ shape: [2, 3], ...(map === undefined ? {} : { map }) }] }];
/** Equal shapes, and broadcasting in both directions. */
const binary = (f: (a: Tensor, b: Tensor) => Tensor, map: (value: number) => number = (value) => value): readonly GradientCase[] =>
  ([[[2, 3], [2, 3]], [[2, 3], [3]], [[2, 1, 3], [4, 1]], [[], [2, 2]]] as const).map(([a, b]) => ({
    name: `[${a.join(', ')}] and [${b.join(', ')}]`, f: (x: Tensor, y: Tensor) => f(x, y), inputs: [{ shape: a }, { shape: b, map }],
  }));
const indices = (values: readonly number[], shape: readonly number[] = [values.length]): Tensor => tf.tensor(Int32Array.from(values), [...shape], 'int32');
const resize = (f: (x: Tensor4D, align: boolean, half: boolean) => Tensor): readonly GradientCase[] =>
  ([[false, false], [true, false], [false, true]] as const).map(([align, half]) => ({
    name: align ? 'aligned corners' : half ? 'half-pixel centres' : 'plain', f: (x: Tensor) => f(x as Tensor4D, align, half), inputs: [{ shape: [1, 3, 4, 2] }],
  }));

/** Cases of the numeric-gradient test, by the name of the kernel that they are for. */
export const gradientCases: Readonly<Record<string, readonly GradientCase[]>> = {
  Abs: unary(tf.abs, apart),
  Add: binary(tf.add),
  AddN: [{ name: 'three', f: (...xs) => tf.addN(xs), inputs: [{ shape: [3] }, { shape: [3] }, { shape: [3] }] }],
  AvgPool: [{ name: '2 x 2', f: (x) => tf.avgPool(x as Tensor4D, 2, 2, 'valid'), inputs: [{ shape: [1, 4, 4, 2] }] }],
  BatchMatMul: ([[false, false], [false, true], [true, false], [true, true]] as const).flatMap(([a, b]) => [
    { name: `matrices, transposed ${a}, ${b}`, f: (x: Tensor, y: Tensor) => tf.matMul(x, y, a, b), inputs: [{ shape: a ? [3, 2] : [2, 3] }, { shape: b ? [4, 3] : [3, 4] }] },
    { name: `batches, transposed ${a}, ${b}`, f: (x: Tensor, y: Tensor) => tf.matMul(x, y, a, b), inputs: [{ shape: a ? [2, 2, 3, 2] : [2, 2, 2, 3] }, { shape: b ? [2, 2, 2, 3] : [2, 2, 3, 2] }] },
  ]),
  Cast: [{ name: 'float32 to float32', f: (x) => tf.cast(x, 'float32'), inputs: [{ shape: [3] }] }],
  ClipByValue: unary((x) => tf.clipByValue(x, -0.8, 0.8), (value, i) => [-1.5, -0.5, 0.1, 0.5, 1.2, 2][i] ?? value),
  Concat: [0, 1].map((axis) => ({ name: `axis ${axis}`, f: (...xs: Tensor[]) => tf.concat(xs, axis), inputs: [{ shape: [2, 3] }, { shape: [2, 3] }] })),
  Conv2D: [
    { name: 'stride 1, same', f: (x, w) => tf.conv2d(x as Tensor4D, w as Tensor4D, 1, 'same'), inputs: [{ shape: [1, 4, 4, 2] }, { shape: [3, 3, 2, 2] }] },
    { name: 'stride 2, valid', f: (x, w) => tf.conv2d(x as Tensor4D, w as Tensor4D, 2, 'valid'), inputs: [{ shape: [2, 4, 4, 1] }, { shape: [2, 2, 1, 3] }] },
  ],
  Cos: unary(tf.cos),
  Cumsum: [{ name: 'axis 1', f: (x) => tf.cumsum(x, 1), inputs: [{ shape: [2, 4] }] }],
  Elu: unary(tf.elu, apart),
  Erf: unary(tf.erf),
  Exp: unary(tf.exp),
  ExpandDims: [{ name: 'in the middle', f: (x) => tf.expandDims(x, 1), inputs: [{ shape: [2, 3] }] }],
  Expm1: unary(tf.expm1),
  GatherV2: [
    { name: 'rows, one twice', f: (x) => tf.gather(x, indices([2, 0, 2])), inputs: [{ shape: [3, 2] }] },
    { name: 'axis 1', f: (x) => tf.gather(x, indices([1, 1, 3]), 1), inputs: [{ shape: [2, 4, 2] }] },
    { name: 'a table of indices', f: (x) => tf.gather(x, indices([0, 2, 1, 0], [2, 2])), inputs: [{ shape: [3, 2] }] },
    { name: 'batchDims 1', f: (x) => tf.gather(x, indices([0, 2, 1, 1], [2, 2]), 1, 1), inputs: [{ shape: [2, 3, 2] }] },
  ],
  Identity: [{ name: 'clone', f: (x) => tf.clone(x), inputs: [{ shape: [3] }] }],
  LeakyRelu: unary((x) => tf.leakyRelu(x, 0.2), apart),
  Log: unary(tf.log, positive),
  Log1p: unary(tf.log1p, positive),
  Max: [{ name: 'axis 1', f: (x) => tf.max(x, 1), inputs: [{ shape: [3, 4], map: spread }] }],
  MaxPool: [{ name: '2 x 2', f: (x) => tf.maxPool(x as Tensor4D, 2, 2, 'valid'), inputs: [{ shape: [1, 4, 4, 1], map: (_, i) => ((i * 7) % 16) * 0.3 }] }],
  Maximum: [{ name: 'equal shapes', f: (a, b) => tf.maximum(a, b), inputs: [{ shape: [6], map: spread }, { shape: [6], map: (value, i) => -spread(value, i) + 0.05 }] }],
  Mean: [
    { name: 'all', f: (x) => tf.mean(x), inputs: [{ shape: [2, 3] }] },
    { name: 'last axis, kept', f: (x) => tf.mean(x, -1, true), inputs: [{ shape: [2, 3] }] },
    { name: 'two axes', f: (x) => tf.mean(x, [0, 2]), inputs: [{ shape: [2, 3, 2] }] },
  ],
  Min: [{ name: 'axis 0', f: (x) => tf.min(x, 0), inputs: [{ shape: [3, 4], map: spread }] }],
  Minimum: [{ name: 'equal shapes', f: (a, b) => tf.minimum(a, b), inputs: [{ shape: [6], map: spread }, { shape: [6], map: (value, i) => -spread(value, i) + 0.05 }] }],
  MirrorPad: (['reflect', 'symmetric'] as const).map((mode) => ({ name: mode, f: (x: Tensor) => tf.mirrorPad(x, [[1, 1], [2, 0]], mode), inputs: [{ shape: [3, 4] }] })),
  Multiply: binary(tf.mul),
  Neg: unary(tf.neg),
  Pack: [0, 2].map((axis) => ({ name: `axis ${axis}`, f: (...xs: Tensor[]) => tf.stack(xs, axis), inputs: [{ shape: [2, 3] }, { shape: [2, 3] }, { shape: [2, 3] }] })),
  PadV2: [{ name: 'both sides', f: (x) => tf.pad(x, [[1, 0], [2, 1]]), inputs: [{ shape: [2, 3] }] }],
  Pow: [{ name: 'positive base', f: (a, b) => tf.pow(a, b), inputs: [{ shape: [2, 3], map: positive }, { shape: [3] }] }],
  RealDiv: binary(tf.div, (value) => value + Math.sign(value)),
  Reciprocal: unary(tf.reciprocal, positive),
  Relu: unary(tf.relu, apart),
  Reshape: [{ name: 'flat', f: (x) => tf.reshape(x, [6]), inputs: [{ shape: [2, 3] }] }],
  ResizeBilinear: [...resize((x, align, half) => tf.image.resizeBilinear(x, [6, 5], align, half)), ...resize((x, align, half) => tf.image.resizeBilinear(x, [2, 2], align, half))],
  ResizeNearestNeighbor: [...resize((x, align, half) => tf.image.resizeNearestNeighbor(x, [6, 5], align, half)), ...resize((x, align, half) => tf.image.resizeNearestNeighbor(x, [2, 2], align, half))],
  Reverse: [{ name: 'axis 1', f: (x) => tf.reverse(x, 1), inputs: [{ shape: [2, 3] }] }],
  Rsqrt: unary(tf.rsqrt, positive),
  Select: [{ name: 'by a constant mask', f: (a, b) => tf.where(tf.tensor([true, false, true]), a, b), inputs: [{ shape: [3] }, { shape: [3] }] }],
  Sigmoid: unary(tf.sigmoid),
  Sin: unary(tf.sin),
  Slice: [{ name: 'inside', f: (x) => tf.slice(x, [0, 1], [2, 2]), inputs: [{ shape: [3, 4] }] }],
  Softmax: [{ name: 'rows', f: (x) => tf.softmax(x), inputs: [{ shape: [2, 2, 4] }] }],
  Softplus: unary(tf.softplus),
  SplitV: [{ name: 'uneven', f: (x) => { const [a, b] = tf.split(x, [1, 3], 1); return tf.concat([tf.mul(a!, 2), tf.square(b!)], 1); }, inputs: [{ shape: [2, 4] }] }],
  Sqrt: unary(tf.sqrt, positive),
  Square: unary(tf.square),
  SquaredDifference: [{ name: 'equal shapes', f: (a, b) => tf.squaredDifference(a, b), inputs: [{ shape: [2, 3] }, { shape: [2, 3] }] }], // broadcast, tfjs throws
  Sub: binary(tf.sub),
  Sum: [
    { name: 'all', f: (x) => tf.sum(x), inputs: [{ shape: [2, 3] }] },
    { name: 'last axis, kept', f: (x) => tf.sum(x, -1, true), inputs: [{ shape: [2, 3] }] },
    { name: 'first axis', f: (x) => tf.sum(x, 0), inputs: [{ shape: [2, 3] }] },
  ],
  Tanh: unary(tf.tanh),
  Tile: [{ name: 'both axes', f: (x) => tf.tile(x, [2, 3]), inputs: [{ shape: [2, 2] }] }],
  Transpose: [{ name: 'three axes', f: (x) => tf.transpose(x, [2, 0, 1]), inputs: [{ shape: [2, 3, 2] }] }, { name: 'five axes', f: (x) => tf.transpose(x, [2, 0, 3, 1, 4]), inputs: [{ shape: [1, 2, 3, 2, 2] }] }],
  Unpack: [{ name: 'axis 0', f: (x) => { const [a, b] = tf.unstack(x, 0); return tf.add(tf.square(a!), tf.mul(b!, 3)); }, inputs: [{ shape: [2, 3] }] }],
  UnsortedSegmentSum: [{ name: 'rows', f: (x) => tf.unsortedSegmentSum(x, indices([1, 0, 1]) as Tensor1D, 3), inputs: [{ shape: [3, 2] }] }],
  FusedBatchNorm: [{
    name: 'mean, variance, offset, scale', f: (x, mean, variance, offset, scale) => tf.batchNorm(x as Tensor3D, mean as Tensor1D, variance as Tensor1D, offset as Tensor1D, scale as Tensor1D, 1e-3),
    inputs: [{ shape: [2, 2, 3] }, { shape: [3] }, { shape: [3], map: positive }, { shape: [3] }, { shape: [3] }],
  }],
};

/** Every query's second and third best keys are 0.85 apart, with the class token and without. */
const apartKeys = (_: number, index: number): number => 1.5 * Math.sin(144.67 * (index + 1) + 39.1);

const mixture = { units: 4, rows: 2, size: 2, groups: 4 } as const;
/** Logits of 4 units and 3 experts, whose largest is well above the second. */
const certain = (_: number, index: number): number => [1.2, 0, -0.6, -0.5, 0.1, 0.9, 0.8, -0.4, 0.2, 0.1, 0.7, -0.7][index]!;
const unitVectors = (n: number): Tensor => tf.tensor2d(Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0)), [n, n]);
const constantNoise = (): Tensor => tf.tensor2d([0.1, -0.1, 0, 0, 0.05, 0.1, 0, 0.1, -0.2, -0.1, 0, 0.1], [4, 3]);

const detectorLevels = [{ stride: 4, side: 4, anchor: 4 }, { stride: 8, side: 2, anchor: 8 }];

/** Operations of tfjs that bring their own gradient instead of a kernel's, and our own of several kernels. */
export const compositeCases: readonly GradientCase[] = [
  { name: 'logSoftmax', f: (x) => tf.logSoftmax(x), inputs: [{ shape: [2, 4] }] },
  ...(['apart', 'alike'] as const).map((classToken) => ({
    name: `attention to the 2 best keys, class token ${classToken}`,
    f: (qkv: Tensor) => attendSelected(qkv, 2, topKeys(2, classToken)).attended,
    inputs: [{ shape: [1, 4, 12], map: apartKeys }],
  })),
  { name: 'the contrastive loss of a group of two images', f: (x) => homologousContrast(x, 2, 0.5), inputs: [{ shape: [2, 6, 3] }] },
  {
    name: 'the chosen experts\' outputs times their gate values',
    f: (logits, x, fc1, bias1, fc2, bias2) => {
      const { chosen, value } = gate(unitVectors(3), logits);
      const names = { 'm.experts.fc1.weight': fc1, 'm.experts.fc1.bias': bias1, 'm.experts.fc2.weight': fc2, 'm.experts.fc2.bias': bias2 };
      const out = expertMlp(names, 'm', x, dispatch(chosen, mixture), mixture);
      return tf.mul(tf.reshape(out, [4, 4]), value);
    },
    inputs: [{ shape: [4, 3], map: certain }, { shape: [8, 2] }, { shape: [3, 3, 2] }, { shape: [3, 3] }, { shape: [3, 2, 3] }, { shape: [3, 2] }],
  },
  {
    name: 'the losses of a gate',
    f: (logits, tokens) => {
      const one = gate(unitVectors(3), logits, constantNoise());
      return tf.stack([importanceLoss(tf.softmax(one.logits)), loadLoss(one, 1 / 3), confidenceLoss(one.values), distillationLoss(tokens, tf.zeros([2, 3]))]);
    },
    inputs: [{ shape: [4, 3], map: certain }, { shape: [2, 3] }],
  },
  {
    name: 'the entropy of a gate, of what is told of its routing',
    f: (logits) => {
      const { gate_entropy_block0: entropy, largest_expert_block0: largest, dead_experts_block0: dead } = routingStatistics(0, logits, tf.tensor1d([0.1, 0.2, 0.3, 0.4]), tf.tensor1d([5, 4, 0.1]));
      return tf.stack([entropy!, largest!, dead!]);
    },
    inputs: [{ shape: [4, 3], map: certain }],
  },
  ...[1, 3].map((k) => ({
    name: `a convolution of ${k} x ${k} in PyTorch's layout`, f: (x: Tensor, weight: Tensor, bias: Tensor) => convLayer({ 'c.weight': weight, 'c.bias': bias }, 'c', x),
    inputs: [{ shape: [2, 3, 4, 2] }, { shape: [3, 2, k, k] }, { shape: [3] }],
  })),
  ...[1, 3].map((k) => ({
    name: `a convolution of ${k} x ${k} and LayerNorm over channels`, f: (x: Tensor, weight: Tensor, gain: Tensor, bias: Tensor) => convNormLayer({ 'c.conv.weight': weight, 'c.norm.weight': gain, 'c.norm.bias': bias }, 'c', x),
    inputs: [{ shape: [1, 3, 3, 2] }, { shape: [4, 2, k, k] }, { shape: [4] }, { shape: [4] }],
  })),
  { name: 'a transposed convolution, ReLU and a projection', f: (x, weight, bias, last, end) => upConvReluProject({ 'u.weight': weight, 'u.bias': bias, 'l.weight': last, 'l.bias': end }, 'u', 'l', x), inputs: [{ shape: [2, 2, 3, 2] }, { shape: [2, 3, 2, 2] }, { shape: [3] }, { shape: [2, 3, 1, 1] }, { shape: [2] }] },
  { name: 'a transposed convolution', f: (x, weight, bias) => upConvLayer({ 'u.weight': weight, 'u.bias': bias }, 'u', x), inputs: [{ shape: [2, 2, 3, 2] }, { shape: [2, 3, 2, 2] }, { shape: [3] }] },
  { name: 'regions of two maps', f: (fine, coarse) => roiAlign([fine, coarse], detectorLevels, tf.tensor3d([[[1, 2, 5, 7], [0, 1, 15, 16]]]), 2), inputs: [{ shape: [1, 4, 4, 2] }, { shape: [1, 2, 2, 2] }] },
  {
    name: 'boxes by proposals, regions and masks\' targets, which are chosen without a gradient',
    f: (x) => {
      const anchors = (4 * 4 + 2 * 2) * 3;
      const numbers = (scale: number, ...shape: number[]): Tensor => tf.tensor(Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => scale * Math.sin(7.3 * i)), shape);
      const proposals = propose(numbers(1, 1, anchors), numbers(0.3, 1, anchors, 4), tf.tensor2d([[16, 14]]), detectorLevels, { perLevel: 6, count: 8, iou: 0.7 });
      const objects = { boxes: tf.tensor3d([[[2, 2, 9, 9], [6, 5, 16, 13]]]), present: tf.ones([1, 2]) };
      const regions = drawRegions(proposals, objects, numbers(1, 1, 10), { count: 6, foreground: 3, iou: 0.4 });
      const named = tf.matMul(regions.object, tf.oneHot(tf.tensor2d([[2, 0]], [1, 2], 'int32'), 3));
      const masks = maskTargets(numbers(1, 1, 2, 16, 16), regions.object, regions.boxes, 2);
      return tf.mul(x, tf.concat([regions.boxes, tf.expandDims(regions.foreground, 2), named, tf.reshape(masks, [1, 6, 4])], 2));
    },
    inputs: [{ shape: [1, 6, 12] }],
  },
  {
    name: 'losses of region proposals',
    f: (objectness, deltas) => {
      const { objectness: sure, boxes } = rpnLosses({ objectness, deltas }, { labels: tf.tensor2d([[1, 0, -1]]), boxes: tf.tensor3d([[[20, 20, 45, 45], [0, 0, 4, 4], [0, 0, 4, 4]]]) }, [{ stride: 16, side: 1, anchor: 8 }]);
      return tf.stack([sure, boxes]);
    },
    inputs: [{ shape: [1, 3] }, { shape: [1, 3, 4] }],
  },
  {
    name: 'box coding, there and back', f: (deltas) => encodeBoxes(decodeBoxes(deltas, tf.tensor2d([[2, 3, 9, 14], [1, 1, 4, 4]]), { centre: 10, size: 5 }), tf.tensor2d([[3, 3, 9, 12], [0, 1, 5, 4]]), { centre: 2, size: 1 }),
    inputs: [{ shape: [2, 4] }],
  },
  { name: 'mixing and un-mixing', f: (x, segments, cls) => unmix(tf.concat([cls, mix(x, 2, segments)], 1), 2), inputs: [{ shape: [4, 2, 3] }, { shape: [2, 3] }, { shape: [2, 1, 3] }] },
];
