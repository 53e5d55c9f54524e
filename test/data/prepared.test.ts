import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mostBytesInMemory, readImageIndex, readPreparedSet, writePrepared } from '../../src/data/prepared.js';
import type { StreamedSet } from '../../src/data/image-set.js';
import { evalBatch } from '../../src/data/loader/index.js';
import { StoreError } from '../../src/errors.js';
import { sha256File } from '../../src/files.js';
import { readImageSet, writeImageSet } from './image-set-files.js';
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

  it('is the same file in whatever order its pictures come; one that never comes is zero', async () => {
    const picture = (i: number): Uint8Array => set.pixels.subarray(i * 144, (i + 1) * 144);
    const { name, size, channels, records } = set;
    const unreadable = [{ id: 'noise#2', reason: 'empty file' }];
    await writePrepared(folder, {
      name, size, channels, records,
      async decode(put) {
        // One buffer for all: what is handed over has been taken when the promise is done.
        const buffer = new Uint8Array(144);
        for (const i of [3, 0, 1]) {
          buffer.set(picture(i));
          await put(i, buffer);
        }
        return unreadable;
      },
    });
    const back = await readImageSet(folder);
    expect([...back.pixels]).toEqual([...picture(0), ...picture(1), ...new Uint8Array(144), ...picture(3)]);
    expect(back.unreadable).toEqual(unreadable);
    await writeImageSet(join(folder, 'whole'), { ...set, pixels: back.pixels });
    expect(await sha256File(join(folder, 'pixels.bin'))).toBe(await sha256File(join(folder, 'whole', 'pixels.bin')));
  });

  it('leaves nothing when a picture has another size, or its decoding fails', async () => {
    const { name, size, channels, records } = set;
    const write = (decode: Parameters<typeof writePrepared>[1]['decode']) => writePrepared(folder, { name, size, channels, records, decode });
    await expect(write(async (put) => { await put(0, new Uint8Array(143)); return []; })).rejects.toThrow(RangeError);
    await expect(write(async (put) => { await put(4, new Uint8Array(144)); return []; })).rejects.toThrow(RangeError);
    await expect(write(() => Promise.reject(new Error('gone')))).rejects.toThrow('gone');
    expect(await readdir(folder)).toEqual([]);
  });

  it('stays in its file when it has more bytes than the limit, and gives the same pictures', async () => {
    await writeImageSet(folder, set);
    const inMemory = await readPreparedSet(folder, set.pixels.length);
    const streamed = await readPreparedSet(folder, set.pixels.length - 1);
    expect('pixels' in inMemory && inMemory.pixels.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(streamed).toEqual({ name: set.name, size: 6, channels: 4, records: set.records, unreadable: set.unreadable, pixelsFile: join(folder, 'pixels.bin') });
    const indices = [3, 0, 3, 1];
    expect(evalBatch({ set: streamed, indices, size: 5 })).toEqual(evalBatch({ set: inMemory, indices, size: 5 }));
    expect(mostBytesInMemory).toBeGreaterThan(100e6);
  });

  it('is refused when its file is cut short, before and after it was opened', async () => {
    await writeImageSet(folder, set);
    const streamed = (await readPreparedSet(folder, 0)) as StreamedSet;
    await writeFile(streamed.pixelsFile, (await readFile(streamed.pixelsFile)).subarray(0, 300));
    await expect(readPreparedSet(folder, 0)).rejects.toThrow(/has 300 bytes, its index needs 576/);
    expect(() => evalBatch({ set: streamed, indices: [3], size: 6 })).toThrow(StoreError);
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
