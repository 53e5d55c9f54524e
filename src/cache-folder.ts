import { resolve } from 'node:path';
import envPaths from 'env-paths';

/** Where things are kept that can be made again, outside of any store: MASKBENCH_CACHE, else the user's cache folder. Absolute. */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const named = environment['MASKBENCH_CACHE'];
  return named === undefined || named === '' ? envPaths('maskbench', { suffix: '' }).cache : resolve(named);
}
