import { open, stat, type FileHandle } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { StoreError } from '../errors.js';
import { isObject, readJson, replaceFile, sha256File, writeFileAtomic } from '../files.js';
import { broken } from './broken.js';
import { copiesOf, pixelHash, type Copy } from './copies.js';
import { isPixels, type Annotations } from './dense.js';
import type { ImageIndex, ImageRecord, PreparedSet, Unreadable } from './image-set.js';
import { readAnnotationFiles, writeAnnotationFiles } from './prepared-annotations.js';
import type { Preparation } from './source.js';

/**
 * Files of a prepared image set: `pixels.bin` (uint8 [n, size, size, channels]), `crops.bin` (the same pictures larger, where random
 * crops are cut from such) and `index.json` (all the rest); those of its annotations, where it has some, are told of in
 * prepared-annotations.ts.
 */
const pixelsFile = 'pixels.bin';
const cropsFile = 'crops.bin';
const indexFile = 'index.json';

/**
 * Bytes of pixels up to which a set is read into memory. A worker keeps two sets, and there is a worker a core: more than
 * this would not fit everywhere, and a picture that is read from the page cache costs little beside its augmentation.
 */
export const mostBytesInMemory = 512 * 2 ** 20;

interface StoredIndex {
  readonly schema: 1;
  readonly name: string;
  readonly size: number;
  readonly channels: 3 | 4;
  readonly records: readonly ImageRecord[];
  readonly classes?: readonly string[];
  readonly unreadable: readonly Unreadable[];
  /** SHA-256 of pixels.bin. */
  readonly pixels: string;
  /** Side of the pictures in crops.bin, and its SHA-256. Absent: there is none. */
  readonly crops?: { readonly size: number; readonly pixels: string };
  /** SHA-256 of annotations.jsonl. Absent: the set has no annotations. */
  readonly annotations?: string;
}

/** What decoding showed. */
export interface Decoded { readonly unreadable: readonly Unreadable[]; readonly copies: readonly Copy[] }

/**
 * Decodes a set into a folder, which is made where missing, without ever holding it in memory. Pictures that cannot be
 * decoded are listed, and zero. The index comes last: a folder with an index is complete.
 */
export async function writePrepared(folder: string, preparation: Preparation): Promise<Decoded> {
  const { name, size, channels, records, classes, crops: side } = preparation;
  const length = size * size * channels;
  const [path, cropsPath] = [join(folder, pixelsFile), join(folder, cropsFile)];
  let unreadable: readonly Unreadable[] = [];
  const hashes: (string | undefined)[] = records.map(() => undefined);
  const write = async (file: FileHandle, larger?: FileHandle): Promise<void> => {
    const cropLength = larger === undefined ? 0 : side! * side! * channels;
    await file.truncate(records.length * length);
    await larger?.truncate(records.length * cropLength);
    unreadable = await preparation.decode(async (index, pixels, crops) => {
      if (pixels.length !== length || (crops?.length ?? 0) !== cropLength || records[index] === undefined) {
        throw new RangeError(`writePrepared: ${pixels.length} and ${crops?.length ?? 0} bytes for picture ${index} of ${name}, which has ${records.length} of ${length} and ${cropLength}`);
      }
      if (records[index].split !== null) hashes[index] = pixelHash(pixels);
      await writeAll(file, pixels, index * length);
      if (crops !== undefined) await writeAll(larger!, crops, index * cropLength);
    });
  };
  await replaceFile(path, (file) => (side === undefined ? write(file) : replaceFile(cropsPath, (larger) => write(file, larger))));
  const crops = side === undefined ? {} : { crops: { size: side, pixels: await sha256File(cropsPath) } };
  const annotations = preparation.annotations === undefined ? {} : { annotations: await writeAnnotationFiles(folder, await preparation.annotations(), records.length) };
  const index: StoredIndex = { schema: 1, name, size, channels, records, ...classesOf(classes), unreadable, pixels: await sha256File(path), ...crops, ...annotations };
  await writeFileAtomic(join(folder, indexFile), `${JSON.stringify(index)}\n`);
  return { unreadable, copies: copiesOf(records, hashes) };
}

const classesOf = (classes: readonly string[] | undefined) => (classes === undefined ? {} : { classes });

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) done += (await file.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
}

/** Reads the records of a prepared set, without its pixels. StoreError where the file is missing or malformed. */
export async function readImageIndex(folder: string): Promise<ImageIndex> {
  const { name, records, classes, unreadable } = await readIndex(folder);
  return { name, records, ...classesOf(classes), unreadable };
}

/**
 * Reads a prepared set; one with more bytes of pixels than `mostBytes` is left in its file, as larger pictures to crop always are.
 * StoreError where a file is missing, malformed or not the one that was written (what stays in its file is checked by its length
 * only: reading all of it would cost more than some trainings; \`maskbench store verify\` does).
 */
export async function readPreparedSet(folder: string, mostBytes: number = mostBytesInMemory): Promise<PreparedSet> {
  const { name, size, channels, records, classes, unreadable, pixels: hash, crops } = await readIndex(folder);
  const described = { name, size, channels, records, ...classesOf(classes), unreadable };
  const path = join(folder, pixelsFile);
  const expected = records.length * size * size * channels;
  const set = crops === undefined ? described : { ...described, crops: { ...described, size: crops.size, pixelsFile: await fileOfLength(join(folder, cropsFile), records.length * crops.size ** 2 * channels) } };
  try {
    const file = await open(path, 'r');
    try {
      const { size: bytes } = await file.stat();
      if (bytes !== expected) throw broken(path, `has ${bytes} bytes, its index needs ${expected}`);
      if (expected > mostBytes) return { ...set, pixelsFile: path };
      return { ...set, pixels: await readPixels(file, expected, hash, path) };
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw cause instanceof StoreError ? cause : broken(path, 'cannot be read', cause);
  }
}

/** The path of a file that has so many bytes. */
async function fileOfLength(path: string, expected: number): Promise<string> {
  const { size } = await stat(path).catch((cause: unknown) => {
    throw broken(path, 'cannot be read', cause);
  });
  if (size !== expected) throw broken(path, `has ${size} bytes, its index needs ${expected}`);
  return path;
}

/**
 * Reads what is in the pictures of a prepared set. StoreError where the set has no annotations, or a file is missing, malformed
 * or not the one that was written (what has more than `mostBytes` stays in its file; label maps are then checked by its length only).
 */
export async function readAnnotations(folder: string, mostBytes: number = mostBytesInMemory): Promise<Annotations> {
  const { records, annotations } = await readIndex(folder);
  if (annotations === undefined) throw broken(join(folder, indexFile), 'belongs to a set without annotations');
  return readAnnotationFiles(folder, annotations, records.length, mostBytes);
}


const pieceBytes = 2 ** 22;

/** All pixels, in memory that threads share. */
async function readPixels(file: FileHandle, length: number, hash: string, path: string): Promise<Uint8Array> {
  const pixels = new Uint8Array(new SharedArrayBuffer(length));
  const sum = createHash('sha256');
  for (let done = 0; done < length;) {
    const { bytesRead } = await file.read(pixels, done, Math.min(pieceBytes, length - done), done);
    if (bytesRead === 0) throw broken(path, `ends at byte ${done}`);
    sum.update(pixels.subarray(done, done + bytesRead));
    done += bytesRead;
  }
  if (sum.digest('hex') !== hash) throw broken(path, 'is not the file that was written (its SHA-256 differs)');
  return pixels;
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

const isHash = (value: unknown): boolean => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
const isText = (value: unknown): boolean => typeof value === 'string';
const isTextOrNull = (value: unknown): boolean => value === null || typeof value === 'string';

/** Why the value is not a stored index; null when it is one. */
function problemOf(value: unknown): string | null {
  if (!isObject(value)) return 'holds no object';
  if (value['schema'] !== 1) return `has schema ${JSON.stringify(value['schema'])}, this version reads 1`;
  if (!isText(value['name'])) return 'has no name';
  const size = value['size'];
  if (!isPixels(size)) return `has size ${JSON.stringify(size)}, not a positive integer`;
  if (value['channels'] !== 3 && value['channels'] !== 4) return `has channels ${JSON.stringify(value['channels'])}, not 3 or 4`;
  if (!isHash(value['pixels'])) return 'has no SHA-256 of the pixels';
  if (value['annotations'] !== undefined && !isHash(value['annotations'])) return 'has no SHA-256 of the annotations';
  const { crops, records, classes, unreadable } = value;
  if (crops !== undefined && !(isObject(crops) && isPixels(crops['size']) && isHash(crops['pixels']))) return 'has larger pictures without a size or a SHA-256';
  if (classes !== undefined && !(Array.isArray(classes) && classes.every(isText))) return 'has no list of classes';
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
