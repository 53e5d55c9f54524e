import type { Box } from './crop.js';
import { newKernel, readBeyond } from './resample-kernel.js';

export type Filter = 'bicubic' | 'bilinear';

/** uint8 picture, row-major, interleaved channels, starting at `offset` of `pixels`. */
export interface Picture {
  readonly pixels: Uint8Array;
  readonly offset: number;
  readonly width: number;
  readonly height: number;
  readonly channels: 3 | 4;
}

/** Fixed-point bits of a filter weight: 32 less 8 for the pixel and 2 for overshoot (Pillow, Resample.c). */
const precision = 22;

const bicubic = (x: number): number => {
  const a = -0.5;
  const t = Math.abs(x);
  if (t < 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
  if (t < 2) return (((t - 5) * t + 8) * t - 4) * a;
  return 0;
};
const bilinear = (x: number): number => {
  const t = Math.abs(x);
  return t < 1 ? 1 - t : 0;
};
const kernels = { bicubic: { weight: bicubic, support: 2 }, bilinear: { weight: bilinear, support: 1 } } as const;

/**
 * Taps of one axis: output i sums `weights[i * width + k] * source[positions[i * width + k]]` over k < counts[i]. Positions
 * and weights are views of the kernel's memory. The first four of an output are there always, without weight where too many.
 */
interface Taps {
  readonly width: number;
  readonly counts: Int32Array;
  readonly positions: Int32Array;
  readonly weights: Int32Array;
}

interface Axis {
  /** The crop on this axis. */
  readonly start: number;
  readonly length: number;
  /** The picture's side. */
  readonly extent: number;
  /** Bytes from one position to the next. */
  readonly stride: number;
}

/** Taps that the widest output of an axis has; at least the four of the kernel. */
const widthOf = (length: number, out: number, filter: Filter): number => Math.max(4, Math.ceil(kernels[filter].support * Math.max(length / out, 1)) * 2 + 1);

/**
 * Fills the taps of one axis by Pillow's rule: the kernel is widened by the scale when shrinking (antialias), cut at the
 * crop's edge and normalised, then rounded to fixed point. Outside the picture the edge repeats, or counts as zero.
 */
function fillTaps({ width, counts, positions, weights }: Taps, { start, length, extent, stride }: Axis, out: number, filter: Filter, outside: Outside, scratch: Float64Array): void {
  const { weight, support: unit } = kernels[filter];
  const scale = length / out;
  const widen = Math.max(scale, 1);
  const support = unit * widen;
  const inside = Math.max(0, Math.min(start, extent - 1));
  for (let i = 0; i < out; i++) {
    const centre = (i + 0.5) * scale;
    const first = Math.max(Math.trunc(centre - support + 0.5), 0);
    const end = Math.min(Math.trunc(centre + support + 0.5), length);
    let sum = 0;
    for (let x = first; x < end; x++) {
      const w = weight((x - centre + 0.5) / widen);
      scratch[x - first] = w;
      sum += w;
    }
    let count = 0;
    const base = i * width;
    for (let x = first; x < end; x++) {
      const w = scratch[x - first]! / sum;
      const fixed = Math.trunc(w * (1 << precision) + (w < 0 ? -0.5 : 0.5));
      if (fixed === 0) continue;
      let position = start + x;
      if (position < 0 || position >= extent) {
        if (outside === 'zero') continue;
        position = position < 0 ? 0 : extent - 1;
      }
      positions[base + count] = position * stride;
      weights[base + count] = fixed;
      count++;
    }
    counts[i] = count;
    for (; count < 4; count++) {
      positions[base + count] = inside * stride;
      weights[base + count] = 0;
    }
  }
}

/** What lies outside the picture: `edge` repeats the nearest pixel, `zero` is transparent black. */
export type Outside = 'edge' | 'zero';

// Kept between calls, so that a batch allocates next to nothing. They carry no state from one call to the next.
const kernel = newKernel(precision);
let bytes = new Uint8Array(kernel.memory.buffer);
let integers = new Int32Array(kernel.memory.buffer);
let kernelScratch = new Float64Array(64);
let acrossCounts = new Int32Array(64);
let downCounts = new Int32Array(64);

const pageBytes = 65_536;

function reserve(length: number): void {
  if (bytes.length >= length) return;
  kernel.memory.grow(Math.ceil((length - bytes.length) / pageBytes));
  bytes = new Uint8Array(kernel.memory.buffer);
  integers = new Int32Array(kernel.memory.buffer);
}

/** Of the source at a time: it stays in the processor's cache, and a large picture takes no memory twice. */
const bandBytes = 65_536;

/**
 * Cuts `box` out of a picture and resizes it to `out`, a square where that is one number: equal to Pillow's `crop(box).resize((out.width, out.height))`, to the
 * bit, where the box lies inside the picture. Writes uint8 [out.height, out.width, channels] into `target` at `targetOffset`.
 * With four channels the colours must be premultiplied by alpha.
 */
export function resample(picture: Picture, box: Box, out: number | { readonly height: number; readonly width: number }, filter: Filter, outside: Outside, target: Uint8Array, targetOffset: number): void {
  const { pixels, offset, width, height, channels } = picture;
  const [rows, columns] = typeof out === 'number' ? [out, out] : [out.height, out.width];
  const [acrossWidth, downWidth] = [widthOf(box.width, columns, filter), widthOf(box.height, rows, filter)];
  if (kernelScratch.length < Math.max(acrossWidth, downWidth)) kernelScratch = new Float64Array(Math.max(acrossWidth, downWidth));
  if (acrossCounts.length < columns) acrossCounts = new Int32Array(columns);
  if (downCounts.length < rows) downCounts = new Int32Array(rows);
  const top = Math.max(0, Math.min(box.top, height - 1));
  const bottom = Math.min(height, Math.max(box.top + box.height, 1));
  const rowLength = columns * channels;
  // A pixel is written as four bytes, of which RGB's last belongs to the next: rows lie apart by one more.
  const rowStride = 4 * Math.ceil((rowLength + 1) / 4);

  const sourceRow = width * channels;
  const band = Math.min(bottom - top, Math.max(1, Math.floor(bandBytes / sourceRow)));

  // The kernel's memory: taps, a band of the source's rows, the rows top..bottom filtered across, the result.
  const acrossAt = 0;
  const downAt = acrossAt + 8 * columns * acrossWidth;
  const sourceAt = downAt + 8 * rows * downWidth;
  const rowsAt = sourceAt + band * sourceRow;
  const resultAt = rowsAt + (bottom - top) * rowStride + readBeyond;
  reserve(resultAt + rows * rowLength + readBeyond);
  const tapsAt = (at: number, out: number, tapWidth: number, counts: Int32Array): Taps =>
    ({ width: tapWidth, counts, positions: integers.subarray(at / 4, at / 4 + out * tapWidth), weights: integers.subarray(at / 4 + out * tapWidth, at / 4 + 2 * out * tapWidth) });
  fillTaps(tapsAt(acrossAt, columns, acrossWidth, acrossCounts), { start: box.left, length: box.width, extent: width, stride: channels }, columns, filter, outside, kernelScratch);
  fillTaps(tapsAt(downAt, rows, downWidth, downCounts), { start: box.top, length: box.height, extent: height, stride: rowStride }, rows, filter, outside, kernelScratch);

  const { four, many } = kernel;
  for (let first = top; first < bottom; first += band) {
    const last = Math.min(first + band, bottom);
    bytes.set(pixels.subarray(offset + first * sourceRow, offset + last * sourceRow), sourceAt);
    for (let x = 0; x < columns; x++) {
      const [positions, weights, to] = [acrossAt + 4 * x * acrossWidth, acrossAt + 4 * (columns + x) * acrossWidth, rowsAt + (first - top) * rowStride + x * channels];
      if (acrossCounts[x]! <= 4) four(positions, weights, sourceAt, sourceRow, to, rowStride, last - first);
      else many(positions, weights, sourceAt, sourceRow, to, rowStride, last - first, 4 * acrossCounts[x]!);
    }
  }
  // Positions of rows count from the picture's first, which may not be there.
  const firstRow = rowsAt - top * rowStride;
  const count = Math.ceil(rowLength / 4);
  for (let y = 0; y < rows; y++) {
    const [positions, weights, to] = [downAt + 4 * y * downWidth, downAt + 4 * (rows + y) * downWidth, resultAt + y * rowLength];
    if (downCounts[y]! <= 4) four(positions, weights, firstRow, 4, to, 4, count);
    else many(positions, weights, firstRow, 4, to, 4, count, 4 * downCounts[y]!);
  }
  target.set(bytes.subarray(resultAt, resultAt + rows * rowLength), targetOffset);
}
