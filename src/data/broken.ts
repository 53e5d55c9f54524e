import { StoreError } from '../errors.js';

/** What is said of a file of a prepared set that is not as it was written. */
export const broken = (path: string, message: string, cause?: unknown): StoreError =>
  new StoreError(message, { where: path, fix: 'Run `maskbench store verify`, remove what it names and run again.', ...(cause === undefined ? {} : { cause }) });
