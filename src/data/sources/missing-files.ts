import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError } from '../../errors.js';
import { filesAtOnce, mapInParallel } from './each-in-parallel.js';

/** A file that something names: its path in the folder, and by what and where it is named. */
export interface NamedFile { readonly name: string; readonly by: string; readonly where: string }

/** DataError where one of the files is not there: what is tested would be less than the annotations say, and no number would show it. */
export async function refuseMissingFiles(folder: string, files: readonly NamedFile[]): Promise<void> {
  const found = await mapInParallel(files, filesAtOnce, ({ name }) => stat(join(folder, name)).then(() => true, () => false));
  const missing = files.filter((_, i) => !found[i]);
  if (missing.length === 0) return;
  const { name, by, where } = missing[0]!;
  const more = missing.length === 1 ? '' : `, and ${missing.length - 1} more of ${files.length} are missing`;
  throw new DataError(`${by} is the file ${join(folder, name)}, which is not there${more}`, {
    where, fix: 'Fetch the pictures, correct the folder of the suite, or leave them out of the annotations.', data: { missing: missing.map((one) => one.name) },
  });
}
