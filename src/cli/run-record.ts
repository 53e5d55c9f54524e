import { constants } from 'node:buffer';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../errors.js';
import type { RunRecord } from '../results/types.js';
import { readJsonFile } from './json-file.js';

const fix = 'Name the folder of a report, or its results.json, that `maskbench run` has written.';

/**
 * The record of a run: `place` is its results.json or the folder with it. UsageError where there is none to read.
 *
 * @param most bytes that are read as one text
 */
export async function readRunRecord(place: string, most = constants.MAX_STRING_LENGTH): Promise<RunRecord> {
  const { validateRunRecord } = await import('../results/schema.js');
  const folder = await stat(place).then((found) => found.isDirectory(), () => false);
  const file = folder ? join(place, 'results.json') : place;
  const large = await stat(file).then(({ size }) => size > most, () => false);
  return validateRunRecord(await (large ? byLines(file) : readJsonFile(file, fix)), file);
}

async function byLines(path: string): Promise<unknown> {
  const { parseRecordLines } = await import('../results/record-text.js');
  const file = await open(path);
  try {
    return await parseRecordLines(file.readLines());
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new UsageError(`is not JSON, or too large for one text and not on the lines that maskbench writes: ${cause.message}`, { where: path, fix, cause });
  } finally {
    await file.close();
  }
}
