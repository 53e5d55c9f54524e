import { describe, expect, it } from 'vitest';
import { isFromHere, thisMachine, type TensorPlace } from '../../src/runner/machine.js';

const place: TensorPlace = { device: 'cpu', deviceName: 'A CPU', runtime: '2.21.0', oneDnn: true };
const engine = { name: 'tensorflow', mode: 'traced', device: 'cpu', deviceName: 'A CPU', runtime: '2.21.0', oneDnn: true, threads: { intraOp: 1, interOp: 1 } };
const made = (environment: object): unknown => ({ environment: { ...thisMachine(), engine, ...environment } });

describe('a result is from here', () => {
  it('where the host, the device, the runtime and its setting are those of now', () => {
    expect(isFromHere(made({}), place)).toBe(true);
    // How many cores there are, and how the engine was opened, is in the job's key or changes nothing.
    expect(isFromHere(made({ cores: 99, engine: { ...engine, mode: 'eager' } }), place)).toBe(true);
  });

  it.each([
    ['another processor', { cpu: 'Another Processor' }],
    ['another system', { platform: 'plan9 4 mips' }],
    ['another device', { engine: { ...engine, device: 'cuda' } }],
    ['another model of the device', { engine: { ...engine, deviceName: 'Another CPU' } }],
    ['another version of the runtime', { engine: { ...engine, runtime: '2.18.0' } }],
    ['oneDNN turned off', { engine: { ...engine, oneDnn: false } }],
  ])('and not from %s', (_, environment) => {
    expect(isFromHere(made(environment), place)).toBe(false);
  });

  it('by what both sides know: a job without tensors, an older result, a runtime that is not set up yet', () => {
    expect(isFromHere(made({ engine: null }), place)).toBe(true);
    expect(isFromHere(made({ engine: { name: 'tensorflow', runtime: '2.21.0' } }), place)).toBe(true);
    expect(isFromHere(made({ engine: { name: 'tensorflow', runtime: '2.18.0' } }), place)).toBe(false);
    expect(isFromHere(made({ engine: { ...engine, runtime: '2.18.0' } }), { device: 'cpu', oneDnn: true })).toBe(true);
    expect(isFromHere(made({ engine: null, cpu: 'Another Processor' }), {})).toBe(false);
  });

  it('or does not say', () => {
    for (const result of [null, {}, { environment: {} }]) expect(isFromHere(result, place)).toBeNull();
  });
});
