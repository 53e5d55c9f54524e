import { describe, expect, it } from 'vitest';
import { layerOf, layerScale, scaledRate, warmupCosine } from '../../src/training/schedules.js';

describe('warm-up and cosine', () => {
  const schedule = { peak: 0.8, floor: 0.2, warmupSteps: 4, totalSteps: 12 };
  it('by hand', () => {
    // Warm-up 0, 1/4, 2/4, 3/4 of the peak; then the cosine at progress 0, 1/8, ...: at 1/2 it is half way.
    const rates = Array.from({ length: 13 }, (_, step) => warmupCosine(schedule, step));
    [0, 0.2, 0.4, 0.6, 0.8].forEach((rate, step) => expect(rates[step]).toBeCloseTo(rate, 12));
    expect(rates[8]).toBeCloseTo(0.5, 12);
    expect(rates[6]).toBeCloseTo(0.2 + 0.3 * (1 + Math.SQRT1_2), 12);
    expect(rates[12]).toBeCloseTo(0.2, 12);
  });
  it('starts at the peak without warm-up, and takes a warm-up that is no whole number of steps', () => {
    expect(warmupCosine({ ...schedule, warmupSteps: 0 }, 0)).toBe(0.8);
    expect(warmupCosine({ ...schedule, warmupSteps: 2.5 }, 2)).toBeCloseTo(0.64, 12);
    expect(warmupCosine({ ...schedule, warmupSteps: 2.5 }, 3)).toBeLessThan(0.8);
  });
});

describe('layer-wise decay', () => {
  it('groups as MAE does', () => {
    const layers: readonly (readonly [string, number])[] = [
      ['cls_token', 0], ['pos_embed', 0], ['patch_embed.proj.weight', 0], ['blocks.0.norm1.bias', 1], ['blocks.11.mlp.fc2.weight', 12],
      ['norm.weight', 13], ['fc_norm.bias', 13], ['head.weight', 13],
    ];
    for (const [name, layer] of layers) expect(layerOf(name, 12), name).toBe(layer);
    expect(layerScale('head.weight', 12, 0.65)).toBe(1);
    expect(layerScale('blocks.11.norm1.weight', 12, 0.65)).toBeCloseTo(0.65, 12);
    expect(layerScale('cls_token', 12, 0.65)).toBeCloseTo(0.65 ** 13, 12);
  });
});

it('the linear scaling rule', () => expect(scaledRate(1.5e-4, 4096)).toBeCloseTo(2.4e-3, 12));
