import type { Stream } from '../../random.js';
import type { Box } from './crop.js';
import type { RandomErasing } from './options.js';
import type { Place } from './place.js';

/** Tries before the view stays whole. */
const tries = 10;

// ImageNet's channel statistics in levels. timm erases normalised images with standard normal noise; here images are still
// bytes, so the noise has the statistics that it is normalised with, and what lies outside 0..255 is cut off.
const mean = [0.485 * 255, 0.456 * 255, 0.406 * 255] as const;
const deviation = [0.229 * 255, 0.224 * 255, 0.225 * 255] as const;

/** The rectangle that is lost, by timm's rule: smaller than the view on both sides; null where ten tries found none. */
export function erasedBox(size: number, { area, aspect }: RandomErasing, draws: Pick<Stream, 'between' | 'integer'>): Box | null {
  for (let attempt = 0; attempt < tries; attempt++) {
    const pixels = draws.between(area[0], area[1]) * size * size;
    const ratio = Math.exp(draws.between(Math.log(aspect[0]), Math.log(aspect[1])));
    const height = Math.round(Math.sqrt(pixels * ratio));
    const width = Math.round(Math.sqrt(pixels / ratio));
    if (width < size && height < size) {
      const top = draws.integer(size - height + 1);
      const left = draws.integer(size - width + 1);
      return { left, top, width, height };
    }
  }
  return null;
}

/** Fills a random rectangle with noise. `probability` is not looked at. */
export function randomErasing({ target, offset, size }: Place, options: RandomErasing, draws: Stream): void {
  const box = erasedBox(size, options, draws);
  if (box === null) return;
  for (let y = box.top; y < box.top + box.height; y++) {
    let at = offset + (y * size + box.left) * 3;
    for (let x = 0; x < box.width; x++) {
      for (let c = 0; c < 3; c++, at++) {
        const value = mean[c]! + deviation[c]! * draws.normal() + 0.5;
        target[at] = value <= 0 ? 0 : value >= 255 ? 255 : value;
      }
    }
  }
}
