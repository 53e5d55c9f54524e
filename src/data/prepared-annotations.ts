import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreError } from '../errors.js';
import { isObject, replaceFile, sha256, writeFileAtomic } from '../files.js';
import type { Rle } from '../metrics/index.js';
import { broken } from './broken.js';
import { ignoredLabel, type AnnotatedObject, type Annotations, type PictureSize, type ToldAnnotations } from './dense.js';

/**
 * Files of a prepared set's annotations: `annotations.json` (classes, sizes, objects) and, where there are label maps,
 * `labels.bin`: uint8 [height, width] of each record in turn.
 */
const annotationsFile = 'annotations.json';
const labelsFile = 'labels.bin';

interface Stored {
  readonly schema: 1;
  readonly classes: readonly string[];
  readonly labelClasses?: readonly string[];
  readonly sizes: readonly PictureSize[];
  readonly leftOut?: readonly string[];
  /** By record; null where the set has no objects. */
  readonly objects: readonly (readonly AnnotatedObject[])[] | null;
  /** SHA-256 of labels.bin; null where the set has no label maps. */
  readonly labels: string | null;
}

/**
 * Writes the annotations of `records` records and gives the SHA-256 of annotations.json. Of the label maps one is in memory at a time.
 * RangeError for annotations that contradict themselves.
 */
export async function writeAnnotationFiles(folder: string, annotations: ToldAnnotations, records: number): Promise<string> {
  const { classes, labelClasses, sizes, leftOut } = annotations;
  const objects = allOrNone(Array.from({ length: records }, (_, i) => annotations.objects(i)), 'objects');
  const labels = await writeLabels(join(folder, labelsFile), annotations, records);
  const stored: Stored = { schema: 1, classes, ...(labelClasses === undefined ? {} : { labelClasses }), sizes, ...(leftOut === undefined ? {} : { leftOut }), objects, labels };
  const problem = problemOf(stored, records);
  if (problem !== null) throw new RangeError(`annotations: ${problem}`);
  const text = `${JSON.stringify(stored)}\n`;
  await writeFileAtomic(join(folder, annotationsFile), text);
  return sha256(text);
}

/** Writes the label maps, each before the next one is asked for, and gives the SHA-256 of their file; null, and no file, where there are none. */
async function writeLabels(path: string, annotations: ToldAnnotations, records: number): Promise<string | null> {
  const there = records > 0 && (await annotations.labels(0)) !== null;
  const checked = async (index: number): Promise<Uint8Array | null> => {
    const map = await annotations.labels(index);
    if ((map !== null) !== there) throw new RangeError('annotations: some records have label maps and others none');
    if (map !== null) checkLabels(map, annotations, index);
    return map;
  };
  if (!there) {
    for (let i = 0; i < records; i++) await checked(i);
    return null;
  }
  const sum = createHash('sha256');
  await replaceFile(path, async (file) => {
    for (let i = 0; i < records; i++) {
      const map = (await checked(i))!;
      sum.update(map);
      await file.writeFile(map);
    }
  });
  return sum.digest('hex');
}

function checkLabels(map: Uint8Array, { classes, labelClasses, sizes }: ToldAnnotations, index: number): void {
  const values = (labelClasses ?? classes).length;
  const { height, width } = sizes[index] ?? { height: 0, width: 0 };
  if (map.length !== height * width) throw new RangeError(`annotations: the label map of record ${index} has ${map.length} pixels, its picture ${height} x ${width}`);
  const strange = map.find((value) => value >= values && value !== ignoredLabel);
  if (strange !== undefined) throw new RangeError(`annotations: the label map of record ${index} has the value ${strange}, there are ${values} classes`);
}

function allOrNone<T>(values: readonly (T | null)[], what: string): readonly T[] | null {
  const there = values.filter((value) => value !== null);
  if (there.length === 0) return null;
  if (there.length < values.length) throw new RangeError(`annotations: some records have ${what} and others none`);
  return there;
}

/** Reads what `writeAnnotationFiles` wrote. StoreError as `readAnnotations` says. */
export async function readAnnotationFiles(folder: string, hash: string, records: number, mostBytes: number): Promise<Annotations> {
  const path = join(folder, annotationsFile);
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw broken(path, 'cannot be read', cause);
  });
  if (sha256(text) !== hash) throw broken(path, 'is not the file that was written (its SHA-256 differs)');
  const value = JSON.parse(text) as unknown;
  const problem = problemOf(value, records);
  if (problem !== null) throw broken(path, problem);
  const { classes, labelClasses, sizes, leftOut, objects, labels } = value as Stored;
  const maps = labels === null ? () => null : await mapsOf(join(folder, labelsFile), labels, sizes, mostBytes);
  return {
    classes,
    ...(labelClasses === undefined ? {} : { labelClasses }),
    sizes,
    ...(leftOut === undefined ? {} : { leftOut }),
    objects: (index) => (objects === null ? null : of(objects, index)),
    labels: (index) => {
      of(sizes, index);
      return maps(index);
    },
  };
}

function of<T>(items: readonly T[], index: number): T {
  const item = items[index];
  if (item === undefined) throw new RangeError(`annotations: there is no record ${index}, there are ${items.length}`);
  return item;
}

/** Label maps by record, from memory or from the file. */
async function mapsOf(path: string, hash: string, sizes: readonly PictureSize[], mostBytes: number): Promise<(index: number) => Uint8Array> {
  let end = 0;
  const starts = sizes.map(({ height, width }) => {
    const start = end;
    end += height * width;
    return start;
  });
  const placeOf = (index: number): readonly [start: number, end: number] => [starts[index]!, starts[index + 1] ?? end];
  const info = await stat(path).catch((cause: unknown) => {
    throw broken(path, 'cannot be read', cause);
  });
  if (info.size !== end) throw broken(path, `has ${info.size} bytes, its annotations need ${end}`);
  if (end > mostBytes) return (index) => readPart(path, ...placeOf(index));
  const bytes = await readFile(path);
  if (sha256(bytes) !== hash) throw broken(path, 'is not the file that was written (its SHA-256 differs)');
  return (index) => new Uint8Array(bytes.subarray(...placeOf(index)));
}

function readPart(path: string, start: number, end: number): Uint8Array {
  const part = new Uint8Array(end - start);
  try {
    const file = openSync(path, 'r');
    try {
      for (let done = 0; done < part.length;) {
        const read = readSync(file, part, done, part.length - done, start + done);
        if (read === 0) throw broken(path, `ends at byte ${start + done}`);
        done += read;
      }
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    throw cause instanceof StoreError ? cause : broken(path, 'cannot be read', cause);
  }
  return part;
}

const isNames = (value: unknown): value is readonly string[] => Array.isArray(value) && value.every((name) => typeof name === 'string');
const isCount = (value: unknown, least: number): value is number => Number.isInteger(value) && (value as number) >= least;

/** Why the value is not the annotations of so many records; null when it is. */
function problemOf(value: unknown, records: number): string | null {
  if (!isObject(value)) return 'holds no object';
  if (value['schema'] !== 1) return `has schema ${JSON.stringify(value['schema'])}, this version reads 1`;
  const { classes, labelClasses, sizes, leftOut, objects, labels } = value;
  if (!isNames(classes)) return 'has no list of classes';
  if (labelClasses !== undefined && !isNames(labelClasses)) return 'has no list of the classes of label maps';
  if (leftOut !== undefined && !isNames(leftOut)) return 'has no list of what is left out';
  if (!Array.isArray(sizes) || sizes.length !== records) return `has no list of ${records} sizes`;
  for (const [i, size] of (sizes as readonly unknown[]).entries()) {
    if (!isObject(size) || !isCount(size['height'], 1) || !isCount(size['width'], 1)) return `has a malformed size ${i}`;
  }
  if (labels !== null && (typeof labels !== 'string' || !/^[0-9a-f]{64}$/.test(labels))) return 'has no SHA-256 of the label maps';
  if (objects === null) return null;
  if (!Array.isArray(objects) || objects.length !== records) return `has no list of the objects of ${records} records`;
  const ids = new Set<number>();
  for (const [i, list] of (objects as readonly unknown[]).entries()) {
    if (!Array.isArray(list)) return `has no list of the objects of record ${i}`;
    for (const object of list as readonly unknown[]) {
      if (!isAnnotatedObject(object, classes.length, sizes[i] as PictureSize)) return `has a malformed object of record ${i}: ${JSON.stringify(object).slice(0, 120)}`;
      if (ids.has(object.id)) return `has two objects with the id ${object.id}`;
      ids.add(object.id);
    }
  }
  return null;
}

const isAnnotatedObject = (value: unknown, classes: number, size: PictureSize): value is AnnotatedObject =>
  isObject(value) &&
  isCount(value['id'], 0) &&
  isCount(value['category'], 0) && value['category'] < classes &&
  Array.isArray(value['box']) && value['box'].length === 4 && value['box'].every((number) => Number.isFinite(number)) &&
  Number.isFinite(value['area']) &&
  (value['mask'] === null || isRle(value['mask'], size)) &&
  typeof value['crowd'] === 'boolean' &&
  typeof value['difficult'] === 'boolean';

const isRle = (value: unknown, { height, width }: PictureSize): value is Rle => {
  if (!isObject(value) || !Array.isArray(value['size']) || !Array.isArray(value['counts'])) return false;
  const { size, counts } = value as { readonly size: readonly unknown[]; readonly counts: readonly unknown[] };
  return size.length === 2 && size[0] === height && size[1] === width &&
    counts.every((count) => isCount(count, 0)) && counts.reduce((sum, count) => sum + count, 0) === height * width;
};
