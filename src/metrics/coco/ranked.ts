import type { CategoryMatches, Compat } from './types.js';

/** How the detections of one class in all images follow each other, the surest first. The same for objects of every size. */
export interface Order {
  /** Places among the detections as the images hold them. */
  readonly places: Uint32Array;
  /** 1 where the next detection has another score: what is equal enters together. All 1 in an order where somebody comes first. */
  readonly closes: Uint8Array;
}

/** The detections of one class in all images, the surest first. */
export interface Ranked extends Order {
  readonly truths: number;
  readonly matched: Uint16Array;
  readonly ignored: Uint16Array;
}

export function orderOf(images: readonly CategoryMatches[], compat: Compat): Order {
  const count = images.reduce((sum, image) => sum + image.scores.length, 0);
  const scores = new Float64Array(count);
  let at = 0;
  for (const image of images) for (const score of image.scores) scores[at++] = score;
  const places = new Uint32Array(count).map((_, i) => i).sort((a, b) => scores[b]! - scores[a]! || a - b);
  const closes = new Uint8Array(count).fill(1);
  for (let i = 0; compat === null && i + 1 < count; i++) if (scores[places[i]!] === scores[places[i + 1]!]) closes[i] = 0;
  return { places, closes };
}

export function rank(images: readonly CategoryMatches[], order: Order): Ranked {
  const count = order.places.length;
  const given = { matched: new Uint16Array(count), ignored: new Uint16Array(count) };
  let truths = 0;
  let at = 0;
  for (const image of images) {
    truths += image.truths;
    for (let i = 0; i < image.scores.length; i++, at++) {
      given.matched[at] = image.matched[i]!;
      given.ignored[at] = image.ignored[i]!;
    }
  }
  const ranked = { ...order, truths, matched: new Uint16Array(count), ignored: new Uint16Array(count) };
  for (let i = 0; i < count; i++) {
    ranked.matched[i] = given.matched[order.places[i]!]!;
    ranked.ignored[i] = given.ignored[order.places[i]!]!;
  }
  return ranked;
}
