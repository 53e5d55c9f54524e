import { matMul, reshape, tensor3d, type Tensor } from '@tensorflow/tfjs-core';
import { withGradient } from './with-gradient.js';

/**
 * Resizing and pooling whose outputs are fixed sums of rows and columns: two matrix products, whose gradient is two products
 * with the same matrices.
 */
interface Taps {
  /** Row-major [to, from]: what each output takes of each input. */
  readonly weights: Float32Array;
  readonly from: number;
  readonly to: number;
}

/**
 * One axis of a bilinear resize with half-pixel centres and edges repeated, not antialiased (PyTorch's `interpolate` with
 * align_corners=False; torchvision's and OpenCV's as well).
 */
export function bilinearTaps(from: number, to: number): Taps {
  const weights = new Float32Array(to * from);
  for (let i = 0; i < to; i++) {
    const position = Math.max(0, ((i + 0.5) * from) / to - 0.5);
    const low = Math.min(Math.floor(position), from - 1);
    const share = low === from - 1 ? 0 : position - low;
    weights[i * from + low]! += 1 - share;
    if (share > 0) weights[i * from + low + 1]! += share;
  }
  return { weights, from, to };
}

/** One axis of PyTorch's adaptive average pooling: bin i is the mean of floor(i * from / to) .. ceil((i + 1) * from / to) - 1. */
export function averageTaps(from: number, to: number): Taps {
  const weights = new Float32Array(to * from);
  for (let i = 0; i < to; i++) {
    const [first, end] = [Math.floor((i * from) / to), Math.ceil(((i + 1) * from) / to)];
    weights.fill(1 / (end - first), i * from + first, i * from + end);
  }
  return { weights, from, to };
}

/**
 * Takes the sums that `down` tells along the rows of a map and `across` along its columns.
 *
 * @param x [B, H, W, C]; H is `down.from`, W is `across.from`
 * @returns [B, down.to, across.to, C]
 */
export function resample(x: Tensor, down: Taps, across: Taps): Tensor {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const matrix = ({ weights, to, from }: Taps): Tensor => tensor3d(weights, [1, to, from]);
  return withGradient(
    [x],
    (save) => {
      const [vertical, horizontal] = [matrix(down), matrix(across)];
      save([vertical, horizontal]);
      const wide = matMul(horizontal, reshape(x, [batch * height, width, channels]));
      return reshape(matMul(vertical, reshape(wide, [batch, height, across.to * channels])), [batch, down.to, across.to, channels]);
    },
    (dy, [vertical, horizontal]) => {
      const wide = matMul(vertical!, reshape(dy, [batch, down.to, across.to * channels]), true, false);
      return [reshape(matMul(horizontal!, reshape(wide, [batch * height, across.to, channels]), true, false), [batch, height, width, channels])];
    },
  );
}

/** Bilinear resize of a map to height x width, as `bilinearTaps`. The map itself where it has that size. */
export function resizeBilinear(x: Tensor, height: number, width: number): Tensor {
  const [, fromHeight, fromWidth] = x.shape as [number, number, number, number];
  return fromHeight === height && fromWidth === width ? x : resample(x, bilinearTaps(fromHeight, height), bilinearTaps(fromWidth, width));
}

/** PyTorch's AdaptiveAvgPool2d to bins x bins. */
export function adaptiveAveragePool(x: Tensor, bins: number): Tensor {
  const [, height, width] = x.shape as [number, number, number, number];
  return resample(x, averageTaps(height, bins), averageTaps(width, bins));
}
