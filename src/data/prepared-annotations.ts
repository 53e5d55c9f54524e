import { createHash } from 'node:crypto';
import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreError } from '../errors.js';
import { isObject, replaceFile, sha256, sha256File } from '../files.js';
import { compressCounts, expandCounts, type Rle } from '../metrics/index.js';
import { broken } from './broken.js';
import { ignoredLabel, type AnnotatedObject, type Annotations, type PictureSize, type ToldAnnotations } from './dense.js';

/**
 * Files of a prepared set's annotations: `annotations.jsonl`, a line of JSON for the set and one for each record in turn (COCO's in one text
 * would be longer than a string can be), and, where there are label maps, `labels.bin`: uint8 [height, width] of each record in turn.
 */
const annotationsFile = 'annotations.jsonl';
const labelsFile = 'labels.bin';

/** The first line. */
interface StoredHead {
  /** 1 was one text of the whole set, in annotations.json. */
  readonly schema: 2;
  readonly classes: readonly string[];
  readonly labelClasses?: readonly string[];
  readonly leftOut?: readonly string[];
  readonly asIs?: readonly string[];
  /** SHA-256 of labels.bin; null where the set has no label maps. */
  readonly labels: string | null;
}

/** A mask as the run lengths in COCO's string; its size is that of the picture. */
interface StoredObject extends Omit<AnnotatedObject, 'mask'> { readonly mask: string | null }

/** Every further line. `objects` is null where the set has none for any picture. */
interface StoredRecord extends PictureSize { readonly objects: readonly StoredObject[] | null }

const compressed = (object: AnnotatedObject): StoredObject => ({ ...object, mask: object.mask === null ? null : compressCounts(object.mask.counts) });
const expanded = (object: StoredObject, { height, width }: PictureSize): AnnotatedObject => ({ ...object, mask: object.mask === null ? null : { size: [height, width], counts: expandCounts(object.mask) } });

/**
 * Writes the annotations of `records` records and gives the SHA-256 of annotations.jsonl. One record is in memory at a time, as text or as
 * a label map. RangeError for annotations that contradict themselves.
 */
export async function writeAnnotationFiles(folder: string, annotations: ToldAnnotations, records: number): Promise<string> {
  const { classes, labelClasses, sizes, leftOut, asIs } = annotations;
  const labels = await writeLabels(join(folder, labelsFile), annotations, records);
  if (sizes.length !== records) throw new RangeError(`annotations: has ${sizes.length} sizes, the set ${records} records`);
  const head: StoredHead = { schema: 2, classes, ...(labelClasses === undefined ? {} : { labelClasses }), ...(leftOut === undefined ? {} : { leftOut }), ...(asIs === undefined ? {} : { asIs }), labels };
  const sum = createHash('sha256');
  await replaceFile(join(folder, annotationsFile), async (file) => {
    const put = async (line: StoredHead | StoredRecord): Promise<void> => {
      const text = `${JSON.stringify(line)}\n`;
      sum.update(text);
      await file.writeFile(text);
    };
    await put(head);
    const problemOf = recordProblems(classes.length);
    for (const [index, { height, width }] of sizes.entries()) {
      const objects = annotations.objects(index);
      const problem = problemOf({ height, width, objects }, index);
      if (problem !== null) throw new RangeError(`annotations: ${problem}`);
      await put({ height, width, objects: objects?.map(compressed) ?? null });
    }
  });
  return sum.digest('hex');
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

/**
 * Reads what `writeAnnotationFiles` wrote. Where annotations.jsonl has at most `mostBytes` its text is kept, else it stays in the file; either
 * way the objects of a record become numbers when they are asked for: those of all at once take several times the room.
 * StoreError as `readAnnotations` says.
 */
export async function readAnnotationFiles(folder: string, hash: string, records: number, mostBytes: number): Promise<Annotations> {
  const path = join(folder, annotationsFile);
  const bytes = await smallFile(path, mostBytes);
  const { head, sizes, places } = await readLines(path, bytes, hash, records).catch((cause: unknown) => {
    throw cause instanceof StoreError ? cause : broken(path, 'cannot be read', cause);
  });
  const { classes, labelClasses, leftOut, asIs, labels } = head;
  const maps = labels === null ? () => null : await mapsOf(join(folder, labelsFile), labels, sizes, mostBytes);
  return {
    classes,
    ...(labelClasses === undefined ? {} : { labelClasses }),
    sizes,
    ...(leftOut === undefined ? {} : { leftOut }),
    ...(asIs === undefined ? {} : { asIs }),
    objects(index) {
      const [start, end] = of(places, index);
      const text = bytes === null ? Buffer.from(readPart(path, start, end)).toString() : bytes.toString('utf8', start, end);
      const record = JSON.parse(text) as StoredRecord;
      return record.objects?.map((object) => expanded(object, record)) ?? null;
    },
    labels: (index) => {
      of(sizes, index);
      return maps(index);
    },
  };
}

/** Bytes of a file; null where there are more than `mostBytes`. */
async function smallFile(path: string, mostBytes: number): Promise<Buffer | null> {
  try {
    return (await stat(path)).size > mostBytes ? null : await readFile(path);
  } catch (cause) {
    throw broken(path, 'cannot be read', cause);
  }
}

/** First byte of a line and the one behind its last. */
type Place = readonly [start: number, end: number];

/** Checks every line of annotations.jsonl, which are the `bytes` or else in the file, and gives the places of those of the records. */
async function readLines(path: string, bytes: Uint8Array | null, hash: string, records: number): Promise<{ readonly head: StoredHead; readonly sizes: readonly PictureSize[]; readonly places: readonly Place[] }> {
  if ((bytes === null ? await sha256File(path) : sha256(bytes)) !== hash) throw broken(path, 'is not the file that was written (its SHA-256 differs)');
  const sizes: PictureSize[] = [];
  const places: Place[] = [];
  let head: StoredHead | undefined;
  let problemOf: ReturnType<typeof recordProblems> | undefined;
  for await (const { text, place } of linesOf(bytes === null ? createReadStream(path, { highWaterMark: 1 << 20 }) : [bytes])) {
    const value = parsed(text);
    if (value === undefined) throw broken(path, `line ${places.length + 1 + (head === undefined ? 0 : 1)} is not JSON`);
    const problem = problemOf === undefined ? headProblem(value) : problemOf(withMasks(value), places.length);
    if (problem !== null) throw broken(path, problem);
    if (head === undefined) {
      head = value as StoredHead;
      problemOf = recordProblems(head.classes.length);
    } else {
      const { height, width } = value as StoredRecord;
      sizes.push({ height, width });
      places.push(place);
    }
  }
  if (head === undefined) throw broken(path, 'has no first line');
  if (places.length !== records) throw broken(path, `has lines of ${places.length} records, the set has ${records}`);
  return { head, sizes, places };
}

/** The value of a text; undefined where it is not JSON, which has no such value. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

const lineFeed = 10;

/** Lines of a file that comes in pieces, and where they lie. What stands behind the last line feed is none. */
async function* linesOf(pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<{ readonly text: string; readonly place: Place }> {
  /** Of a line of which the end has not come. */
  let begun: Uint8Array[] = [];
  let start = 0;
  for await (const piece of pieces) {
    let from = 0;
    for (let at = piece.indexOf(lineFeed); at >= 0; at = piece.indexOf(lineFeed, from)) {
      const line = Buffer.concat([...begun, piece.subarray(from, at)]);
      yield { text: line.toString(), place: [start, start + line.length] };
      start += line.length + 1;
      begun = [];
      from = at + 1;
    }
    begun.push(piece.subarray(from));
  }
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

/** Why the value is not the first line; null when it is. */
function headProblem(value: unknown): string | null {
  if (!isObject(value)) return 'holds no object';
  if (value['schema'] !== 2) return `has schema ${JSON.stringify(value['schema'])}, this version reads 2`;
  const { classes, labelClasses, leftOut, labels } = value;
  if (!isNames(classes)) return 'has no list of classes';
  if (labelClasses !== undefined && !isNames(labelClasses)) return 'has no list of the classes of label maps';
  if (leftOut !== undefined && !isNames(leftOut)) return 'has no list of what is left out';
  if (labels !== null && (typeof labels !== 'string' || !/^[0-9a-f]{64}$/.test(labels))) return 'has no SHA-256 of the label maps';
  return null;
}

/** Says of one record after the other why it is none that can follow those before it; null when it is. Masks are run lengths. */
function recordProblems(classes: number): (record: unknown, index: number) => string | null {
  const ids = new Set<number>();
  let withObjects: boolean | undefined;
  return (record, index) => {
    if (!isObject(record) || !isCount(record['height'], 1) || !isCount(record['width'], 1)) return `has a malformed size of record ${index}`;
    const { height, width, objects } = record;
    withObjects ??= objects !== null;
    if (withObjects !== (objects !== null)) return 'has objects of some records and none of others';
    if (objects === null) return null;
    if (!Array.isArray(objects)) return `has no list of the objects of record ${index}`;
    for (const object of objects as readonly unknown[]) {
      if (!isAnnotatedObject(object, classes, { height, width })) return `has a malformed object of record ${index}: ${JSON.stringify(object).slice(0, 120)}`;
      if (ids.has(object.id)) return `has two objects with the id ${object.id}`;
      ids.add(object.id);
    }
    return null;
  };
}

/** A line of a record with its masks as run lengths, which are undefined where there are none to read. */
function withMasks(record: unknown): unknown {
  if (!isObject(record) || !Array.isArray(record['objects'])) return record;
  const { height, width } = record;
  const objects = (record['objects'] as readonly unknown[]).map((object) => (isObject(object) ? { ...object, mask: object['mask'] === null ? null : { size: [height, width], counts: countsOf(object['mask']) } } : object));
  return { ...record, objects };
}

function countsOf(mask: unknown): readonly number[] | undefined {
  if (typeof mask !== 'string') return undefined;
  try {
    return expandCounts(mask);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
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
