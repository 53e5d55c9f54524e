import type { Stream } from '../../random.js';

/** A rectangle in whole pixels. May reach outside the picture where the caller allows it. */
export interface Box { readonly left: number; readonly top: number; readonly width: number; readonly height: number }

/** Tries before the fallback, as in torchvision's RandomResizedCrop.get_params. */
const tries = 10;

/**
 * Rectangle of a random resized crop, by torchvision's rule: draw an area and a log-uniform aspect ratio, round to whole
 * pixels, accept when it fits, at most ten times; else the largest centred crop whose ratio is in range.
 * `width` and `height` are the picture's sides in pixels.
 */
export function randomCrop(
  width: number,
  height: number,
  scale: readonly [number, number],
  ratio: readonly [number, number],
  draws: Pick<Stream, 'between' | 'integer'>,
): Box {
  const area = width * height;
  const logLow = Math.log(ratio[0]);
  const logHigh = Math.log(ratio[1]);
  for (let attempt = 0; attempt < tries; attempt++) {
    const target = area * draws.between(scale[0], scale[1]);
    const aspect = Math.exp(draws.between(logLow, logHigh));
    const w = Math.round(Math.sqrt(target * aspect));
    const h = Math.round(Math.sqrt(target / aspect));
    if (w > 0 && w <= width && h > 0 && h <= height) {
      const top = draws.integer(height - h + 1);
      const left = draws.integer(width - w + 1);
      return { left, top, width: w, height: h };
    }
  }
  return largestCentred(width, height, ratio);
}

function largestCentred(width: number, height: number, ratio: readonly [number, number]): Box {
  let w = width;
  let h = height;
  if (width / height < ratio[0]) h = Math.round(w / ratio[0]);
  else if (width / height > ratio[1]) w = Math.round(h * ratio[1]);
  return { left: Math.floor((width - w) / 2), top: Math.floor((height - h) / 2), width: w, height: h };
}

/** The centred square of the largest side that fits. */
export function centreSquare(width: number, height: number): Box {
  const side = Math.min(width, height);
  return { left: Math.floor((width - side) / 2), top: Math.floor((height - side) / 2), width: side, height: side };
}
