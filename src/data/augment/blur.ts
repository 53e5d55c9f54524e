import type { Place } from './place.js';

const { fround } = Math;

/** Box blurs in each direction that stand in for one Gaussian blur. */
const passes = 3;

/**
 * Radius of a box blur, fraction and all, whose `passes` repetitions have the variance sigma^2: Gwosdek et al. 2011,
 * formulas 7, 11 and 14, in single precision as Pillow has it.
 */
function boxRadius(sigma: number): number {
  const s = fround(sigma);
  const variance = fround(fround(s * s) / passes);
  const length = fround(Math.sqrt(12 * variance + 1));
  const whole = fround(Math.floor((length - 1) / 2));
  const side = fround(fround(2 * whole) + 1);
  const over = fround(side * fround(fround(whole * fround(whole + 1)) - fround(3 * variance)));
  const under = fround(6 * fround(variance - fround(fround(whole + 1) * fround(whole + 1))));
  return fround(whole + fround(over / under));
}

let line = new Uint8Array(0);

/** Gaussian blur with standard deviation `sigma` in pixels, edges repeated. Pillow: ImageFilter.GaussianBlur(sigma). */
export function gaussianBlur({ target, offset, size }: Place, sigma: number): void {
  const radius = boxRadius(sigma);
  if (radius === 0) return;
  const whole = Math.trunc(radius);
  // Weights in 24-bit fixed point: of a pixel inside the box, and of the two that the fraction reaches.
  const inside = Math.trunc(fround((1 << 24) / fround(fround(radius * 2) + 1)));
  const beside = Math.floor(((1 << 24) - (whole * 2 + 1) * inside) / 2);
  if (line.length < size) line = new Uint8Array(size);
  const row = size * 3;
  for (let pass = 0; pass < passes; pass++) {
    for (let y = 0; y < size; y++) for (let c = 0; c < 3; c++) boxBlur(target, offset + y * row + c, 3, size, whole, inside, beside);
  }
  for (let pass = 0; pass < passes; pass++) {
    for (let x = 0; x < row; x++) boxBlur(target, offset + x, row, size, whole, inside, beside);
  }
}

/** One line of `count` values, `stride` apart. Sums stay below 2^32 + 2^24, exact in doubles. */
function boxBlur(target: Uint8Array, start: number, stride: number, count: number, radius: number, inside: number, beside: number): void {
  for (let i = 0, at = start; i < count; i++, at += stride) line[i] = target[at]!;
  const last = count - 1;
  const first = line[0]!;
  const end = line[last]!;
  let sum = first * radius;
  for (let i = 0; i <= radius; i++) sum += i > last ? end : line[i]!;
  for (let i = 0, at = start; i < count; i++, at += stride) {
    const left = i - radius - 1 < 0 ? first : line[i - radius - 1]!;
    const right = i + radius + 1 > last ? end : line[i + radius + 1]!;
    target[at] = (sum * inside + (left + right) * beside + (1 << 23)) / (1 << 24);
    sum += right - (i - radius < 0 ? first : line[i - radius]!);
  }
}
