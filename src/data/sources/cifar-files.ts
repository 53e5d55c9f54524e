import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dataFolder, missing } from './data-path.js';

/** Binary layout of the CIFAR sets: label bytes, then 3 planes of 32 x 32 bytes (red, green, blue), row-major. */
export const cifarSide = 32;
const planes = cifarSide * cifarSide * 3;

export interface CifarLayout {
  readonly source: string;
  /** Label bytes a record: CIFAR-10 has the class, CIFAR-100 the superclass and the class. */
  readonly labelBytes: 1 | 2;
  readonly trainFiles: RegExp;
  readonly testFile: string;
  readonly classFile: string;
  readonly groupFile: string | null;
  readonly classes: number;
  readonly groups: number;
  /** For people. */
  readonly description: string;
}

export interface CifarFile { readonly name: string; readonly split: 'train' | 'test'; readonly bytes: Uint8Array; readonly records: number }
export interface CifarData {
  readonly folder: string;
  readonly files: readonly CifarFile[];
  readonly classNames: readonly string[];
  readonly groupNames: readonly string[] | null;
}

export const recordLength = (layout: CifarLayout): number => layout.labelBytes + planes;

/** A pattern of file names as people write it: `data_batch_*.bin`. */
const shownName = ({ source }: RegExp): string => source.replaceAll('\\d+', '*').replace(/[\\^$]/g, '');

/** Names of the files that make the set, checked to be there. DataError with the expected layout. */
export async function cifarFileNames(path: string, layout: CifarLayout): Promise<{ folder: string; train: string[]; test: string; names: string[] }> {
  const folder = await dataFolder(path, layout.source, layout.description);
  const present = new Set(await readdir(folder));
  const train = [...present].filter((name) => layout.trainFiles.test(name)).sort();
  const wrong = (name: string): never => {
    throw missing(join(folder, name), 'there is no such file', layout.source, layout.description, path);
  };
  if (train.length === 0) wrong(shownName(layout.trainFiles));
  const names = layout.groupFile === null ? [layout.classFile] : [layout.classFile, layout.groupFile];
  for (const name of [layout.testFile, ...names]) if (!present.has(name)) wrong(name);
  return { folder, train, test: layout.testFile, names };
}

/** Reads and checks every file. DataError for a file that is cut short or holds a label that its list has no name for. */
export async function readCifar(path: string, layout: CifarLayout): Promise<CifarData> {
  const { folder, train, test } = await cifarFileNames(path, layout);
  const wrong = (name: string, message: string): never => {
    throw missing(join(folder, name), message, layout.source, layout.description, path);
  };
  const lines = async (name: string, count: number): Promise<readonly string[]> => {
    const found = (await readFile(join(folder, name), 'utf8')).split('\n').map((line) => line.trim()).filter((line) => line !== '');
    if (found.length !== count) wrong(name, `names ${found.length} labels, ${count} are expected`);
    if (new Set(found).size !== count) wrong(name, 'names a label twice');
    return found;
  };
  const classNames = await lines(layout.classFile, layout.classes);
  const groupNames = layout.groupFile === null ? null : await lines(layout.groupFile, layout.groups);
  const length = recordLength(layout);
  const open = async (name: string, split: 'train' | 'test'): Promise<CifarFile> => {
    const bytes = await readFile(join(folder, name));
    if (bytes.length === 0 || bytes.length % length !== 0) wrong(name, `has ${bytes.length} bytes, not a multiple of ${length} (one image)`);
    const records = bytes.length / length;
    for (let i = 0; i < records; i++) {
      const label = bytes[(i + 1) * length - planes - 1]!;
      if (label >= layout.classes) wrong(name, `image ${i} has the label ${label}, there are ${layout.classes}`);
      if (layout.labelBytes === 2 && bytes[i * length]! >= layout.groups) wrong(name, `image ${i} has the superclass ${bytes[i * length]!}, there are ${layout.groups}`);
    }
    return { name, split, bytes, records };
  };
  const files: CifarFile[] = [];
  for (const name of train) files.push(await open(name, 'train'));
  files.push(await open(test, 'test'));
  return { folder, files, classNames, groupNames };
}

/** Planes to interleaved RGB: uint8 [32, 32, 3] into `target` at `offset`. */
export function interleave(bytes: Uint8Array, start: number, target: Uint8Array, offset: number): void {
  const plane = cifarSide * cifarSide;
  for (let i = 0; i < plane; i++) {
    target[offset + 3 * i] = bytes[start + i]!;
    target[offset + 3 * i + 1] = bytes[start + plane + i]!;
    target[offset + 3 * i + 2] = bytes[start + 2 * plane + i]!;
  }
}
