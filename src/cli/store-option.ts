import { existsSync } from 'node:fs';
import { UsageError } from '../errors.js';
import type { Store } from '../runner/store.js';

export const storeOption = ['--store <dir>', 'folder of finished jobs (else MASKBENCH_STORE, else .maskbench/store)'] as const;

/** The store, null where there is none: looking for something in it makes none. */
export async function storeIfThere(option: string | undefined): Promise<Store | null> {
  const { openStore, storeFolder } = await import('../runner/store.js');
  const folder = storeFolder(option);
  return existsSync(folder) ? openStore(folder) : null;
}

/** The same, an error where there is none. */
export async function existingStore(option: string | undefined): Promise<Store> {
  const store = await storeIfThere(option);
  if (store !== null) return store;
  const { storeFolder } = await import('../runner/store.js');
  throw new UsageError('There is no store', { where: storeFolder(option), fix: 'Name it with --store DIR or MASKBENCH_STORE, or run a suite first.' });
}
