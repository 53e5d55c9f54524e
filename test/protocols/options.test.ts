import { describe, expect, it } from 'vitest';
import { filled } from './filled.js';

describe('options', () => {
  it('are filled with defaults, nested ones too, without changing what was given', () => {
    const given = { lr: [0.1, 0.2], augment: { flip: 0 } };
    expect(filled('fine-tune', given)).toMatchObject({ lr: [0.1, 0.2], steps: 200, augment: { flip: 0, crop_scale: [0.2, 1] } });
    expect(given).toEqual({ lr: [0.1, 0.2], augment: { flip: 0 } });
  });

  it('name the nearest known option, nested ones too, and every mistake at once', () => {
    const read = () => filled('fine-tune', { stepz: 3, warmup: 2, augment: { flop: 1 } });
    expect(read).toThrow('unknown key "stepz"; did you mean "steps"?');
    expect(read).toThrow('augment.flop: unknown key "flop"; did you mean "flip"?');
    expect(read).toThrow('warmup: must be < 1');
  });
});
