import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Plain JSON data, frozen by type. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject { readonly [key: string]: Json }

/** Of parsed JSON: neither a list nor null. */
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** JSON text with sorted keys: equal data gives equal text. Rejects NaN, infinities and undefined, which JSON would drop silently. */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`canonicalJson: ${value} is not JSON`);
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object') {
    const entries = Object.entries(value).filter(([, v]) => v !== undefined).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, v]) => `${JSON.stringify(key)}:${canonicalJson(v)}`).join(',')}}`;
  }
  throw new TypeError(`canonicalJson: a ${typeof value} is not JSON`);
}

export const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

/** SHA-256 of canonical JSON. */
export const hashJson = (value: unknown): string => sha256(canonicalJson(value));

/** Its first 12 digits, of what people read and compare: protocols, set-ups. */
export const shortHash = (value: unknown): string => hashJson(value).slice(0, 12);

export async function sha256File(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/**
 * Makes a folder, and those above it, where they are missing. Node's own recursive `mkdir` never comes back where the system
 * answers ENOENT to a new folder in one that is there (/proc, a link that leads nowhere).
 */
export async function makeFolder(path: string): Promise<void> {
  const make = async (above: boolean): Promise<void> => {
    try {
      await mkdir(path);
    } catch (error) {
      const there = await stat(path).catch(() => null);
      if (there?.isDirectory() === true) return;
      if (above || (error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(path) === path) throw error;
      await makeFolder(dirname(path));
      await make(true);
    }
  };
  await make(false);
}

/** Of what `replaceFile` has not finished; where its process is gone, it never will be. */
export const isTemporaryName = (name: string): boolean => /^\..+\.\d+\.[0-9a-z]+\.tmp$/.test(name);

/** Makes a file so that a reader sees the old one or the new one, never a part: temporary file, fsync, rename. Makes the folder. */
export async function replaceFile(path: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
  const folder = dirname(path);
  await makeFolder(folder);
  const temporary = join(folder, `.${basename(path)}.${process.pid}.${Math.random().toString(36).slice(2)}.tmp`);
  try {
    const file = await open(temporary, 'wx');
    try {
      await write(file);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Bytes in one call to the system, which takes 2 GiB at most; views of bytes end at 4. */
const pieceBytes = 2 ** 30;

function* piecesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Generator<Uint8Array> {
  for (let start = 0; start < byteLength; start += pieceBytes) yield new Uint8Array(buffer, byteOffset + start, Math.min(pieceBytes, byteLength - start));
}

/** Writes values of any size where the file stands. */
export async function writeValues(file: FileHandle, values: ArrayBufferView): Promise<void> {
  for (const piece of piecesOf(values)) await file.writeFile(piece);
}

/** Fills `values`, of any size, with what stands at a place of the file. False where it ends before. */
export async function readValues(file: FileHandle, at: number, values: ArrayBufferView): Promise<boolean> {
  let place = at;
  for (const piece of piecesOf(values)) {
    for (let done = 0; done < piece.length;) {
      const { bytesRead } = await file.read(piece, done, piece.length - done, place);
      if (bytesRead === 0) return false;
      done += bytesRead;
      place += bytesRead;
    }
  }
  return true;
}

/** `replaceFile` with all of the content at once. */
export const writeFileAtomic = (path: string, data: string | Uint8Array): Promise<void> => replaceFile(path, (file) => file.writeFile(data));

/** Reads and parses a JSON file. The caller validates it. */
export const readJson = async (path: string): Promise<unknown> => JSON.parse(await readFile(path, 'utf8')) as unknown;

/** The code of an error of the system. */
export const codeOf = (error: unknown): string | undefined =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

/** Whether an error, or what caused it, says that there is no space left (or no quota). */
export function isDiskFull(error: unknown): boolean {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth++) {
    const code = codeOf(at);
    if (code === 'ENOSPC' || code === 'EDQUOT') return true;
  }
  return false;
}
