import { access, constants, writeFile } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { UsageError } from '../errors.js';
import { makeFolder, replaceFile } from '../files.js';
import type { RunRecord } from '../results/types.js';
import { systemReason } from '../system-reason.js';
import { csv } from './csv.js';
import { reportData, type Format, type OtherRun } from './format.js';
import { html } from './html.js';
import { json } from './json.js';
import { latex } from './latex.js';
import { markdown } from './markdown.js';

/** Every output format: one line to add one. */
export const formats: readonly Format[] = [html, csv, json, markdown, latex];

const unwritable = (outDir: string, cause: unknown, what: string): UsageError =>
  new UsageError(`the report cannot be written: ${systemReason(cause)}`, { where: outDir, fix: `Name a folder that can be written (--out DIR). ${what}`, cause });

const safe = 'The results are safe in the store: `maskbench report SUITE` writes the report from them.';

/** Makes the report's folder. UsageError where it cannot be made or written; `what` says how things stand then, by default before a run. */
export async function makeReportFolder(outDir: string, what = 'No job has been started.'): Promise<void> {
  try {
    await makeFolder(outDir);
    await access(outDir, constants.W_OK);
  } catch (cause) {
    throw unwritable(outDir, cause, what);
  }
}

/**
 * Writes every format into `outDir`, each file atomically, with what is not the same as in `other` and links to the logs in the folder `store`. Returns the paths, in the order of `formats`. UsageError where
 * the folder cannot be written.
 */
export async function writeReports(record: RunRecord, outDir: string, { other = null, store = null }: { readonly other?: OtherRun | null; readonly store?: string | null } = {}): Promise<readonly string[]> {
  await makeReportFolder(outDir, safe);
  const data = reportData(record, other, store === null ? null : relative(resolve(outDir), resolve(store)).split(sep).join('/'));
  // All are rendered first: a format that throws leaves the former report as it was.
  const files = await Promise.all(formats.map(async (format) => ({ path: join(outDir, format.file), text: format.pieces?.(data) ?? [await format.render(data)] })));
  try {
    for (const { path, text } of files) await replaceFile(path, (file) => writeFile(file, text));
  } catch (cause) {
    throw unwritable(outDir, cause, safe);
  }
  return files.map(({ path }) => path);
}
