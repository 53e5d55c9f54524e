/**
 * Counter-based randomness: every draw is a function of (seed, purpose, step, index) and of nothing else.
 * Resuming needs no generator state, workers need no order, and two entries that draw for the same purpose at the same
 * seed draw the same values (paired comparisons).
 *
 * A stream's 128-bit start state comes from MurmurHash3-style mixing of its coordinates; the stream itself is sfc32
 * (Chris Doty-Humphrey's small fast counting generator, PractRand).
 */
export interface Stream {
  /** A 32-bit unsigned integer. */
  uint32(): number;
  /** A double in [0, 1), 53 random bits. */
  uniform(): number;
  /** A double in [low, high). */
  between(low: number, high: number): number;
  /** An integer in [0, n), without modulo bias. */
  integer(n: number): number;
  /** A standard normal double (Box-Muller). */
  normal(): number;
  /** A random order of 0..n-1 (Fisher-Yates). */
  permutation(n: number): Int32Array;
}

const mix = (hash: number, word: number): number => {
  let k = Math.imul(word, 0xcc9e2d51);
  k = (k << 15) | (k >>> 17);
  let h = hash ^ Math.imul(k, 0x1b873593);
  h = (h << 13) | (h >>> 19);
  return (Math.imul(h, 5) + 0xe6546b64) | 0;
};

const finish = (hash: number): number => {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) | 0;
};

const hashWords = (words: readonly number[], salt: number): number => {
  let h = salt;
  for (const word of words) h = mix(h, word);
  return finish(h ^ words.length);
};

const purposeWords = new Map<string, readonly number[]>();
const wordsOf = (purpose: string): readonly number[] => {
  const known = purposeWords.get(purpose);
  if (known !== undefined) return known;
  const words = Array.from(purpose, (character) => character.codePointAt(0) ?? 0);
  purposeWords.set(purpose, words);
  return words;
};

const split = (value: number, name: string): readonly [number, number] => {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${name} must be a non-negative safe integer, got ${value}`);
  return [value >>> 0, Math.floor(value / 2 ** 32)];
};

let refusal: (() => Error) | null = null;

/** Runs `f`; every draw meanwhile throws what `refuse` gives. For code that must be a function of its arguments alone. */
export function withoutDraws<T>(refuse: () => Error, f: () => T): T {
  const outer = refusal;
  refusal = refuse;
  try {
    return f();
  } finally {
    refusal = outer;
  }
}

/** The stream of draws for one (seed, purpose, step, index). Throws RangeError for negative or non-integer coordinates. */
export function stream(seed: number, purpose: string, step = 0, index = 0): Stream {
  const words = [...split(seed, 'seed'), ...split(step, 'step'), ...split(index, 'index'), ...wordsOf(purpose)];
  let a = hashWords(words, 0x9e3779b9);
  let b = hashWords(words, 0x243f6a88);
  let c = hashWords(words, 0xb7e15162);
  let counter = hashWords(words, 0x71374491) | 1;

  const uint32 = (): number => {
    if (refusal !== null) throw refusal();
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return t >>> 0;
  };
  for (let warmUp = 0; warmUp < 12; warmUp++) uint32();

  const uniform = (): number => ((uint32() >>> 5) * 67108864 + (uint32() >>> 6)) / 9007199254740992;
  const integer = (n: number): number => {
    if (!Number.isInteger(n) || n < 1 || n > 2 ** 32) throw new RangeError(`integer(n) needs 1 <= n <= 2^32, got ${n}`);
    const limit = 2 ** 32 - (2 ** 32 % n);
    for (;;) {
      const draw = uint32();
      if (draw < limit) return draw % n;
    }
  };
  let spare: number | undefined;
  const normal = (): number => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    const angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
  const permutation = (n: number): Int32Array => {
    const order = Int32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = integer(i + 1);
      const held = order[i]!;
      order[i] = order[j]!;
      order[j] = held;
    }
    return order;
  };
  return { uint32, uniform, between: (low, high) => low + (high - low) * uniform(), integer, normal, permutation };
}
