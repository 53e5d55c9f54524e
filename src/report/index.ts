import { join } from 'node:path';
import { writeFileAtomic } from '../files.js';
import type { RunRecord } from '../results/types.js';
import { csv } from './csv.js';
import { reportData, type Format } from './format.js';
import { html } from './html.js';
import { json } from './json.js';
import { markdown } from './markdown.js';

/** Every output format: one line to add one. */
export const formats: readonly Format[] = [html, csv, json, markdown];

/** Writes every format into `outDir`, each file atomically. Returns the paths, in the order of `formats`. */
export async function writeReports(record: RunRecord, outDir: string): Promise<readonly string[]> {
  const data = reportData(record);
  // All are rendered first: a format that throws leaves the former report as it was.
  const files = await Promise.all(formats.map(async (format) => ({ path: join(outDir, format.file), text: await format.render(data) })));
  for (const { path, text } of files) await writeFileAtomic(path, text);
  return files.map(({ path }) => path);
}
