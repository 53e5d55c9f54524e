import { join, resolve } from 'node:path';
import envPaths from 'env-paths';

/** The user's cache folder: MASKBENCH_CACHE, else the platform's place for caches. */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const named = environment['MASKBENCH_CACHE'];
  return named === undefined || named === '' ? envPaths('maskbench', { suffix: '' }).cache : resolve(named);
}

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
