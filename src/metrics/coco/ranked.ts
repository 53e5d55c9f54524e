import type { CategoryMatches, Compat } from './types.js';

/** The detections of one class in all images, the surest first. */
export interface Ranked {
  readonly truths: number;
  readonly matched: Uint16Array;
  readonly ignored: Uint16Array;
  /** 1 where the next detection has another score: what is equal enters together. All 1 in an order where somebody comes first. */
  readonly closes: Uint8Array;
}

export function rank(images: readonly CategoryMatches[], compat: Compat): Ranked {
  let truths = 0;
  let count = 0;
  for (const image of images) {
    truths += image.truths;
    count += image.scores.length;
  }
  const scores = new Float64Array(count);
  const given = { matched: new Uint16Array(count), ignored: new Uint16Array(count) };
  const order = new Uint32Array(count);
  let at = 0;
  for (const image of images) {
    for (let i = 0; i < image.scores.length; i++, at++) {
      scores[at] = image.scores[i]!;
      given.matched[at] = image.matched[i]!;
      given.ignored[at] = image.ignored[i]!;
      order[at] = at;
    }
  }
  order.sort((a, b) => scores[b]! - scores[a]! || a - b);
  const ranked = { truths, matched: new Uint16Array(count), ignored: new Uint16Array(count), closes: new Uint8Array(count) };
  for (let i = 0; i < count; i++) {
    const from = order[i]!;
    ranked.matched[i] = given.matched[from]!;
    ranked.ignored[i] = given.ignored[from]!;
    ranked.closes[i] = compat !== null || i + 1 === count || scores[from] !== scores[order[i + 1]!] ? 1 : 0;
  }
  return ranked;
}
