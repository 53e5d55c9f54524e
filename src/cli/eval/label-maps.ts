import { readdir } from 'node:fs/promises';
import { filesUnder } from '../../data/sources/image-files.js';
import { DataError } from '../../errors.js';
import { systemReason } from '../../system-reason.js';

/** The visible PNG files under a folder, relative to it, in order of names; links are followed. DataError where there is none. */
async function pngFiles(folder: string): Promise<readonly string[]> {
  await readdir(folder).catch((cause: unknown) => {
    throw new DataError(`the folder cannot be read: ${systemReason(cause)}`, { where: folder, fix: 'Name a folder of PNG label maps.', cause });
  });
  const files = (await filesUnder(folder)).filter((file) => /\.png$/i.test(file));
  if (files.length === 0) throw new DataError('holds no PNG file', { where: folder, fix: 'Name a folder of PNG label maps.' });
  return files;
}

export interface Pairs {
  readonly names: readonly string[];
  /** Predictions of which there is no truth. */
  readonly leftOut: readonly string[];
}

/** The label maps of the truth, each with a prediction of the same name. DataError names what has none. */
export async function pairsOf(truth: string, predicted: string): Promise<Pairs> {
  const names = await pngFiles(truth);
  const others = new Set(await pngFiles(predicted));
  const missing = names.filter((name) => !others.has(name));
  if (missing.length > 0) {
    throw new DataError(`has no ${missing[0]}${missing.length > 1 ? ` and ${missing.length - 1} more` : ''}`, { where: predicted, fix: `Each file of ${truth} needs a prediction of the same name.` });
  }
  const known = new Set(names);
  return { names, leftOut: [...others].filter((name) => !known.has(name)) };
}
