import { describe, expect, it } from 'vitest';
import { epochsOf } from '../../src/methods/epochs.js';
import { ibotMethod } from '../../src/methods/ibot/step.js';
import { ibotProblems } from '../../src/methods/ibot/check.js';
import { ibotOptions } from '../../src/methods/ibot/options.js';
import { optionsOf, smallModel } from './small-options.js';

describe('epochs of a training', () => {
  it('are those of its schedule, whatever the number of steps', () => {
    let inexact = 0;
    for (let epochs = 1; epochs <= 400; epochs++) {
      for (let totalSteps = 1; totalSteps < 300; totalSteps++) {
        const stepsPerEpoch = totalSteps / epochs;
        if (totalSteps / stepsPerEpoch !== epochs) inexact++;
        if (epochsOf({ totalSteps, stepsPerEpoch }) !== epochs) expect.fail(`${totalSteps} steps of ${epochs} epochs`);
      }
    }
    expect(inexact).toBeGreaterThan(0);
    expect(epochsOf({ totalSteps: 5, stepsPerEpoch: 2 })).toBe(2.5);
  });

  it('a job takes what its plan takes: a temperature that rises to the very end', async () => {
    const options = { ...await optionsOf('ibot'), teacher_temperature: { start: 0.04, end: 0.07, warmup_epochs: 7 } };
    expect(ibotProblems(smallModel, ibotOptions(options), 7)).toEqual([]);
    for (const totalSteps of [9, 18, 29]) {
      expect(() => ibotMethod.build({ model: smallModel, options, batchSize: 4, seed: 0, totalSteps, stepsPerEpoch: totalSteps / 7 })).not.toThrow();
    }
  });

  it('are said shortly where something does not fit them', async () => {
    const options = ibotOptions({ ...await optionsOf('ibot'), warmup_epochs: 0, freeze_last_layer_epochs: 4, teacher_temperature: { start: 0.04, end: 0.07, warmup_epochs: 4 } });
    expect(ibotProblems(smallModel, options, 10 / 3)).toEqual([
      "teacher_temperature.warmup_epochs 4 is longer than the schedule's 3.33 epochs: the temperature would never reach its end",
      "freeze_last_layer_epochs 4 is not shorter than the schedule's 3.33 epochs: the last layer would never be trained",
    ]);
  });
});
