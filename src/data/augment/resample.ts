import type { Box } from './crop.js';

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
const half = 1 << (precision - 1);

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

/** Taps of one axis: output i sums `weights[i * width + k] * source[positions[i * width + k]]` over k < counts[i]. */
interface Taps {
  width: number;
  counts: Int32Array;
  positions: Int32Array;
  weights: Int32Array;
}

const emptyTaps = (): Taps => ({ width: 0, counts: new Int32Array(0), positions: new Int32Array(0), weights: new Int32Array(0) });

/**
 * Fills the taps of one axis by Pillow's rule: the kernel is widened by the scale when shrinking (antialias), cut at the
 * crop's edge and normalised, then rounded to fixed point. `start`, `length`: the crop on this axis; `extent`: the
 * picture's side; positions are multiplied by `stride`. Outside the picture the edge repeats, or counts as zero.
 */
function fillTaps(taps: Taps, start: number, length: number, extent: number, out: number, stride: number, filter: Filter, outside: Outside, scratch: Float64Array): void {
  const { weight, support: unit } = kernels[filter];
  const scale = length / out;
  const widen = Math.max(scale, 1);
  const support = unit * widen;
  const width = Math.ceil(support) * 2 + 1;
  if (taps.counts.length < out) taps.counts = new Int32Array(out);
  if (taps.weights.length < out * width) {
    taps.weights = new Int32Array(out * width);
    taps.positions = new Int32Array(out * width);
  }
  taps.width = width;
  const { counts, positions, weights } = taps;
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
  }
}

/** What lies outside the picture: `edge` repeats the nearest pixel, `zero` is transparent black. */
export type Outside = 'edge' | 'zero';

// Work memory, kept between calls so that a batch allocates nothing. It carries no state from one call to the next.
const across = emptyTaps();
const down = emptyTaps();
let kernelScratch = new Float64Array(64);
let rows = new Uint8Array(0);

/**
 * Cuts `box` out of a picture and resizes it to `out` x `out`: equal to Pillow's `crop(box).resize((out, out))`, to the
 * bit, where the box lies inside the picture. Writes uint8 [out, out, channels] into `target` at `targetOffset`.
 * With four channels the colours must be premultiplied by alpha.
 */
export function resample(picture: Picture, box: Box, out: number, filter: Filter, outside: Outside, target: Uint8Array, targetOffset: number): void {
  const { pixels, offset, width, height, channels } = picture;
  const longest = Math.ceil(2 * Math.max(box.width / out, box.height / out, 1)) * 2 + 1;
  if (kernelScratch.length < longest) kernelScratch = new Float64Array(longest);
  fillTaps(across, box.left, box.width, width, out, channels, filter, outside, kernelScratch);
  fillTaps(down, box.top, box.height, height, out, out * channels, filter, outside, kernelScratch);
  const top = Math.max(0, Math.min(box.top, height - 1));
  const bottom = Math.min(height, Math.max(box.top + box.height, 1));
  const rowLength = out * channels;
  if (rows.length < height * rowLength) rows = new Uint8Array(height * rowLength);
  acrossRows(pixels, offset + top * width * channels, width * channels, bottom - top, out, channels, rows, top * rowLength);
  downRows(rows, rowLength, out, target, targetOffset);
}

const clip = (sum: number): number => {
  const value = sum >> precision;
  return value < 0 ? 0 : value > 255 ? 255 : value;
};

/**
 * Filters rows: source rows `stride` apart to target rows of `out` pixels. The loop over rows is inside, so that a pixel's
 * taps are read once; four taps (all that enlarging needs) have a loop of their own, which is most of a batch's time.
 */
function acrossRows(source: Uint8Array, start: number, stride: number, count: number, out: number, channels: number, target: Uint8Array, targetStart: number): void {
  const { width, counts, positions, weights } = across;
  const rowLength = out * channels;
  for (let x = 0; x < out; x++) {
    const base = x * width;
    const taps = counts[x]!;
    for (let c = 0; c < channels; c++) {
      let to = targetStart + x * channels + c;
      const first = start + c;
      if (taps <= 4) {
        const [p0, w0] = [first + (taps > 0 ? positions[base]! : 0), taps > 0 ? weights[base]! : 0];
        const [p1, w1] = [first + (taps > 1 ? positions[base + 1]! : 0), taps > 1 ? weights[base + 1]! : 0];
        const [p2, w2] = [first + (taps > 2 ? positions[base + 2]! : 0), taps > 2 ? weights[base + 2]! : 0];
        const [p3, w3] = [first + (taps > 3 ? positions[base + 3]! : 0), taps > 3 ? weights[base + 3]! : 0];
        for (let y = 0, row = 0; y < count; y++, row += stride, to += rowLength) {
          target[to] = clip((half + Math.imul(source[p0 + row]!, w0) + Math.imul(source[p1 + row]!, w1) + Math.imul(source[p2 + row]!, w2) + Math.imul(source[p3 + row]!, w3)) | 0);
        }
        continue;
      }
      for (let y = 0, row = first; y < count; y++, row += stride, to += rowLength) {
        let sum = half;
        for (let k = base; k < base + taps; k++) sum = (sum + Math.imul(source[row + positions[k]!]!, weights[k]!)) | 0;
        target[to] = clip(sum);
      }
    }
  }
}

/** Filters columns: rows of the source, at the taps' positions, to `out` target rows of the same length. */
function downRows(source: Uint8Array, rowLength: number, out: number, target: Uint8Array, targetStart: number): void {
  const { width, counts, positions, weights } = down;
  let to = targetStart;
  for (let y = 0; y < out; y++) {
    const base = y * width;
    const taps = counts[y]!;
    if (taps <= 4) {
      const [p0, w0] = [taps > 0 ? positions[base]! : 0, taps > 0 ? weights[base]! : 0];
      const [p1, w1] = [taps > 1 ? positions[base + 1]! : 0, taps > 1 ? weights[base + 1]! : 0];
      const [p2, w2] = [taps > 2 ? positions[base + 2]! : 0, taps > 2 ? weights[base + 2]! : 0];
      const [p3, w3] = [taps > 3 ? positions[base + 3]! : 0, taps > 3 ? weights[base + 3]! : 0];
      for (let x = 0; x < rowLength; x++, to++) {
        target[to] = clip((half + Math.imul(source[p0 + x]!, w0) + Math.imul(source[p1 + x]!, w1) + Math.imul(source[p2 + x]!, w2) + Math.imul(source[p3 + x]!, w3)) | 0);
      }
      continue;
    }
    for (let x = 0; x < rowLength; x++, to++) {
      let sum = half;
      for (let k = base; k < base + taps; k++) sum = (sum + Math.imul(source[positions[k]! + x]!, weights[k]!)) | 0;
      target[to] = clip(sum);
    }
  }
}
