import { describe, expect, it } from 'vitest';
import { scaledRate, warmupCosine } from '../../src/training/schedules.js';

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

it('the linear scaling rule', () => expect(scaledRate(1.5e-4, 4096)).toBeCloseTo(2.4e-3, 12));
