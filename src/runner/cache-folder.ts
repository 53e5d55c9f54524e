import { resolve } from 'node:path';
import envPaths from 'env-paths';

/** What this machine has found out about itself, outside of any store: MASKBENCH_CACHE, else the user's cache folder. */
export const cacheFolder = (): string => resolve(process.env['MASKBENCH_CACHE'] || envPaths('maskbench', { suffix: '' }).cache);
