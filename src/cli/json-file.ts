import { readFile } from 'node:fs/promises';
import { UsageError } from '../errors.js';
import { systemReason } from '../system-reason.js';

/** What a file that a person names holds; undefined where there is none and `mayMiss`. UsageError for one that cannot be read, with `fix`. */
export async function readJsonFile(file: string, fix: string, mayMiss = false): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    if (mayMiss && (cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new UsageError(`cannot be read: ${systemReason(cause)}`, { where: file, fix, cause });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UsageError(`is not JSON: ${(cause as Error).message}`, { where: file, fix, cause });
  }
}
