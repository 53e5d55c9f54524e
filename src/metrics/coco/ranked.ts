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
  const scores = Float64Array.from(images.flatMap((image) => image.scores));
  const matched = images.flatMap((image) => image.matched);
  const ignored = images.flatMap((image) => image.ignored);
  const order = Uint32Array.from(scores, (_, i) => i).sort((a, b) => scores[b]! - scores[a]! || a - b);
  return {
    truths: images.reduce((sum, image) => sum + image.truths, 0),
    matched: Uint16Array.from(order, (at) => matched[at]!),
    ignored: Uint16Array.from(order, (at) => ignored[at]!),
    closes: Uint8Array.from(order, (at, i) => (compat !== null || scores[at] !== scores[order[i + 1] ?? -1] ? 1 : 0)),
  };
}
