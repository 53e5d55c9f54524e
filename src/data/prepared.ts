import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreError } from '../errors.js';
import { readJson, sha256, writeFileAtomic } from '../files.js';
import type { ImageIndex, ImageRecord, ImageSet, Unreadable } from './image-set.js';

/** Files of a prepared image set: `pixels.bin` (uint8 [n, size, size, channels]) and `index.json` (all the rest). */
const pixelsFile = 'pixels.bin';
const indexFile = 'index.json';

interface StoredIndex {
  readonly schema: 1;
  readonly name: string;
  readonly size: number;
  readonly channels: 3 | 4;
  readonly records: readonly ImageRecord[];
  readonly unreadable: readonly Unreadable[];
  /** SHA-256 of pixels.bin. */
  readonly pixels: string;
}

/** Writes a set into a folder, which is made where missing. The index comes last: a folder with an index is complete. */
export async function writeImageSet(folder: string, set: ImageSet): Promise<void> {
  const { name, size, channels, records, unreadable, pixels } = set;
  const expected = records.length * size * size * channels;
  if (pixels.length !== expected) throw new RangeError(`writeImageSet: ${name} has ${pixels.length} bytes of pixels, its index needs ${expected}`);
  await writeFileAtomic(join(folder, pixelsFile), pixels);
  const index: StoredIndex = { schema: 1, name, size, channels, records, unreadable, pixels: sha256(pixels) };
  await writeFileAtomic(join(folder, indexFile), `${JSON.stringify(index)}\n`);
}

/** Reads the records of a prepared set, without its pixels. StoreError where the file is missing or malformed. */
export async function readImageIndex(folder: string): Promise<ImageIndex> {
  const { name, records, unreadable } = await readIndex(folder);
  return { name, records, unreadable };
}

/** Reads a prepared set. StoreError where a file is missing, malformed or not the one that was written. */
export async function readImageSet(folder: string): Promise<ImageSet> {
  const { name, size, channels, records, unreadable, pixels: hash } = await readIndex(folder);
  const path = join(folder, pixelsFile);
  const pixels = await readFile(path).catch((cause: unknown) => {
    throw broken(path, 'cannot be read', cause);
  });
  const expected = records.length * size * size * channels;
  if (pixels.length !== expected) throw broken(path, `has ${pixels.length} bytes, its index needs ${expected}`);
  if (sha256(pixels) !== hash) throw broken(path, 'is not the file that was written (its SHA-256 differs)');
  return { name, size, channels, records, unreadable, pixels };
}

async function readIndex(folder: string): Promise<StoredIndex> {
  const path = join(folder, indexFile);
  const value = await readJson(path).catch((cause: unknown) => {
    throw broken(path, 'cannot be read', cause);
  });
  const problem = problemOf(value);
  if (problem !== null) throw broken(path, problem);
  return value as StoredIndex;
}

const broken = (path: string, message: string, cause?: unknown): StoreError =>
  new StoreError(message, { where: path, fix: 'Run `maskbench store verify`, remove what it names and run again.', ...(cause === undefined ? {} : { cause }) });

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): boolean => typeof value === 'string';
const isTextOrNull = (value: unknown): boolean => value === null || typeof value === 'string';

/** Why the value is not a stored index; null when it is one. */
function problemOf(value: unknown): string | null {
  if (!isObject(value)) return 'holds no object';
  if (value['schema'] !== 1) return `has schema ${JSON.stringify(value['schema'])}, this version reads 1`;
  if (!isText(value['name'])) return 'has no name';
  const size = value['size'];
  if (!Number.isInteger(size) || (size as number) < 1) return `has size ${JSON.stringify(size)}, not a positive integer`;
  if (value['channels'] !== 3 && value['channels'] !== 4) return `has channels ${JSON.stringify(value['channels'])}, not 3 or 4`;
  if (typeof value['pixels'] !== 'string' || !/^[0-9a-f]{64}$/.test(value['pixels'])) return 'has no SHA-256 of the pixels';
  const { records, unreadable } = value;
  if (!Array.isArray(records)) return 'has no list of records';
  const ids = new Set<unknown>();
  for (const [i, record] of (records as readonly unknown[]).entries()) {
    if (!isRecord(record)) return `has a malformed record ${i}`;
    if (ids.has(record['id'])) return `has two records with the id ${JSON.stringify(record['id'])}`;
    ids.add(record['id']);
  }
  if (!Array.isArray(unreadable)) return 'has no list of unreadable images';
  for (const [i, item] of (unreadable as readonly unknown[]).entries()) {
    if (!isObject(item) || !isText(item['id']) || !isText(item['reason'])) return `has a malformed unreadable image ${i}`;
    if (!ids.has(item['id'])) return `calls an image unreadable that it does not have: ${JSON.stringify(item['id'])}`;
  }
  return null;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  isObject(value) &&
  isText(value['id']) &&
  isText(value['label']) &&
  isTextOrNull(value['group']) &&
  isTextOrNull(value['domain']) &&
  [null, 'train', 'val', 'test'].includes(value['split'] as string | null) &&
  [null, 'A', 'B'].includes(value['side'] as string | null);
