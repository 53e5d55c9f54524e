import { readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isTemporaryName, makeFolder, writeFileAtomic } from '../../files.js';
import { filesUnder } from './disk.js';
import type { Layout } from './layout.js';
import { commitObject, resultName } from './object.js';

export interface Work {
  /** Becomes the object. Empty at the start. */
  readonly out: string;
  /** Checkpoints. */
  readonly scratch: string;
  /** Checkpoints of an interrupted attempt are there. */
  readonly resumed: boolean;
  /** Set when checkpoints were dropped, with the reason. */
  readonly dropped: string | null;
}

/** Whether a killed process has left whole files. Those that it had not finished are removed. */
async function hasWholeFiles(folder: string): Promise<boolean> {
  const files = (await filesUnder(folder)).map(({ path }) => path);
  const unfinished = files.filter((path) => isTemporaryName(basename(path)));
  for (const path of unfinished) await rm(join(folder, path), { force: true });
  return files.length > unfinished.length;
}

const originOf = async (file: string): Promise<unknown> => {
  try {
    return (JSON.parse(await readFile(file, 'utf8')) as { machine?: unknown }).machine;
  } catch {
    return undefined;
  }
};

/**
 * Opens the folder of a job that is about to run. Half-written artifacts and files are thrown away; checkpoints are kept when they
 * come from this machine (bit-equality holds on one machine only), and dropped otherwise. The caller holds the job's lock.
 */
export async function beginWork(layout: Layout, key: string, machine: string): Promise<Work> {
  const folder = layout.workOf(key);
  const out = join(folder, 'out');
  const scratch = join(folder, 'scratch');
  const originFile = join(folder, 'origin.json');
  await rm(out, { recursive: true, force: true });
  let dropped: string | null = null;
  await makeFolder(scratch);
  let resumed = await hasWholeFiles(scratch);
  if (resumed && (await originOf(originFile)) !== machine) {
    dropped = 'the checkpoints come from another machine or another tensor runtime';
    resumed = false;
    await rm(scratch, { recursive: true, force: true });
  }
  await makeFolder(out);
  // The origin is on the disk before any checkpoint is.
  await writeFileAtomic(originFile, `${JSON.stringify({ machine })}\n`);
  await makeFolder(scratch);
  return { out, scratch, resumed, dropped };
}

/** Adds result.json, makes the object, and only then drops the checkpoints. */
export async function finishWork(layout: Layout, key: string, work: Work, result: unknown): Promise<void> {
  await writeFileAtomic(join(work.out, resultName), `${JSON.stringify(result)}\n`);
  await commitObject(layout, key, work.out);
  await rm(layout.failure(key), { force: true });
  await rm(layout.workOf(key), { recursive: true, force: true });
}
