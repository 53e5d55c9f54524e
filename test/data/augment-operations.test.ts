import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { gaussianBlur } from '../../src/data/augment/blur.js';
import { adjustBrightness, adjustContrast, adjustSaturation, greyscale } from '../../src/data/augment/enhance.js';
import { adjustHue } from '../../src/data/augment/hue.js';
import type { Place } from '../../src/data/augment/place.js';
import { randAugmentOperations } from '../../src/data/augment/rand-augment.js';
import type { Filter } from '../../src/data/augment/index.js';
import { autocontrast, equalize, invert, posterize, solarize } from '../../src/data/augment/tone.js';

interface Reference {
  readonly pictures: Readonly<Record<string, { readonly size: number; readonly pixels: string }>>;
  readonly operations: readonly { readonly operation: string; readonly arguments: readonly number[]; readonly picture: string; readonly pixels: string }[];
  readonly rand_augment: readonly { readonly operation: string; readonly level: number; readonly sign: number; readonly filter: Filter; readonly picture: string; readonly pixels: string }[];
}
const reference = JSON.parse(readFileSync(new URL('augment-operations.reference.json', import.meta.url), 'utf8')) as Reference;

/** Runs an operation on a picture that lies in the middle of a buffer; what is around it must stay. Gives the pixels. */
function applied(picture: string, operation: (place: Place) => void): number[] {
  const { size, pixels } = reference.pictures[picture]!;
  const target = new Uint8Array(size * size * 3 + 10).fill(77);
  target.set(Buffer.from(pixels, 'base64'), 5);
  operation({ target, offset: 5, size });
  expect([...target.subarray(0, 5), ...target.subarray(-5)]).toEqual(Array<number>(10).fill(77));
  return [...target.subarray(5, -5)];
}

const byName = <T extends { readonly operation: string }>(cases: readonly T[]): [string, T[]][] =>
  [...new Set(cases.map(({ operation }) => operation))].map((name) => [name, cases.filter(({ operation }) => operation === name)]);

describe('operations equal Pillow and torchvision to the bit', () => {
  const operations: Readonly<Record<string, (place: Place, given: number) => void>> = {
    autocontrast, equalize, invert, greyscale, solarize, posterize, gaussianBlur, adjustBrightness, adjustContrast, adjustSaturation, adjustHue,
  };
  it.each(byName(reference.operations))('%s', (name, cases) => {
    for (const { arguments: given, picture, pixels } of cases) {
      expect(applied(picture, (place) => { operations[name]!(place, given[0] ?? 0); }), `${name}(${given.join()}) of ${picture}`).toEqual([...Buffer.from(pixels, 'base64')]);
    }
  });
});

describe("RandAugment's operations equal timm's to the bit, strengths and directions included", () => {
  const cases = byName(reference.rand_augment);
  it.each(cases)('%s', (name, values) => {
    for (const { level, sign, filter, picture, pixels } of values) {
      expect(applied(picture, (place) => { randAugmentOperations[name]!(place, level / 10, sign, filter); }), `${name} at ${level}, ${sign}, ${filter}, of ${picture}`).toEqual([...Buffer.from(pixels, 'base64')]);
    }
  });

  it('are all of them, in its order', () => {
    expect(Object.keys(randAugmentOperations)).toEqual(cases.map(([name]) => name));
  });

  it('leave black where no bit is left', () => {
    expect(applied('noise', (place) => { randAugmentOperations['PosterizeIncreasing']!(place, 1, 1, 'bicubic'); }).every((value) => value === 0)).toBe(true);
  });
});
