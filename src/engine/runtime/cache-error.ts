import { cacheFolder } from '../../cache-folder.js';
import { EngineError } from '../../errors.js';

/**
 * What set-up could not do in the cache folder: its disk is full, most often. Without the system's error as a cause, which
 * would be taken for a full disk of the store.
 */
export const cacheError = (problem: string): EngineError => new EngineError(problem, {
  where: cacheFolder(),
  fix: 'Make room there, or set MASKBENCH_CACHE to a folder on another disk, and run `maskbench engine install` again. A finished download is kept.',
});
