import { copyOf, type Place } from './place.js';
import type { Filter } from './resample.js';

/** Colour of what comes from outside the picture, uint8 RGB. */
export type Fill = readonly [number, number, number];

/** Where a target pixel comes from: x' = a x + b y + c, y' = d x + e y + f, in pixels, of pixel centres. */
type Matrix = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

/** Row y is taken from `factor` * y further right. timm: shear_x. */
export const shearX = (place: Place, factor: number, filter: Filter, fill: Fill): void => { transform(place, [1, factor, 0, 0, 1, 0], filter, fill); };

/** Column x is taken from `factor` * x further down. timm: shear_y. */
export const shearY = (place: Place, factor: number, filter: Filter, fill: Fill): void => { transform(place, [1, 0, 0, factor, 1, 0], filter, fill); };

/** Moves the picture left by `share` of its side. timm: translate_x_rel. */
export const translateX = (place: Place, share: number, filter: Filter, fill: Fill): void => { transform(place, [1, 0, share * place.size, 0, 1, 0], filter, fill); };

/** Moves the picture up by `share` of its side. timm: translate_y_rel. */
export const translateY = (place: Place, share: number, filter: Filter, fill: Fill): void => { transform(place, [1, 0, 0, 0, 1, share * place.size], filter, fill); };

/** Turns the picture about its centre, counter-clockwise. Pillow: Image.rotate, for angles between -90 and 90 degrees. */
export function rotate(place: Place, degrees: number, filter: Filter, fill: Fill): void {
  if (degrees === 0) return;
  // Pillow brings the angle to 0..360 first; so the last digits are its own.
  const angle = -(degrees < 0 ? degrees + 360 : degrees) * (Math.PI / 180);
  const cos = fifteenDigits(Math.cos(angle));
  const sin = fifteenDigits(Math.sin(angle));
  const centre = place.size / 2;
  transform(place, [cos, sin, cos * -centre + sin * -centre + centre, -sin, cos, -sin * -centre + cos * -centre + centre], filter, fill);
}

/** Pillow rounds the matrix's entries so that right angles come out exactly. */
const fifteenDigits = (value: number): number => Number(value.toFixed(15));

/**
 * Takes every pixel from where `matrix` says, between pixels by `filter` (not antialiased), edges repeated for the filter's
 * reach; pixels whose source lies outside become `fill`. Pillow: Image.transform(AFFINE), in double precision and truncated.
 */
function transform(place: Place, [a, b, c, d, e, f]: Matrix, filter: Filter, fill: Fill): void {
  const { target, offset, size } = place;
  const before = copyOf(place);
  const between = filter === 'bicubic' ? bicubic : bilinear;
  let to = offset;
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++, to += 3) {
      const fromX = a * (x + 0.5) + b * (y + 0.5) + c;
      const fromY = d * (x + 0.5) + e * (y + 0.5) + f;
      if (fromX < 0 || fromX >= size || fromY < 0 || fromY >= size) {
        target[to] = fill[0];
        target[to + 1] = fill[1];
        target[to + 2] = fill[2];
      } else {
        between(before, size, fromX - 0.5, fromY - 0.5, target, to);
      }
    }
  }
}

const clamp = (position: number, size: number): number => (position < 0 ? 0 : position < size ? position : size - 1);

function bilinear(before: Uint8Array, size: number, x: number, y: number, target: Uint8Array, to: number): void {
  const left = Math.floor(x);
  const top = Math.floor(y);
  const dx = x - left;
  const dy = y - top;
  const x0 = clamp(left, size) * 3;
  const x1 = clamp(left + 1, size) * 3;
  const row0 = clamp(top, size) * size * 3;
  const row1 = clamp(top + 1, size) * size * 3;
  for (let channel = 0; channel < 3; channel++) {
    const upper = line(before[row0 + x0 + channel]!, before[row0 + x1 + channel]!, dx);
    const lower = line(before[row1 + x0 + channel]!, before[row1 + x1 + channel]!, dx);
    target[to + channel] = line(upper, lower, dy);
  }
}

const line = (from: number, end: number, t: number): number => from + (end - from) * t;

function bicubic(before: Uint8Array, size: number, x: number, y: number, target: Uint8Array, to: number): void {
  const left = Math.floor(x);
  const top = Math.floor(y);
  const dx = x - left;
  const dy = y - top;
  const x0 = clamp(left - 1, size) * 3;
  const x1 = clamp(left, size) * 3;
  const x2 = clamp(left + 1, size) * 3;
  const x3 = clamp(left + 2, size) * 3;
  const row1 = clamp(top, size) * size * 3;
  for (let channel = 0; channel < 3; channel++) {
    const at = row1 + channel;
    let value: number;
    // A shear or shift moves along one axis only: the curve across it starts on its second point and stays there.
    if (dy === 0) {
      value = cubic(before[at + x0]!, before[at + x1]!, before[at + x2]!, before[at + x3]!, dx);
    } else {
      const row0 = clamp(top - 1, size) * size * 3 + channel;
      const row2 = clamp(top + 1, size) * size * 3 + channel;
      const row3 = clamp(top + 2, size) * size * 3 + channel;
      value = dx === 0
        ? cubic(before[row0 + x1]!, before[at + x1]!, before[row2 + x1]!, before[row3 + x1]!, dy)
        : cubic(
          cubic(before[row0 + x0]!, before[row0 + x1]!, before[row0 + x2]!, before[row0 + x3]!, dx),
          cubic(before[at + x0]!, before[at + x1]!, before[at + x2]!, before[at + x3]!, dx),
          cubic(before[row2 + x0]!, before[row2 + x1]!, before[row2 + x2]!, before[row2 + x3]!, dx),
          cubic(before[row3 + x0]!, before[row3 + x1]!, before[row3 + x2]!, before[row3 + x3]!, dx),
          dy,
        );
    }
    target[to + channel] = value <= 0 ? 0 : value >= 255 ? 255 : value;
  }
}

/** The cubic convolution curve (a = -1) through four equally spaced points, from the second (t = 0) to the third (t = 1). */
function cubic(p: number, q: number, r: number, s: number, t: number): number {
  return q + t * (r - p + t * (2 * (p - q) + r - s + t * (q - p - r + s)));
}
