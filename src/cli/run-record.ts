import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../errors.js';
import type { RunRecord } from '../results/types.js';

const fix = 'Name the folder of a report, or its results.json, that `maskbench run` has written.';

/** The record of a run: `place` is its results.json or the folder with it. UsageError where there is none to read. */
export async function readRunRecord(place: string): Promise<RunRecord> {
  const { validateRunRecord } = await import('../results/schema.js');
  const folder = await stat(place).then((found) => found.isDirectory(), () => false);
  const file = folder ? join(place, 'results.json') : place;
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new UsageError(`cannot be read: ${(cause as Error).message}`, { where: file, fix, cause });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new UsageError(`is not JSON: ${(cause as Error).message}`, { where: file, fix, cause });
  }
  return validateRunRecord(value, file);
}
