import { applyTable, copyOf, type Place } from './place.js';

/**
 * Operations that move a picture between a poorer version of itself and more than itself (Pillow's ImageEnhance). Factor 0
 * gives the poorer version, 1 changes nothing, above 1 goes beyond. torchvision's adjust_brightness, adjust_contrast and
 * adjust_saturation are these.
 */
const { fround } = Math;

/** Luma of a pixel, 0..255. Pillow: convert('L'), ITU-R 601-2 in 16-bit fixed point. */
export const luma = (r: number, g: number, b: number): number => (r * 19595 + g * 38470 + b * 7471 + 0x8000) >> 16;

/** from + (to - from) * factor in single precision, cut off to 0..255 and truncated. Pillow: Image.blend. */
function blend(from: number, to: number, factor: number): number {
  const value = fround(from + fround(factor * (to - from)));
  return value <= 0 ? 0 : value >= 255 ? 255 : Math.trunc(value);
}

const table = new Uint8Array(256);

/** Towards black. */
export const adjustBrightness = (place: Place, factor: number): void => { awayFrom(place, 0, factor); };

/** Towards grey of the picture's mean luma. */
export function adjustContrast(place: Place, factor: number): void {
  const { target, offset, size } = place;
  let sum = 0;
  for (let i = offset; i < offset + size * size * 3; i += 3) sum += luma(target[i]!, target[i + 1]!, target[i + 2]!);
  awayFrom(place, Math.trunc(sum / (size * size) + 0.5), factor);
}

function awayFrom(place: Place, level: number, factor: number): void {
  const single = fround(factor);
  for (let value = 0; value < 256; value++) table[value] = blend(level, value, single);
  applyTable(place, table);
}

/** Towards each pixel's own luma. */
export function adjustSaturation({ target, offset, size }: Place, factor: number): void {
  const single = fround(factor);
  for (let i = offset; i < offset + size * size * 3; i += 3) {
    const grey = luma(target[i]!, target[i + 1]!, target[i + 2]!);
    for (let at = i; at < i + 3; at++) target[at] = blend(grey, target[at]!, single);
  }
}

/** Every pixel its own luma. torchvision: rgb_to_grayscale. */
export function greyscale({ target, offset, size }: Place): void {
  for (let i = offset; i < offset + size * size * 3; i += 3) {
    const grey = luma(target[i]!, target[i + 1]!, target[i + 2]!);
    target[i] = grey;
    target[i + 1] = grey;
    target[i + 2] = grey;
  }
}

/**
 * Towards a 3 x 3 mean in which the centre counts five times (Pillow's SMOOTH); the outermost pixels stay. Pillow sums in
 * single precision; thirteenths are never near half a level, so integers round alike.
 */
export function adjustSharpness(place: Place, factor: number): void {
  const { target, offset, size } = place;
  if (size < 3) return;
  const row = size * 3;
  const before = copyOf(place);
  const single = fround(factor);
  for (let y = 1; y < size - 1; y++) {
    for (let i = y * row + 3; i < (y + 1) * row - 3; i++) {
      const centre = before[i]!;
      const sum = before[i - row - 3]! + before[i - row]! + before[i - row + 3]! + before[i - 3]! + 5 * centre + before[i + 3]! + before[i + row - 3]! + before[i + row]! + before[i + row + 3]!;
      target[offset + i] = blend(Math.floor((2 * sum + 13) / 26), centre, single);
    }
  }
}
