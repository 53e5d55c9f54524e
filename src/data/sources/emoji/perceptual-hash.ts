/** Side of the drawing that is hashed, and of the hash, in pixels. */
export const HASH_RENDER = 64;
export const HASH_SIDE = 16;
const CELL = HASH_RENDER / HASH_SIDE;
const GREY = 127.5;

/**
 * Two drawings are near-duplicates where the distance of their hashes is below this (0: equal; 1: black and white). Found
 * by looking at the pairs in order: below it stand drawings that repeat each other stroke by stroke (clocks, hearts, moons,
 * smileys), above it those that only have the same motif. Which it is, is cut on the side of removing too much.
 */
export const NEAR_ACROSS_FAMILIES = 0.09;
/** The same for two concepts of one set, whose style is the same anyway: only what is all but equal. */
export const NEAR_WITHIN_SET = 0.01;

/**
 * Perceptual hash of a drawing: block means over a 16 x 16 grid of red, green, blue (over mid grey) and alpha, in 0..1.
 * `rgba` is uint8 [64, 64, 4] with straight alpha. Gives float32 [16, 16, 4].
 */
export function perceptualHash(rgba: Uint8Array): Float32Array {
  if (rgba.length !== HASH_RENDER * HASH_RENDER * 4) throw new RangeError(`a hash needs ${HASH_RENDER} x ${HASH_RENDER} RGBA, got ${rgba.length} bytes`);
  const hash = new Float32Array(HASH_SIDE * HASH_SIDE * 4);
  const share = 1 / (255 * CELL * CELL);
  for (let y = 0; y < HASH_RENDER; y++) {
    for (let x = 0; x < HASH_RENDER; x++) {
      const from = (y * HASH_RENDER + x) * 4;
      const to = (Math.floor(y / CELL) * HASH_SIDE + Math.floor(x / CELL)) * 4;
      const alpha = (rgba[from + 3] ?? 0) / 255;
      for (let channel = 0; channel < 3; channel++) {
        hash[to + channel] = (hash[to + channel] ?? 0) + ((rgba[from + channel] ?? 0) * alpha + GREY * (1 - alpha)) * share;
      }
      hash[to + 3] = (hash[to + 3] ?? 0) + alpha * 255 * share;
    }
  }
  return hash;
}

/** Root mean square difference of two hashes, 0..1. Stops early and gives Infinity once it is sure to reach `limit`. */
export function hashDistance(a: Float32Array, b: Float32Array, limit = Infinity): number {
  const most = limit * limit * a.length;
  let sum = 0;
  for (let i = 0; i < a.length; ) {
    for (const end = Math.min(i + 64, a.length); i < end; i++) {
      const difference = (a[i] ?? 0) - (b[i] ?? 0);
      sum += difference * difference;
    }
    if (sum >= most) return Infinity;
  }
  return Math.sqrt(sum / a.length);
}
