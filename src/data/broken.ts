import { repairStore, StoreError } from '../errors.js';

/** What is said of a file of a prepared set that is not as it was written. */
export const broken = (path: string, message: string, cause?: unknown): StoreError =>
  new StoreError(message, { where: path, fix: repairStore, ...(cause === undefined ? {} : { cause }) });
