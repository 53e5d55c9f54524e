import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, writeFileAtomic } from '../../files.js';
import { isMissing } from './disk.js';
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

const entriesOf = async (folder: string): Promise<readonly string[]> => {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
};

const originOf = async (file: string): Promise<unknown> => {
  try {
    return (JSON.parse(await readFile(file, 'utf8')) as { machine?: unknown }).machine;
  } catch {
    return undefined;
  }
};

/**
 * Opens the folder of a job that is about to run. Half-written artifacts are thrown away; checkpoints are kept when they
 * come from this machine (bit-equality holds on one machine only), and dropped otherwise. The caller holds the job's lock.
 */
export async function beginWork(layout: Layout, key: string, machine: string): Promise<Work> {
  const folder = layout.workOf(key);
  const out = join(folder, 'out');
  const scratch = join(folder, 'scratch');
  const originFile = join(folder, 'origin.json');
  await rm(out, { recursive: true, force: true });
  let dropped: string | null = null;
  let resumed = (await entriesOf(scratch)).length > 0;
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
