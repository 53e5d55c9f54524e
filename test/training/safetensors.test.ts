import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { CheckpointError } from '../../src/errors.js';
import { readSafetensors, readSafetensorsFile, readSafetensorsHeader, type SafetensorsFile, toFloat32, writeSafetensors } from '../../src/training/safetensors.js';
import { temporaryFolder } from '../temporary-folder.js';

/** Files by the Python package: scripts/reference/safetensors_files.py. */
const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
/** Takes bytes apart as a file. */
const scratch = temporaryFolder();
async function parsed(bytes: Uint8Array): Promise<SafetensorsFile> {
  const path = join(scratch, 'x.safetensors');
  await writeFile(path, bytes);
  return readSafetensorsFile(path);
}
const values = JSON.parse(readFileSync(fixture('mixed.json'), 'utf8')) as Record<'f32' | 'f16' | 'bf16', number[]>;

describe('files of the Python package', () => {
  it.each(['f32', 'f16', 'bf16'] as const)('%s comes in exactly', async (kind) => {
    const { tensors, metadata } = await readSafetensorsFile(fixture('mixed.safetensors'));
    const tensor = tensors.get(`values.${kind}`)!;
    expect(tensor.shape).toEqual([2, 5]);
    expect(Array.from(toFloat32('x', tensor, ''))).toEqual(values[kind]);
    expect(metadata).toEqual({ note: 'dtypes' });
  });

  it('the header alone tells the same names, shapes and dtypes', async () => {
    for (const name of ['mixed.safetensors', 'plain.safetensors']) {
      const { tensors } = await readSafetensorsFile(fixture(name));
      expect(await readSafetensorsHeader(fixture(name))).toEqual(new Map(Array.from(tensors, ([tensor, { dtype, shape }]) => [tensor, { dtype, shape }])));
    }
  });

  it('scalars and empty tensors are tensors', async () => {
    const { tensors } = await readSafetensorsFile(fixture('mixed.safetensors'));
    expect(tensors.get('scalar')!.shape).toEqual([]);
    expect(Array.from(toFloat32('x', tensors.get('scalar')!, ''))).toEqual([2.5]);
    expect(toFloat32('x', { ...tensors.get('empty')! }, '')).toHaveLength(0);
  });

  it('another dtype is an error with the tensor\'s name', async () => {
    await expect(readSafetensors(fixture('mixed.safetensors'))).rejects.toThrow(/tensor count has dtype I64/);
  });

  it('writes the same bytes as the package', async () => {
    const single = Float32Array.from([0, -0, 1, -1.5, 0.1, 65504, 6.1e-5, 5.96e-8, 3.1415927, -2e-7]);
    const path = join(temporaryFolder(), 'plain.safetensors');
    await writeSafetensors(path, new Map([
      ['a.weight', { shape: [2, 3], data: Float32Array.from({ length: 6 }, (_, i) => Math.fround(i) / 7) }],
      ['b', { shape: [10], data: single }],
      ['c.bias', { shape: [1], data: Float32Array.of(-1) }],
    ]), { format: 'pt' });
    expect(readFileSync(path).equals(readFileSync(fixture('plain.safetensors')))).toBe(true);
  });
});

describe('round trip', () => {
  it('keeps names, order, shapes and bits', async () => {
    const path = join(temporaryFolder(), 'w.safetensors');
    const weights = new Map([['z', { shape: [3], data: Float32Array.of(1e-40, -0, 3.4e38) }], ['a', { shape: [], data: Float32Array.of(2) }]]);
    await writeSafetensors(path, weights);
    const read = await readSafetensors(path);
    expect([...read.keys()]).toEqual(['z', 'a']);
    expect(new Uint32Array(read.get('z')!.data.buffer)).toEqual(new Uint32Array(weights.get('z')!.data.buffer));
  });
});

/** A file with any header. */
function fileOf(header: unknown, body = 0, length?: bigint): Uint8Array {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const file = new Uint8Array(8 + text.length + body);
  new DataView(file.buffer).setBigUint64(0, length ?? BigInt(text.length), true);
  file.set(text, 8);
  return file;
}
const f32 = (begin: number, end: number, shape: unknown = [(end - begin) / 4]) => ({ dtype: 'F32', shape, data_offsets: [begin, end] });

describe('a malformed file is refused by what is wrong with it', () => {
  const cases: readonly (readonly [string, Uint8Array, RegExp])[] = [
    ['no length', Uint8Array.of(1, 2, 3), /3 bytes/],
    ['a huge header', fileOf({}, 0, 1n << 60n), /declares a header of 1152921504606846976 bytes/],
    ['a header beyond the end', fileOf({}, 0, 500n), /cut short/],
    ['no JSON', fileOf('{"a":'), /not JSON/],
    ['another kind of file', fileOf('PK\u0003\u0004'), /does not start with \{/],
    ['broken UTF-8', fileOf('{}').map((byte, i) => (i === 9 ? 0xff : byte)), /not JSON/],
    ['a missing field', fileOf({ a: { dtype: 'F32', shape: [1] } }), /malformed header entry "a"/],
    ['a negative size', fileOf({ a: f32(0, 4, [-1]) }, 4), /malformed header entry/],
    ['an unknown dtype', fileOf({ a: { dtype: 'F99', shape: [1], data_offsets: [0, 4] } }, 4), /unknown dtype F99/],
    ['a shape that is not its range', fileOf({ a: f32(0, 8, [3]) }, 8), /needs 12 bytes/],
    ['a product that overflows', fileOf({ a: f32(0, 8, [2 ** 40, 2 ** 40]) }, 8), /impossible shape/],
    ['a body cut short', fileOf({ a: f32(0, 8) }, 4), /ends at byte 8 of 4/],
    ['an overlap', fileOf({ a: f32(0, 8), b: f32(4, 12) }, 12), /b overlaps/],
    ['a hole', fileOf({ a: f32(0, 4), b: f32(8, 12) }, 12), /4 bytes before tensor b/],
    ['bytes left over', fileOf({ a: f32(0, 4) }, 5), /1 bytes at its end/],
    ['metadata that is not text', fileOf({ __metadata__: { a: 1 } }), /metadata/],
    ['an array', fileOf('{"a":[1]}'), /malformed header entry/],
  ];
  it.each(cases)('%s', async (_, file, message) => {
    await expect(parsed(file)).rejects.toThrow(message);
    await expect(parsed(file)).rejects.toThrow(CheckpointError);
  });

  it('a name that is written twice', async () => {
    const file = fileOf('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}', 8);
    await expect(parsed(file)).rejects.toThrow(CheckpointError);
  });

  it('NaN and infinities are named with their place', async () => {
    const path = join(temporaryFolder(), 'w.safetensors');
    await writeSafetensors(path, new Map([['w', { shape: [3], data: Float32Array.of(1, NaN, 2) }]]));
    const stored = (await readSafetensorsFile(path)).tensors.get('w')!;
    expect(() => toFloat32('w', stored, 'x')).toThrow(/tensor w holds NaN at position 1/);
    const half = { dtype: 'F16', shape: [1], bytes: Uint8Array.of(0x00, 0x7c) };
    expect(() => toFloat32('h', half, 'x')).toThrow(/h holds Infinity/);
  });

  it('a missing file', async () => {
    await expect(readSafetensors('/nowhere/x.safetensors')).rejects.toThrow(/no such file/);
  });

  it('every file cut anywhere is refused, none crashes', async () => {
    const whole = await readFile(fixture('plain.safetensors'));
    for (let length = 0; length < whole.length; length++) await expect(parsed(whole.subarray(0, length)), `${length} bytes`).rejects.toThrow(CheckpointError);
  });

  it('any single header byte changed is refused or still tells the truth about sizes', async () => {
    const whole = await readFile(fixture('plain.safetensors'));
    for (let at = 0; at < 250; at++) {
      const changed = Uint8Array.from(whole);
      changed[at]! ^= 0x15;
      try {
        for (const { shape, dtype, bytes } of (await parsed(changed)).tensors.values()) {
          expect(bytes.length).toBe(shape.reduce((product, n) => product * n, 1) * ({ F32: 4, I32: 4, U32: 4 }[dtype] ?? 0));
        }
      } catch (error) {
        expect(error).toBeInstanceOf(CheckpointError);
      }
    }
  });

  it('a folder in its place', async () => {
    const folder = temporaryFolder();
    await writeFile(join(folder, 'other'), '');
    await expect(readSafetensors(folder)).rejects.toThrow(CheckpointError);
  });
});
