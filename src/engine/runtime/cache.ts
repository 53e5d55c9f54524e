import { join } from 'node:path';
import { cacheFolder } from '../../cache-folder.js';

/** Where things are inside the cache. */
export interface CacheLayout {
  readonly root: string;
  readonly runtimes: string;
  readonly addons: string;
  /** Everything unfinished: one folder a set-up. */
  readonly work: string;
  readonly logs: string;
  readonly lock: string;
}

export function cacheLayout(root = cacheFolder()): CacheLayout {
  return { root, runtimes: join(root, 'runtimes'), addons: join(root, 'addons'), work: join(root, 'work'), logs: join(root, 'logs'), lock: join(root, 'set-up.lock') };
}
