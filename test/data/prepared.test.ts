import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readImageIndex, readImageSet, writeImageSet } from '../../src/data/prepared.js';
import { StoreError } from '../../src/errors.js';
import { noiseSet } from './pictures.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'maskbench-prepared-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const set = { ...noiseSet(4, 6, 4), unreadable: [{ id: 'noise#2', reason: 'empty file' }] };

describe('a prepared image set', () => {
  it('comes back as it was written', async () => {
    await writeImageSet(join(folder, 'new'), set);
    const back = await readImageSet(join(folder, 'new'));
    expect({ ...back, pixels: [...back.pixels] }).toEqual({ ...set, pixels: [...set.pixels] });
    expect(await readImageIndex(join(folder, 'new'))).toEqual({ name: set.name, records: set.records, unreadable: set.unreadable });
    expect((await readdir(join(folder, 'new'))).sort()).toEqual(['index.json', 'pixels.bin']);
  });

  it('is not written when its pixels do not fit its index', async () => {
    await expect(writeImageSet(folder, { ...set, pixels: set.pixels.slice(1) })).rejects.toThrow(RangeError);
    expect(await readdir(folder)).toEqual([]);
  });

  const damage: readonly (readonly [string, RegExp, (folder: string) => Promise<void>])[] = [
    ['no index', /cannot be read/, (at) => rm(join(at, 'index.json'))],
    ['no pixels', /cannot be read/, (at) => rm(join(at, 'pixels.bin'))],
    ['pixels cut short', /bytes/, async (at) => writeFile(join(at, 'pixels.bin'), (await readFile(join(at, 'pixels.bin'))).subarray(5))],
    ['one bit turned', /SHA-256/, async (at) => {
      const bytes = await readFile(join(at, 'pixels.bin'));
      bytes[100]! ^= 1;
      await writeFile(join(at, 'pixels.bin'), bytes);
    }],
    ['index cut short', /cannot be read/, async (at) => writeFile(join(at, 'index.json'), (await readFile(join(at, 'index.json'), 'utf8')).slice(0, -20))],
    ['another schema', /schema 2/, (at) => change(at, (index) => ({ ...index, schema: 2 }))],
    ['a size that is no number', /size/, (at) => change(at, (index) => ({ ...index, size: '6' }))],
    ['two channels', /channels 2/, (at) => change(at, (index) => ({ ...index, channels: 2 }))],
    ['a record twice', /two records/, (at) => change(at, (index) => ({ ...index, records: [index.records[0], ...index.records.slice(0, 3)] }))],
    ['an unknown split', /malformed record 1/, (at) => change(at, (index) => ({ ...index, records: index.records.map((r, i) => (i === 1 ? { ...r, split: 'dev' } : r)) }))],
    ['an unreadable image that is not there', /does not have: "x"/, (at) => change(at, (index) => ({ ...index, unreadable: [{ id: 'x', reason: 'y' }] }))],
    ['a list instead of an object', /no object/, (at) => writeFile(join(at, 'index.json'), '[]')],
  ];
  interface Stored { readonly records: readonly Readonly<Record<string, unknown>>[]; readonly [key: string]: unknown }
  const change = async (at: string, edit: (index: Stored) => unknown): Promise<void> => {
    const path = join(at, 'index.json');
    await writeFile(path, JSON.stringify(edit(JSON.parse(await readFile(path, 'utf8')) as Stored)));
  };

  it.each(damage)('is refused with %s', async (_, message, edit) => {
    await writeImageSet(folder, set);
    await edit(folder);
    const error: unknown = await readImageSet(folder).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(StoreError);
    expect((error as StoreError).message).toMatch(message);
    expect((error as StoreError).where).toContain(folder);
  });
});
