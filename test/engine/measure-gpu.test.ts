import { beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../src/engine/contract.js';
import { describeCpu } from '../../src/engine/cpu.js';
import { measureGpu } from '../../src/engine/measure-gpu.js';
import { bf16Problem } from '../../src/engine/precision.js';
import { testDevice } from './device.js';
import { openEngine } from './open.js';

describe.runIf(bf16Problem({ mode: 'traced', device: testDevice, oneDnn: true }, describeCpu()) === null)("the step that a GPU's precisions are compared by", () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openEngine({ threads: 1 });
  });

  it('runs in both, and leaves nothing behind', () => {
    const before = engine.liveTensors();
    const ways = measureGpu(engine, true, { tokens: 8, width: 16, hidden: 32 });
    expect(ways).toEqual([{ precision: 'f32', xla: true, milliseconds: expect.any(Number) as number }, { precision: 'bf16', xla: true, milliseconds: expect.any(Number) as number }]);
    expect(ways.every(({ milliseconds }) => milliseconds > 0)).toBe(true);
    expect(engine.liveTensors()).toBe(before);
  });
});
