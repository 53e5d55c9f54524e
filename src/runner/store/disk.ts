import { lstat, open, readdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreError } from '../../errors.js';
import { codeOf, isDiskFull } from '../../files.js';

export const isMissing = (error: unknown): boolean => codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR';
export const isTaken = (error: unknown): boolean => codeOf(error) === 'EEXIST' || codeOf(error) === 'ENOTEMPTY';
export const isForbidden = (error: unknown): boolean => ['EACCES', 'EPERM', 'EROFS'].includes(codeOf(error) ?? '');

/** The one message for a full disk. */
export async function diskFullError(root: string, cause: unknown): Promise<StoreError> {
  const free = await statfs(root).then((s) => ` (${formatBytes(s.bavail * s.bsize)} free)`, () => '');
  return new StoreError(`The disk is full${free}`, {
    where: root,
    fix: 'Nothing is lost: finished jobs and checkpoints are kept. Make room (`maskbench store gc SUITE` lists what no suite needs) or use another disk (--store DIR or MASKBENCH_STORE), then run again.',
    cause,
  });
}

/** An error of the system while the store is written, as a person needs to read it; any other error as it is. */
export async function storeErrorOf(error: unknown, root: string, what: string): Promise<unknown> {
  if (isDiskFull(error)) return diskFullError(root, error);
  if (!(error instanceof Error) || !('syscall' in error)) return error;
  return new StoreError(`${what}: ${isForbidden(error) ? 'it may not be written' : error.message}`, {
    where: root, fix: 'Name a folder that can be written (--store DIR or MASKBENCH_STORE).', cause: error,
  });
}

/** Makes the entries of a folder (renames into it, new files) last through a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } catch (error) {
    // Some file systems refuse to sync a folder; their renames are as durable as they get.
    if (!['EINVAL', 'EPERM', 'EISDIR', 'ENOTSUP'].includes(codeOf(error) ?? '')) throw error;
  } finally {
    await handle.close();
  }
}

export async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export interface FoundFile { readonly path: string; readonly bytes: number }

/** Every regular file under a folder, relative with `/`, sorted. StoreError for links and other things that are no file or folder. */
export async function filesUnder(folder: string, below = ''): Promise<readonly FoundFile[]> {
  const found: FoundFile[] = [];
  for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) found.push(...await filesUnder(folder, path));
    else if (entry.isFile()) found.push({ path, bytes: (await stat(join(folder, path))).size });
    else throw new StoreError(`${path} is neither a file nor a folder`, { where: folder, fix: 'A job may leave files and folders only, no links.' });
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Bytes of all that lies under a path, without following links; 0 where there is nothing. */
export async function bytesUnder(path: string): Promise<number> {
  try {
    const facts = await lstat(path);
    if (!facts.isDirectory()) return facts.size;
    const sizes = await Promise.all((await readdir(path)).map((name) => bytesUnder(join(path, name))));
    return sizes.reduce((sum, size) => sum + size, 0);
  } catch (error) {
    if (isMissing(error)) return 0;
    throw error;
  }
}

export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
