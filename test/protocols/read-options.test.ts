import { describe, expect, it } from 'vitest';
import { SuiteError } from '../../src/errors.js';
import { fineTuneOptions } from '../../src/protocols/fine-tune/options.js';

describe('options', () => {
  it('are filled with defaults, nested ones too, without changing what was given', () => {
    const given = { lr: [0.1, 0.2], augment: { flip: 0 } };
    const options = fineTuneOptions(given);
    expect(options.lr).toEqual([0.1, 0.2]);
    expect(options.steps).toBe(200);
    expect(options.augment).toMatchObject({ flip: 0, crop_scale: [0.2, 1] });
    expect(given).toEqual({ lr: [0.1, 0.2], augment: { flip: 0 } });
  });

  it('name the nearest known option, nested ones too, and every mistake at once', () => {
    const read = () => fineTuneOptions({ stepz: 3, warmup: 2, augment: { flop: 1 } });
    expect(read).toThrow(SuiteError);
    expect(read).toThrow(/unknown option "stepz" \(did you mean "steps"\?\)/);
    expect(read).toThrow(/augment: unknown option "flop" \(did you mean "flip"\?\)/);
    expect(read).toThrow(/warmup: must be < 1/);
  });
});
