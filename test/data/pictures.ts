import type { ImageSet } from '../../src/data/image-set.js';

/** Linear congruential generator, the same as in scripts/reference/augment.py: 32-bit states. */
export function* lcg(seed: number): Generator<number, never> {
  let state = seed;
  for (;;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state;
  }
}

/** The picture that scripts/reference/augment.py makes: uint8 [height, width, channels], smooth in x, rough in y. */
export function noisePicture(width: number, height: number, channels: number, seed: number): Uint8Array {
  const draws = lcg(seed);
  const out = new Uint8Array(width * height * channels);
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++) out[at++] = ((draws.next().value >>> 24) >> 1) + 4 * x + 40 * c;
    }
  }
  return out;
}

/** A set of noise pictures; four channels get every alpha. */
export function noiseSet(count: number, size: number, channels: 3 | 4): ImageSet {
  return {
    name: 'noise',
    size,
    channels,
    pixels: noisePicture(size, size * count, channels, 3),
    records: Array.from({ length: count }, (_, i) => ({ id: `noise#${i}`, label: `class ${i % 5}`, group: null, domain: null, split: null, side: null })),
    unreadable: [],
  };
}

/** A set of one-colour pictures, RGB or RGBA. */
export function flatSet(colours: readonly (readonly number[])[], size: number): ImageSet {
  const channels = colours[0]?.length === 4 ? 4 : 3;
  const pixels = new Uint8Array(colours.length * size * size * channels);
  colours.forEach((colour, i) => {
    for (let at = i * size * size * channels; at < (i + 1) * size * size * channels; at += channels) pixels.set(colour, at);
  });
  return { ...noiseSet(colours.length, 1, channels), size, pixels };
}
