import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import ts from 'typescript';
import { canonicalJson, hashJson, makeFolder, readJson, readValues, replaceFile, sha256, sha256File, writeFileAtomic, writeValues } from '../src/files.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'maskbench-files-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('canonicalJson', () => {
  it('writes equal data as equal text, whatever the order of keys', () => {
    expect(canonicalJson({ b: [1, { d: null, c: 'x' }], a: true })).toBe('{"a":true,"b":[1,{"c":"x","d":null}]}');
    expect(canonicalJson({ a: true, b: [1, { c: 'x', d: null }] })).toBe(canonicalJson({ b: [1, { d: null, c: 'x' }], a: true }));
    expect(canonicalJson([2, 1])).not.toBe(canonicalJson([1, 2]));
  });

  it('is JSON that reads back as the same data', () => {
    const value = { 'ü"\n': ['\u2028', 1e21, -0.1, 5e-324, 1 / 3], empty: {}, list: [[]] };
    expect(JSON.parse(canonicalJson(value))).toEqual(value);
  });

  it('takes a property that is undefined as absent', () => {
    expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}');
  });

  it.each([[Number.NaN], [Infinity], [-Infinity], [undefined], [[undefined]], [() => 1], [1n], [Symbol('x')]])('refuses what JSON would drop or change: %s', (value: unknown) => {
    expect(() => canonicalJson({ value: [value] })).toThrow(TypeError);
  });
});

describe('hashes', () => {
  it('are SHA-256 (FIPS 180-2, appendix B)', async () => {
    expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(hashJson({ b: 1, a: 2 })).toBe(sha256('{"a":2,"b":1}'));
    // The third example: one million times the letter a.
    writeFileSync(join(folder, 'million'), 'a'.repeat(1_000_000));
    expect(await sha256File(join(folder, 'million'))).toBe('cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0');
  });

  it('of a missing file is an error', async () => {
    await expect(sha256File(join(folder, 'none'))).rejects.toThrow(/ENOENT/);
  });
});

describe('writeFileAtomic', () => {
  it('makes the folder, writes text and bytes, replaces, and leaves nothing else', async () => {
    const path = join(folder, 'a/b/file.json');
    await writeFileAtomic(path, '{"x":1}');
    expect(await readJson(path)).toEqual({ x: 1 });
    await writeFileAtomic(path, Uint8Array.of(0, 255, 7));
    expect([...readFileSync(path)]).toEqual([0, 255, 7]);
    expect(readdirSync(join(folder, 'a/b'))).toEqual(['file.json']);
  });

  it('keeps the old file and clears up when it fails', async () => {
    const path = join(folder, 'target');
    mkdirSync(path);
    writeFileSync(join(path, 'inside'), 'x');
    await expect(writeFileAtomic(path, 'new')).rejects.toThrow();
    expect(readdirSync(folder)).toEqual(['target']);
    expect(readFileSync(join(path, 'inside'), 'utf8')).toBe('x');
  });

  it.skipIf(process.getuid?.() === 0)('fails where the folder cannot be written', async () => {
    chmodSync(folder, 0o500);
    await expect(writeFileAtomic(join(folder, 'x'), 'y')).rejects.toThrow(/EACCES/);
    chmodSync(folder, 0o700);
  });

  it('lets many writers of one file win one after another, whole', async () => {
    const path = join(folder, 'shared');
    const texts = Array.from({ length: 20 }, (_, i) => String(i % 10).repeat(50_000 + i));
    await Promise.all(texts.map((text) => writeFileAtomic(path, text)));
    expect(texts).toContain(readFileSync(path, 'utf8'));
    expect(readdirSync(folder)).toEqual(['shared']);
  });

  it('shows a reader a whole file at every kill of its writer', async () => {
    const module = ts.transpileModule(readFileSync(new URL('../src/files.ts', import.meta.url), 'utf8'), { compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext } });
    writeFileSync(join(folder, 'files.mjs'), module.outputText);
    const path = join(folder, 'out/state');
    const program = `import { writeFileAtomic } from ${JSON.stringify(pathToFileURL(join(folder, 'files.mjs')).href)};
for (let i = 0; ; i++) await writeFileAtomic(${JSON.stringify(path)}, String(i % 10).repeat(2_000_000));`;
    let kills = 0;
    for (let round = 0; round < 6; round++) {
      const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'ignore' });
      const gone = new Promise<NodeJS.Signals | null>((resolve) => child.on('exit', (_, signal) => resolve(signal)));
      const deadline = Date.now() + 20_000;
      // Kill at another point of its work each time, once it has written something.
      while (!exists(path) && Date.now() < deadline) await pause(5);
      await pause(20 + round * 13);
      child.kill('SIGKILL');
      kills += (await gone) === 'SIGKILL' ? 1 : 0;
      const text = readFileSync(path, 'utf8');
      expect(text).toHaveLength(2_000_000);
      expect(text).toBe(text[0]!.repeat(2_000_000));
      rmSync(path);
    }
    expect(kills).toBe(6);
  });
});

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const exists = (path: string): boolean => {
  try {
    readFileSync(path);
    return true;
  } catch {
    return false;
  }
};

describe('makeFolder', () => {
  it('makes what is missing, once and again', async () => {
    const path = join(folder, 'a', 'b', 'c');
    await Promise.all([makeFolder(path), makeFolder(path)]);
    await makeFolder(path);
    expect(readdirSync(join(folder, 'a', 'b'))).toEqual(['c']);
  });

  it('fails, and comes back, where the system refuses', async () => {
    writeFileSync(join(folder, 'file'), '');
    await expect(makeFolder(join(folder, 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(makeFolder(join(folder, 'file', 'x'))).rejects.toMatchObject({ code: 'ENOTDIR' });
    await expect(makeFolder('/proc/x/y')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('values of any size', () => {
  it('are read beyond the 4 GiB that a view of bytes ends at, and a file that ends before is told', async () => {
    const path = join(folder, 'sparse');
    const at = 2 ** 32 + 2 ** 20;
    const file = await open(path, 'w+');
    try {
      await file.truncate(at);
      await file.write(new Uint8Array(Float32Array.of(1.5, -2).buffer), 0, 8, at);
      const values = new Float32Array(2);
      expect(await readValues(file, at, values)).toBe(true);
      expect([...values]).toEqual([1.5, -2]);
      expect(await readValues(file, at + 4, values)).toBe(false);
    } finally {
      await file.close();
    }
  });

  it('are written one after the other', async () => {
    const path = join(folder, 'two');
    await replaceFile(path, async (file) => {
      await writeValues(file, Uint8Array.of(7));
      await writeValues(file, Float32Array.of(1, 2, 3).subarray(1));
    });
    const bytes = await readFile(path);
    expect(bytes.length).toBe(9);
    expect([bytes[0], bytes.readFloatLE(1), bytes.readFloatLE(5)]).toEqual([7, 2, 3]);
  });
});
