import { describe, expect, it } from 'vitest';
import { mae } from '../../src/methods/mae/spec.js';
import { blockMacs, encoderMacs, maeForwardMacs } from '../../src/models/flops.js';
import type { VitConfig } from '../../src/models/config.js';

const base: VitConfig = { name: 'vit_base', imageSize: 224, patchSize: 16, width: 768, depth: 12, heads: 12, mlpRatio: 4 };
const decoder = { width: 512, depth: 8, heads: 16 };

describe('multiply-adds', () => {
  it('one block by hand', () => {
    // 3 tokens, width 4, MLP 8 wide: qkv 3*4*12, proj 3*4*4, two products of the MLP 3*4*8 each, scores and sums 3*3*4 each.
    expect(blockMacs(3, 4, 2)).toBe(144 + 48 + 192 + 72);
  });
  it('ViT-B/16 is 17.6 G on whole images', () => {
    // 196 * 768 * 768 + 12 * (197 * 12 * 768^2 + 2 * 197^2 * 768), worked by hand.
    expect(encoderMacs(base)).toBe(115_605_504 + 12 * (1_394_343_936 + 59_610_624));
  });
  it('MAE ViT-B/16 is 9.78 G forward: encoder 4.41, decoder 5.37', () => {
    const encoder = 115_605_504 + 12 * (50 * 7_077_888 + 2 * 2500 * 768);
    const rest = 50 * 768 * 512 + 8 * (197 * 3_145_728 + 2 * 38_809 * 512) + 196 * 512 * 768;
    expect(maeForwardMacs(base, decoder, 0.75)).toBe(encoder + rest);
    expect(encoder / 1e9).toBeCloseTo(4.41, 2);
    expect(rest / 1e9).toBeCloseTo(5.37, 2);
    expect((encoder + rest) / 1e9).toBeCloseTo(9.78, 2);
  });
  it('a training step is three forward passes, two operations each', () => {
    const options = { mask_ratio: 0.75, decoder };
    expect(mae.flopsPerImage(base, options, 256)).toBe(6 * maeForwardMacs(base, decoder, 0.75));
  });
});
