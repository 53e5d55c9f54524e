import { abs, add, clipByValue, div, expandDims, floor, log, matMul, mean, mul, range, relu, reshape, sqrt, sub, tensor1d, type Tensor } from '@tensorflow/tfjs-core';
import { withoutGradient } from '../with-gradient.js';
import type { Level } from './anchors.js';
import { sidesOf, sizesOf } from './boxes.js';

/** Bilinear samples of a cell along an axis. */
const samples = 2;

/**
 * How the cells of regions read an axis of a map: weights of bilinear interpolation, averaged over a cell's samples. Positions are
 * those of RoIAlign with half-pixel centres (torchvision: aligned=True, sampling_ratio=2).
 *
 * @param start [B, P], in pixels; regions lie in the picture
 * @param length [B, P], in pixels
 * @param stride pixels a value of the map
 * @returns [B, P, cells, size], each row of sum 1
 */
export function readingMatrix(start: Tensor, length: Tensor, { stride, size, cells }: { readonly stride: number; readonly size: number; readonly cells: number }): Tensor {
  const [batch, regions] = start.shape as [number, number];
  const count = cells * samples;
  const shares = tensor1d(Float32Array.from({ length: count }, (_, i) => (i + 0.5) / count));
  const wide = (x: Tensor): Tensor => reshape(x, [batch, regions, 1]);
  const positions = sub(mul(add(wide(start), mul(wide(length), shares)), 1 / stride), 0.5);
  const distances = abs(sub(expandDims(clipByValue(positions, 0, size - 1), 3), range(0, size, 1, 'float32')));
  return mean(reshape(relu(sub(1, distances)), [batch, regions, cells, samples, size]), 3);
}

/**
 * 1 for the level that a region is read from, else 0: from the size of the level's anchor up to twice that; smaller ones from the first,
 * larger ones from the last. FPN's rule, but for its size: it reads regions of 14 to 28 values a side (its anchors have 8), so that
 * the objects of small pictures would all be read from the finest map.
 *
 * @param area [B, P], in square pixels
 * @returns one [B, P] a level
 */
export function levelWeights(area: Tensor, levels: readonly Level[]): readonly Tensor[] {
  const level = withoutGradient(() => clipByValue(floor(div(log(div(sqrt(area), levels[0]!.anchor)), Math.LN2)), 0, levels.length - 1));
  return levels.map((_, i) => relu(sub(1, abs(sub(level, i)))));
}

/**
 * RoIAlign by two matrix products a map: R F C^T with the reading matrices of rows and columns. Differentiable in the maps; boxes are
 * taken as given. Gathers nothing, so that the gradient is matrix products as well.
 *
 * @param maps [B, side, side, C] of each level, finest first, each of twice the stride of the one before
 * @param boxes [B, P, 4], in the picture
 * @returns [B * P, cells, cells, C]
 */
export function roiAlign(maps: readonly Tensor[], levels: readonly Level[], boxes: Tensor, cells: number): Tensor {
  const [batch, regions] = boxes.shape as [number, number, number];
  const sides = sidesOf(boxes);
  const { width, height } = sizesOf(sides);
  const weights = levelWeights(mul(width, height), levels);
  const parts = levels.map(({ stride, side: size }, i) => {
    const map = maps[i]!;
    const channels = map.shape[3]!;
    const form = { stride, size, cells };
    const rows = mul(readingMatrix(sides.top, height, form), reshape(weights[i]!, [batch, regions, 1, 1]));
    const columns = readingMatrix(sides.left, width, form);
    const read = matMul(reshape(rows, [batch, regions * cells, size]), reshape(map, [batch, size, size * channels]));
    // One matrix of columns serves every row of its region.
    return matMul(reshape(columns, [batch * regions, 1, cells, size]), reshape(read, [batch * regions, cells, size, channels]));
  });
  return parts.reduce((sum, part) => add(sum, part));
}
