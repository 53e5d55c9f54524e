import type { Place } from './place.js';

const { fround } = Math;

/** Sector of the colour circle (0..6) and the place in it (0..1) of each of Pillow's 256 hues. */
const sector = Uint8Array.from({ length: 256 }, (_, hue) => Math.floor((hue * 6) / 255));
const within = Float32Array.from({ length: 256 }, (_, hue) => (hue * 6) / 255 - Math.floor((hue * 6) / 255));

/** Hue of a pixel that is not grey, 0..255. Pillow: rgb2hsv (single precision but for sums with a constant). */
function hueOf(r: number, g: number, b: number, most: number, range: number): number {
  const fromR = fround((most - r) / range);
  const fromG = fround((most - g) / range);
  const fromB = fround((most - b) / range);
  const turn = r === most ? fround(fromB - fromG) : g === most ? fround(2 + fromR - fromB) : fround(4 + fromG - fromR);
  return Math.trunc(fround((turn / 6 + 1) % 1) * 255);
}

/**
 * Turns every pixel's hue by `turn` (-0.5..0.5 of the circle), through Pillow's 8-bit HSV as torchvision's adjust_hue does:
 * the way there and back rounds, so a turn of 0 is not quite nothing.
 */
export function adjustHue({ target, offset, size }: Place, turn: number): void {
  const shift = Math.trunc(turn * 255);
  for (let i = offset; i < offset + size * size * 3; i += 3) {
    const r = target[i]!;
    const g = target[i + 1]!;
    const b = target[i + 2]!;
    const most = Math.max(r, g, b);
    const range = most - Math.min(r, g, b);
    if (range === 0) continue;
    const saturation = Math.trunc(fround(range / most) * 255);
    if (saturation === 0) {
      target[i] = most;
      target[i + 1] = most;
      target[i + 2] = most;
      continue;
    }
    const hue = (hueOf(r, g, b, most, range) + shift) & 255;
    const share = fround(saturation / 255);
    const place = within[hue]!;
    const low = Math.round(most * (1 - share));
    const falling = Math.round(most * (1 - fround(share * place)));
    const rising = Math.round(most * (1 - share * (1 - place)));
    switch (sector[hue]! % 6) {
      case 0: put(target, i, most, rising, low); break;
      case 1: put(target, i, falling, most, low); break;
      case 2: put(target, i, low, most, rising); break;
      case 3: put(target, i, low, falling, most); break;
      case 4: put(target, i, rising, low, most); break;
      default: put(target, i, most, low, falling);
    }
  }
}

function put(target: Uint8Array, at: number, r: number, g: number, b: number): void {
  target[at] = r;
  target[at + 1] = g;
  target[at + 2] = b;
}
