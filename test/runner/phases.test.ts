import { describe, expect, it } from 'vitest';
import { startPhases } from '../../src/runner/phases.js';

describe('phases of a job', () => {
  it('give each moment to the phase that was entered last, and add up to the whole', () => {
    let now = 1000;
    const phases = startPhases(() => now);
    const spend = (ms: number): void => { now += ms; };
    spend(500);
    phases.enter('wait');
    spend(30);
    phases.enter('step');
    spend(100);
    phases.enter('wait');
    spend(20);
    phases.enter('step');
    spend(200);
    phases.enter('evaluate');
    expect(phases.seconds()).toEqual({ wait: expect.closeTo(0.05) as number, step: expect.closeTo(0.3) as number, evaluate: 0, checkpoint: 0, other: 0.5 });
    spend(150);
    const end = phases.seconds();
    expect(end.evaluate).toBeCloseTo(0.15);
    expect(Object.values(end).reduce((sum, seconds) => sum + seconds, 0)).toBeCloseTo(1);
  });
});
