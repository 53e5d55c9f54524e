import { describe, expect, it } from 'vitest';
import { rowsOf } from '../../src/results/speed-rows.js';
import type { SpeedEntryResult } from '../../src/results/types.js';

const entry = (name: string, seconds: readonly number[], more: Partial<SpeedEntryResult> = {}): SpeedEntryResult => ({
  name, method: name, parameters: 10, epochs: 2, epochImages: 100, scheduleImages: 200, flopsPerImage: 1e6, flopsParts: [], peakMemoryBytes: 300, peakDeviceMemory: null,
  // Two steps without the loader in so many seconds; with it four steps in eight times as long.
  turns: seconds.map((time) => ({ outside: { steps: 2, seconds: time }, inside: { steps: 4, seconds: 8 * time } })),
  ...more,
});

describe('rows of a speed job, worked by hand', () => {
  const body = {
    model: 'm', batchSize: 5,
    entries: [
      entry('slow', [1, 2, 4]),
      entry('fast', [0.5, 0.5, 2], { scheduleImages: 800, flopsPerImage: 5e5, flopsParts: [{ name: 'head', perImage: 1e5 }], peakMemoryBytes: 150 }),
    ],
  };
  const rows = rowsOf('speed/m', body, 'slow', new Set());
  const row = (name: string, quantity: string, part: string | null = null) => rows.find((one) => one.entry === name && one.quantity === quantity && one.part === part)!;

  it('are images a second and seconds a step, without and with the loader', () => {
    // Rounds of 2 steps x 5 images in 1, 2, 4 s: 10, 5, 2.5 images/s, geometric mean 5; steps of 0.5, 1, 2 s.
    expect(row('slow', 'images_per_second').estimate.value).toBeCloseTo(5, 10);
    expect(row('slow', 'seconds_per_step').estimate.value).toBeCloseTo(1, 10);
    // 4 steps in 8, 16, 32 s: 2, 4, 8 s a step.
    expect(row('slow', 'seconds_per_step_with_loader').estimate.value).toBeCloseTo(4, 10);
    expect(row('slow', 'images_per_second_with_loader').estimate.value).toBeCloseTo(1.25, 10);
  });

  it('have the t-interval of their logarithms over rounds', () => {
    // Logarithms of 0.5, 1, 2: sd ln 2; t of 2 degrees at 97.5 % is 4.302653: half-width 4.302653 * ln 2 / sqrt 3.
    const { n, low, high } = row('slow', 'seconds_per_step').estimate;
    const half = (4.302653 * Math.log(2)) / Math.sqrt(3);
    expect(n).toBe(3);
    expect(Math.log(low!)).toBeCloseTo(-half, 5);
    expect(Math.log(high!)).toBeCloseTo(half, 5);
  });

  it('have ratios of paired rounds', () => {
    // 0.5/1, 0.5/2, 2/4: geometric mean of 1/2, 1/4, 1/2 is 2^(-4/3); logarithms have sd ln 2 / sqrt 3.
    const ratio = row('fast', 'seconds_per_step').ratio!;
    expect(ratio.value).toBeCloseTo(2 ** (-4 / 3), 10);
    expect(Math.log(ratio.high! / ratio.value)).toBeCloseTo((4.302653 * Math.log(2)) / 3, 5);
    expect(row('slow', 'seconds_per_step').ratio).toEqual({ n: 3, value: 1, low: 1, high: 1 });
  });

  it('extrapolate epoch and schedule from the steps with the loader', () => {
    // 4 s for 5 images: 80 s for 100, 160 s for 200; 12 steps were timed.
    expect(row('slow', 'seconds_per_epoch')).toMatchObject({ extrapolatedFromSteps: 12, unit: 's' });
    expect(row('slow', 'seconds_per_epoch').estimate.value).toBeCloseTo(80, 9);
    expect(row('slow', 'seconds_per_schedule').estimate.value).toBeCloseTo(160, 9);
    // Four times as many images at the ratio of a step.
    expect(row('fast', 'seconds_per_schedule').ratio!.value).toBeCloseTo(4 * 2 ** (-4 / 3), 9);
    expect(row('slow', 'seconds_per_step').extrapolatedFromSteps).toBeNull();
  });

  it('give counts and peaks without interval, and a part of the operations apart', () => {
    expect(row('fast', 'peak_memory')).toMatchObject({ estimate: { n: 1, value: 150, low: null, high: null }, ratio: { n: 1, value: 0.5, low: null, high: null } });
    expect(row('fast', 'flops_per_image', 'head')).toMatchObject({ estimate: { value: 1e5 }, ratio: null });
    expect(row('fast', 'flops_per_schedule')).toMatchObject({ estimate: { value: 4e8 }, ratio: { value: 2 } });
  });

  it('give peaks of turns their interval, and the ratio of paired turns', () => {
    const peaks = (name: string, own: readonly number[]): SpeedEntryResult => {
      const { turns, ...rest } = entry(name, [1, 1, 1]);
      return { ...rest, turns: turns.map((turn, round) => ({ ...turn, peakMemoryBytes: own[round]! })) };
    };
    const own = rowsOf('speed/m', { model: 'm', batchSize: 5, entries: [peaks('slow', [100, 200, 400]), peaks('fast', [50, 100, 200])] }, 'slow', new Set()).filter(({ quantity }) => quantity === 'peak_memory');
    // Logarithms of 100, 200, 400: sd ln 2.
    const half = (4.302653 * Math.log(2)) / Math.sqrt(3);
    expect(own[0]!.estimate.value).toBeCloseTo(200, 9);
    expect(Math.log(own[0]!.estimate.high! / 200)).toBeCloseTo(half, 5);
    expect(Math.log(own[0]!.estimate.low! / 200)).toBeCloseTo(-half, 5);
    expect(own[1]!.ratio).toEqual({ n: 3, value: 0.5, low: 0.5, high: 0.5 });
  });

  it('compare no whole schedule of an entry that goes on from another, nor with one', () => {
    for (const started of ['slow', 'fast']) {
      const ratios = rowsOf('speed/m', body, 'slow', new Set([started])).filter(({ entry: name }) => name === 'fast');
      expect(ratios.filter(({ part, ratio }) => part === null && ratio === null).map(({ quantity }) => quantity)).toEqual(['seconds_per_schedule', 'flops_per_schedule']);
    }
  });

  it('have no ratio without a reference, and no interval under three rounds', () => {
    const two = rowsOf('speed/m', { model: 'm', batchSize: 5, entries: [entry('slow', [1, 4])] }, null, new Set());
    expect(two.every(({ ratio, estimate }) => ratio === null && estimate.low === null)).toBe(true);
  });
});
