import { expect, it } from 'vitest';
import { type Filter, resample } from '../../src/data/augment/index.js';
import type { Outside } from '../../src/data/augment/resample.js';
import { lcg, noisePicture } from './pictures.js';

interface Box { readonly left: number; readonly top: number; readonly width: number; readonly height: number }

const kernels = {
  bilinear: { support: 1, weight: (x: number) => Math.max(0, 1 - Math.abs(x)) },
  bicubic: {
    support: 2,
    weight: (x: number) => {
      const t = Math.abs(x);
      if (t < 1) return ((-0.5 + 2) * t - (-0.5 + 3)) * t * t + 1;
      return t < 2 ? (((t - 5) * t + 8) * t - 4) * -0.5 : 0;
    },
  },
};

/** Pillow's filter along one axis of a line of values, as it stands in the book: no vectors, no bands, no memory kept. */
function line(values: readonly number[], start: number, length: number, out: number, filter: Filter, outside: Outside): number[] {
  const { support: unit, weight } = kernels[filter];
  const scale = length / out;
  const widen = Math.max(scale, 1);
  return Array.from({ length: out }, (_, i) => {
    const centre = (i + 0.5) * scale;
    const first = Math.max(Math.trunc(centre - unit * widen + 0.5), 0);
    const end = Math.min(Math.trunc(centre + unit * widen + 0.5), length);
    const weights = Array.from({ length: end - first }, (_unused, k) => weight((first + k - centre + 0.5) / widen));
    const sum = weights.reduce((all, w) => all + w, 0);
    const total = weights.reduce((all, w, k) => {
      const at = start + first + k;
      const value = at >= 0 && at < values.length ? values[at]! : outside === 'zero' ? 0 : values[at < 0 ? 0 : values.length - 1]!;
      return all + value * Math.trunc((w / sum) * 2 ** 22 + (w < 0 ? -0.5 : 0.5));
    }, 2 ** 21);
    return Math.min(255, Math.max(0, Math.floor(total / 2 ** 22)));
  });
}

function plain(pixels: Uint8Array, width: number, height: number, channels: number, box: Box, [out, outWidth]: readonly [number, number], filter: Filter, outside: Outside): Uint8Array {
  const result = new Uint8Array(out * outWidth * channels);
  for (let c = 0; c < channels; c++) {
    const rows = Array.from({ length: height }, (_, y) => line(Array.from({ length: width }, (_unused, x) => pixels[(y * width + x) * channels + c]!), box.left, box.width, outWidth, filter, outside));
    for (let x = 0; x < outWidth; x++) line(rows.map((row) => row[x]!), box.top, box.height, out, filter, outside).forEach((value, y) => { result[(y * outWidth + x) * channels + c] = value; });
  }
  return result;
}

it('is the plain filter to the bit, for pictures of any size and boxes that reach outside', () => {
  const draws = lcg(5);
  const below = (n: number): number => Math.floor((draws.next().value / 2 ** 32) * n);
  for (let round = 0; round < 120; round++) {
    // Every tenth is larger than what the kernel holds at a time.
    const [width, height] = round % 10 === 0 ? [300 + below(40), 90 + below(40)] : [1 + below(40), 1 + below(40)];
    const channels = round % 2 === 0 ? 3 : 4;
    const out = 1 + below(24);
    const outWidth = round % 3 === 0 ? out : 1 + below(24);
    const filter = below(2) === 0 ? 'bicubic' : 'bilinear';
    const outside = below(2) === 0 ? 'edge' : 'zero';
    const box = { left: below(width) - (width >> 2), top: below(height) - (height >> 2), width: 1 + below(width), height: 1 + below(height) };
    const pixels = noisePicture(width, height, channels, round);
    const target = new Uint8Array(out * outWidth * channels + 2).fill(9);
    resample({ pixels, offset: 0, width, height, channels }, box, round % 3 === 0 ? out : { height: out, width: outWidth }, filter, outside, target, 1);
    expect({ round, pixels: target.slice(1, -1) }).toEqual({ round, pixels: plain(pixels, width, height, channels, box, [out, outWidth], filter, outside) });
    // Not a byte beside its place.
    expect([target[0], target.at(-1)]).toEqual([9, 9]);
  }
});
