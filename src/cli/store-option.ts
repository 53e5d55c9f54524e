import { stat } from 'node:fs/promises';
import { UsageError } from '../errors.js';
import type { Store } from '../runner/store.js';
import { pathName } from './path-name.js';

export const storeOption = ['--store <dir>', 'folder of finished jobs (else MASKBENCH_STORE, else .maskbench/store)', pathName] as const;

interface Place { readonly folder: string; readonly state: 'none' | 'no-store' | 'store' }

/** What lies where the store should be. A folder is one by its store.json; whatever cannot be looked into is for `openStore` to explain. */
async function placeOf(option: string | undefined): Promise<Place> {
  const [{ storeFolder }, { isMissing }, { layoutOf }] = await Promise.all([import('../runner/store.js'), import('../runner/store/disk.js'), import('../runner/store/layout.js')]);
  const folder = storeFolder(option);
  const there = await stat(folder).catch((error: unknown) => (isMissing(error) ? null : undefined));
  if (there === null) return { folder, state: 'none' };
  if (there?.isDirectory() !== true) return { folder, state: 'store' };
  const missing = await stat(layoutOf(folder).formatFile).then(() => false, isMissing);
  return { folder, state: missing ? 'no-store' : 'store' };
}

/** The store, null where there is none: looking for something in it makes none, of a folder with other things neither. */
export async function storeIfThere(option: string | undefined): Promise<Store | null> {
  const { folder, state } = await placeOf(option);
  if (state !== 'store') return null;
  const { openStore } = await import('../runner/store.js');
  return openStore(folder);
}

/** The same, an error where there is none. */
export async function existingStore(option: string | undefined): Promise<Store> {
  const { folder, state } = await placeOf(option);
  if (state === 'none') throw new UsageError('There is no store', { where: folder, fix: 'Name it with --store DIR or MASKBENCH_STORE, or run a suite first.' });
  if (state === 'no-store') throw new UsageError('This folder is no store: it has no store.json', { where: folder, fix: 'Name the store with --store DIR or MASKBENCH_STORE, or run a suite first.' });
  const { openStore } = await import('../runner/store.js');
  return openStore(folder);
}
