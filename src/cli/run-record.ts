import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunRecord } from '../results/types.js';
import { readJsonFile } from './json-file.js';

const fix = 'Name the folder of a report, or its results.json, that `maskbench run` has written.';

/** The record of a run: `place` is its results.json or the folder with it. UsageError where there is none to read. */
export async function readRunRecord(place: string): Promise<RunRecord> {
  const { validateRunRecord } = await import('../results/schema.js');
  const folder = await stat(place).then((found) => found.isDirectory(), () => false);
  const file = folder ? join(place, 'results.json') : place;
  return validateRunRecord(await readJsonFile(file, fix), file);
}
