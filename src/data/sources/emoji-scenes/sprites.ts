import { icon } from '../emoji/icons.js';
import { rasterise } from '../emoji/raster.js';
import { allImages } from '../emoji/records.js';
import type { SceneConcepts } from './concepts.js';

/** One drawing, square: float32 [side, side, 4], colours 0..255 premultiplied by alpha, alpha 0..1. */
export interface Sprite { readonly side: number; readonly pixels: Float32Array }

/** Of one family, by concept: a sprite for each of its sets that draws the concept. */
export type Sprites = readonly (readonly Sprite[])[];

/** The family's drawings of the concepts at `side` x `side` pixels, in the order of its sets. */
export async function spritesOf(family: string, concepts: SceneConcepts, side: number): Promise<Sprites> {
  const images = allImages().filter(({ record, use }) => record.domain === family && use.kind === 'downstream');
  return Promise.all(concepts.map((concept) =>
    Promise.all(images.filter(({ record }) => record.label === concept).map(async (image) => spriteOf(await rasterise(icon(image.set, image.icon), side), side)))));
}

/** A sprite from uint8 RGBA [side, side, 4] with straight alpha. */
export function spriteOf(rgba: Uint8Array, side: number): Sprite {
  const pixels = new Float32Array(rgba.length);
  for (let at = 0; at < rgba.length; at += 4) {
    const alpha = rgba[at + 3]! / 255;
    for (let c = 0; c < 3; c++) pixels[at + c] = rgba[at + c]! * alpha;
    pixels[at + 3] = alpha;
  }
  return { side, pixels };
}
