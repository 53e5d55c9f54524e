import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { ImageRecord } from '../../src/data/image-set.js';
import { decodeFiles } from '../../src/data/sources/decode.js';
import { DataError } from '../../src/errors.js';

const folder = fileURLToPath(new URL('../fixtures/images/', import.meta.url));
const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Record<string, { readonly tolerance: number; readonly pixels: string }>;
const record = (id: string): ImageRecord => ({ id, label: '', group: null, domain: null, split: null, side: null });
const silent = (): void => undefined;
/** Pixels as a reader finds them, and the progress. */
async function decode(names: readonly string[], size = 8, at = folder, progress: (done: number, total: number) => void = silent) {
  const pixels = new Uint8Array(names.length * size * size * 3);
  const put = async (index: number, picture: Uint8Array): Promise<void> => { pixels.set(picture, index * size * size * 3); };
  return { unreadable: await decodeFiles(at, names.map(record), size, put, progress), pixels };
}

const made: string[] = [];
const temporary = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'maskbench-decode-'));
  made.push(path);
  return path;
};
afterAll(() => made.forEach((path) => rmSync(path, { recursive: true, force: true })));

describe('decodeFiles', () => {
  it.each(Object.entries(expected))("decodes %s as Pillow does", async (name, { tolerance, pixels }) => {
    const found = await decode([name]);
    expect(found.unreadable).toEqual([]);
    const wanted = Buffer.from(pixels, 'base64');
    const worst = found.pixels.reduce((most, value, i) => Math.max(most, Math.abs(value - wanted[i]!)), 0);
    expect(worst).toBeLessThanOrEqual(tolerance);
  });

  it('reports every file that is cut short, damaged, empty, shorter than its header says or no image, by name, and goes on', async () => {
    const names = readdirSync(folder).filter((name) => name.startsWith('bad-'));
    const all = ['rgb.png', ...names, 'grey.png'];
    let last = 0;
    const { pixels, unreadable } = await decode(all, 8, folder, (done, total) => {
      last = done;
      expect(total).toBe(all.length);
    });
    expect(unreadable.map(({ id }) => id)).toEqual(names);
    expect(names).toHaveLength(8);
    expect(unreadable.every(({ reason }) => reason.length > 5 && !reason.includes('\n'))).toBe(true);
    expect(unreadable.find(({ id }) => id === 'bad-empty.jpg')?.reason).toBe('empty file');
    expect(pixels.slice(192, -192).every((value) => value === 0)).toBe(true);
    expect(Buffer.from(pixels.slice(0, 192)).toString('base64')).toBe(expected['rgb.png']?.pixels);
    expect(Buffer.from(pixels.slice(-192)).toString('base64')).toBe(expected['grey.png']?.pixels);
    expect(last).toBe(all.length);
  });

  it('is not stopped by a pipe, a broken link, a missing file, a folder or a file without permission', async () => {
    const at = temporary();
    writeFileSync(join(at, 'good.png'), readFileSync(join(folder, 'rgb.png')));
    execFileSync('mkfifo', [join(at, 'pipe.jpg')]);
    symlinkSync(join(at, 'nowhere.jpg'), join(at, 'broken.jpg'));
    symlinkSync('/dev/zero', join(at, 'endless.jpg'));
    writeFileSync(join(at, 'secret.jpg'), 'x');
    chmodSync(join(at, 'secret.jpg'), 0);
    const { unreadable } = await decode(['good.png', 'pipe.jpg', 'broken.jpg', 'endless.jpg', 'gone.jpg', '.', 'secret.jpg'], 8, at);
    expect(unreadable.slice(0, 5)).toEqual([
      { id: 'pipe.jpg', reason: 'not a regular file' },
      { id: 'broken.jpg', reason: 'broken link, or removed meanwhile' },
      { id: 'endless.jpg', reason: 'not a regular file' },
      { id: 'gone.jpg', reason: 'broken link, or removed meanwhile' },
      { id: '.', reason: 'not a regular file' },
    ]);
    // The superuser may read it, and then finds no picture in it.
    expect(unreadable[5]?.id).toBe('secret.jpg');
  });

  it('refuses a picture with more pixels than any photograph', async () => {
    const at = temporary();
    // A PNG header alone: 30000 x 30000, which would take 2.7 GB.
    const png = readFileSync(join(folder, 'rgb.png'));
    png.writeUInt32BE(30000, 16);
    png.writeUInt32BE(30000, 20);
    writeFileSync(join(at, 'bomb.png'), png);
    writeFileSync(join(at, 'good.png'), readFileSync(join(folder, 'rgb.png')));
    const { unreadable } = await decode(['good.png', 'bomb.png'], 8, at);
    expect(unreadable.map(({ id }) => id)).toEqual(['bomb.png']);
  });

  it('is a DataError when nothing can be decoded', async () => {
    const error: unknown = await decode(['bad-text.jpg', 'bad-cut.jpg']).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(DataError);
    expect((error as DataError).message).toContain('bad-text.jpg');
  });
});
