import { stream, type Stream } from '../../../random.js';
import { paintBackground } from '../../augment/index.js';
import type { AnnotatedObject } from '../../dense.js';
import { layOver, poseSprite, type Layer } from './layer.js';
import { areasOf, fullArea, outlineOf, withOwner } from './owners.js';
import type { Sprites } from './sprites.js';

/** A drawn scene. Objects lack the id, which is the set's to give; categories are indices into the concepts. */
export interface Scene {
  /** uint8 RGB [size, size, 3]. */
  readonly pixels: Uint8Array;
  readonly objects: readonly Omit<AnnotatedObject, 'id'>[];
  /** uint8 [size, size]: 0 background, else the category and one. */
  readonly labels: Uint8Array;
}

const objectCounts = { least: 3, most: 8 } as const;
/** Share of the scene's side that a drawing's square has. */
const sides = { least: 0.24, most: 0.5 } as const;
/** Turns left or right by up to 40 degrees. */
const mostTurn = (40 * Math.PI) / 180;
/** Share of its drawing that must be seen of every object, and pixels. */
const leastShare = 0.25;
const leastPixels = 12;
/** Places that are tried for an object beyond the least count before the scene goes without it. */
const tries = 20;

interface Laid { readonly layers: readonly Layer[]; readonly full: readonly number[]; readonly owners: Int16Array }

/**
 * The scene of (family, number, size), and of nothing else: 3 to 8 drawings by the family, turned, of different sizes, over one another and
 * over the edge, on a textured background. The first object's concepts go round by number, so that so many scenes as there are concepts
 * have every one; the others are drawn. Where an object would be hidden or hide one (less than a quarter of a drawing, or
 * than 12 pixels, to be seen), another place is drawn: all that is seen of a concept is annotated.
 */
export function drawScene(family: string, number: number, size: number, sprites: Sprites): Scene {
  const draws = stream(0, `emoji-scenes/${family}`, number, size);
  const pixels = new Uint8Array(size * size * 3);
  paintBackground(pixels, 0, size, 'textures', draws);
  const count = objectCounts.least + draws.integer(objectCounts.most - objectCounts.least + 1);
  const categories: number[] = [];
  let laid: Laid = { layers: [], full: [], owners: new Int16Array(size * size).fill(-1) };
  for (let wanted = 0; wanted < count; wanted++) {
    const category = wanted === 0 ? number % sprites.length : draws.integer(sprites.length);
    const sprite = sprites[category]![draws.integer(sprites[category]!.length)]!;
    for (let attempt = 0; attempt < tries || wanted < objectCounts.least; attempt++) {
      const next = layIn(laid, size, poseSprite(sprite, drawPose(draws, size)));
      if (next === null) continue;
      laid = next;
      categories.push(category);
      break;
    }
  }
  for (const layer of laid.layers) layOver(pixels, size, layer);
  return {
    pixels,
    objects: categories.map((category, owner) => ({ category, ...outlineOf(laid.owners, size, owner), crowd: false, difficult: false })),
    labels: Uint8Array.from(laid.owners, (owner) => (owner < 0 ? 0 : categories[owner]! + 1)),
  };
}

const drawPose = (draws: Stream, size: number) => ({
  x: draws.between(0.08, 0.92) * size,
  y: draws.between(0.08, 0.92) * size,
  side: draws.between(sides.least, sides.most) * size,
  angle: draws.between(-mostTurn, mostTurn),
});

/** The layer in front of what is there; null where one of them would be hidden. */
function layIn({ layers, full, owners }: Laid, size: number, layer: Layer): Laid | null {
  const next = { layers: [...layers, layer], full: [...full, fullArea(layer)], owners: withOwner(owners, size, layer, layers.length) };
  const isSeen = areasOf(next.owners, next.layers.length).every((area, i) => area >= Math.max(leastPixels, leastShare * next.full[i]!));
  return isSeen ? next : null;
}
