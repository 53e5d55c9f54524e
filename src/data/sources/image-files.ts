import { isUtf8 } from 'node:buffer';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { DataError } from '../../errors.js';

/** Leftovers of file managers, passed over like hidden files. */
const leftovers = new Set(['__MACOSX', 'Thumbs.db', 'desktop.ini']);

/** Hidden files and leftovers are no part of a data set. */
export const isHidden = (name: string): boolean => name.startsWith('.') || leftovers.has(name);

export interface Entry { readonly name: string; readonly isFolder: boolean }

/** A name with those of its bytes escaped that are not UTF-8. */
function shown(name: Buffer): string {
  let text = '';
  for (let at = 0; at < name.length;) {
    const length = [1, 2, 3, 4].find((bytes) => isUtf8(name.subarray(at, at + bytes)));
    text += length === undefined ? `\\x${name.toString('hex', at, at + 1)}` : name.toString('utf8', at, at + length);
    at += length ?? 1;
  }
  return text;
}

/**
 * Visible entries of a folder in a fixed order (by UTF-16 code units). Links are followed; a broken one counts as a file. DataError
 * for a name that is not UTF-8: nothing is found under what it decodes to.
 */
export async function entriesOf(folder: string): Promise<readonly Entry[]> {
  const names = await readdir(folder, { encoding: 'buffer' }).catch((cause: unknown) => {
    throw new DataError('the folder cannot be read', { where: folder, fix: 'Check its permissions.', cause });
  });
  const visible = names.filter((name) => !isHidden(name.toString()));
  const [wrong, ...others] = visible.filter((name) => !isUtf8(name)).map(shown).sort();
  if (wrong !== undefined) {
    throw new DataError(`the name ${wrong} is not UTF-8${others.length > 0 ? `, and ${others.length} more of ${visible.length} are not` : ''}`, { where: folder, fix: 'Rename it in UTF-8, or move it out of the folder.' });
  }
  return Promise.all(visible.map((name) => name.toString()).sort().map(async (name) => ({ name, isFolder: (await stat(join(folder, name)).catch(() => null))?.isDirectory() ?? false })));
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
