import { readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { DataError } from '../../errors.js';

/** Leftovers of file managers, passed over like hidden files. */
const leftovers = new Set(['__MACOSX', 'Thumbs.db', 'desktop.ini']);

/** Hidden files and leftovers are no part of a data set. */
export const isHidden = (name: string): boolean => name.startsWith('.') || leftovers.has(name);

export interface Entry { readonly name: string; readonly isFolder: boolean }

/** Visible entries of a folder in a fixed order (by UTF-16 code units). Links are followed; a broken one counts as a file. */
export async function entriesOf(folder: string): Promise<readonly Entry[]> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new DataError('the folder cannot be read', { where: folder, fix: 'Check its permissions.', cause });
  });
  const visible = names.filter((name) => !isHidden(name)).sort();
  return Promise.all(visible.map(async (name) => ({ name, isFolder: (await stat(join(folder, name)).catch(() => null))?.isDirectory() ?? false })));
}

/**
 * Every visible file under a folder, as paths relative to it with `/`, in order of names. A link to a folder is followed,
 * but not to one that is already open on the way down or lies above it: that is a loop and holds nothing new.
 */
export async function filesUnder(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  const walk = async (inside: string, open: readonly string[]): Promise<void> => {
    const real = await realpath(join(folder, inside));
    if (open.some((path) => path === real || path.startsWith(real === sep ? sep : real + sep))) return;
    for (const { name, isFolder } of await entriesOf(join(folder, inside))) {
      const path = inside === '' ? name : `${inside}/${name}`;
      if (isFolder) await walk(path, [...open, real]);
      else found.push(path);
    }
  };
  await walk('', []);
  return found;
}
