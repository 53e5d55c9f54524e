import { availableParallelism } from 'node:os';
import sharp from 'sharp';
import type { Icon } from './icons.js';

/** Drawings are rendered at this many times the wanted size (at least RENDER_MIN pixels) and brought down by Lanczos. */
const SUPERSAMPLE = 4;
const RENDER_MIN = 128;
const RENDER_MAX = 2048;

const svgOf = ({ body, left, top, width, height }: Icon, pixels: number): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${pixels}" height="${pixels}" viewBox="${left} ${top} ${width} ${height}">${body}</svg>`;

/**
 * One drawing as uint8 RGBA [size, size, 4] with straight alpha, centred where its box is not square.
 * Where alpha is 0 the colour is black and means nothing.
 */
export async function rasterise(icon: Icon, size: number): Promise<Uint8Array> {
  const pixels = Math.max(size, Math.min(Math.max(SUPERSAMPLE * size, RENDER_MIN), RENDER_MAX));
  const { data, info } = await sharp(Buffer.from(svgOf(icon, pixels)))
    .toColourspace('srgb')
    .ensureAlpha()
    .resize(size, size, { kernel: 'lanczos3', fit: 'fill' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== 4 || data.length !== size * size * 4) throw new Error(`rendered ${info.width} x ${info.height} x ${info.channels} instead of ${size} x ${size} x 4`);
  const rgba = new Uint8Array(data.buffer, data.byteOffset, data.length);
  for (let at = 0; at < rgba.length; at += 4) if (rgba[at + 3] === 0) rgba.fill(0, at, at + 3);
  return rgba;
}

/** As many drawings at a time as there are cores. */
export const drawnAtOnce = (): number => Math.max(2, availableParallelism());
