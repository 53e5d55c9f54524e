import { describe, expect, it } from 'vitest';
import { blockMask } from '../../../src/methods/ibot/block-mask.js';
import { drawMask } from '../../../src/methods/ibot/draws.js';
import { ibotMacs } from '../../../src/methods/ibot/flops.js';
import { ibotOptions, ibotSchema } from '../../../src/methods/ibot/options.js';
import type { JsonObject } from '../../../src/files.js';
import { stream } from '../../../src/random.js';
import { validator } from '../small-options.js';

const written: JsonObject = {};
if (!validator(ibotSchema)(written)) throw new Error('no options are refused');
const defaults = ibotOptions(written);
const count = (mask: Float32Array): number => mask.reduce((sum, value) => sum + value, 0);

it('a blur that names its sigma alone keeps how often the view is blurred (DINO: always, one in ten, half)', () => {
  const blur = { sigma: [0.2, 1] };
  const given: JsonObject = { augment_global_1: { blur: { ...blur } }, augment_global_2: { blur: { ...blur } }, augment_local: { blur: { ...blur } } };
  if (!validator(ibotSchema)(given)) throw new Error('no options are refused');
  const { augment_global_1: first, augment_global_2: second, augment_local: local } = ibotOptions(given);
  expect([first, second, local].map((augment) => augment.blur)).toEqual([1, 0.1, 0.5].map((probability) => ({ probability, sigma: [0.2, 1] })));
});

describe('masks of iBOT', () => {
  const side = 14;
  const drawn = (shape: 'block' | 'random'): readonly number[] =>
    Array.from({ length: 2000 }, (_, index) => count(drawMask({ ...defaults.mask, shape }, side, 0, 3, index)));

  it('leave half of the views alone and hide 10 to 50 % of the others, 30 % on average', () => {
    const counts = drawn('random');
    const masked = counts.filter((n) => n > 0);
    // Five standard deviations of a share of 2000 draws, and of a mean of uniform ones.
    expect(Math.abs(masked.length / 2000 - 0.5)).toBeLessThan(0.056);
    expect(Math.min(...masked)).toBeGreaterThanOrEqual(19);
    expect(Math.max(...masked)).toBeLessThanOrEqual(98);
    expect(Math.abs(masked.reduce((sum, n) => sum + n, 0) / masked.length / 196 - 0.3)).toBeLessThan(0.023);
  });

  it('of blocks stay within the same bound and reach most of it', () => {
    const masked = drawn('block').filter((n) => n > 0);
    expect(Math.max(...masked)).toBeLessThanOrEqual(98);
    const mean = masked.reduce((sum, n) => sum + n, 0) / masked.length / 196;
    expect(mean).toBeGreaterThan(0.2);
    expect(mean).toBeLessThan(0.3);
  });

  it('are of one block where the least area is all that there is, with the given aspect', () => {
    for (let index = 0; index < 300; index++) {
      // 16 patches at most, and (14 // 3)^2 = 16 at least: one square of 4.
      const mask = blockMask(side, 16, [1, 1], stream(0, 'block', 0, index));
      const hidden = Array.from(mask.keys()).filter((patch) => mask[patch] === 1);
      const rows = hidden.map((patch) => Math.trunc(patch / side));
      const columns = hidden.map((patch) => patch % side);
      expect(Math.max(...rows) - Math.min(...rows)).toBe(3);
      expect(Math.max(...columns) - Math.min(...columns)).toBe(3);
      expect(hidden).toHaveLength(16);
    }
  });

  it('find blocks on a small grid too', () => {
    expect(Array.from({ length: 50 }, (_, index) => count(blockMask(4, 6, [0.3, 1 / 0.3], stream(0, 'small', 0, index)))).every((n) => n >= 1 && n <= 6)).toBe(true);
  });
});

it('counts what is published for ViT-B/16, but for the small views\' patches in the head, which enter no loss', () => {
  const { encoders, heads } = ibotMacs({ name: 'vit_base', imageSize: 224, patchSize: 16, width: 768, depth: 12, heads: 12, mlpRatio: 4 }, defaults);
  // 768 * 2048 + 2048 * 2048 + 2048 * 256 + 256 * 8192 a token; 10 views of 36 patches, three forward passes.
  const unused = 3 * 360 * 8_388_608;
  expect((encoders + heads + unused) / 1e9).toBeCloseTo(258.7, 1);
  expect((encoders + heads) / 258.7e9).toBeGreaterThan(0.96);
});
