import { lstat, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { bytesUnder, isMissing, isTaken } from './disk.js';
import { isKey, type Layout } from './layout.js';
import { keysInUse, tryLock } from './lock.js';
import { setAside } from './object.js';

export interface GcOptions {
  /** Keys that suites need; null: no suite was named, so every object stays. */
  readonly keep: ReadonlySet<string> | null;
  /** Work folders of jobs that no kept plan has are left-overs after this time without a change. Milliseconds. */
  readonly workAgeMs: number;
}

export type GcWhat = 'object' | 'work' | 'corrupt' | 'failure' | 'log';
export interface GcItem {
  readonly what: GcWhat;
  /** Null for things that no lock guards (corrupt). */
  readonly key: string | null;
  readonly path: string;
  readonly bytes: number;
  readonly why: string;
}

export const defaultWorkAgeMs = 14 * 24 * 3600 * 1000;

const namesIn = async (folder: string): Promise<readonly string[]> => {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
};

/** Latest change of a folder and of what lies in it, two levels deep: checkpoints are renamed into work/<key>/scratch. */
async function lastChange(folder: string): Promise<number> {
  const times = [folder, ...(await namesIn(folder)).map((name) => join(folder, name))].map(async (path) => (await lstat(path)).mtimeMs);
  return Math.max(...await Promise.all(times));
}

export const objectKeys = async (layout: Layout): Promise<readonly string[]> =>
  (await Promise.all((await namesIn(layout.objects)).map((part) => namesIn(join(layout.objects, part))))).flat().filter(isKey);

/** What can go, and why. Removes nothing. */
export async function planGc(layout: Layout, options: GcOptions): Promise<readonly GcItem[]> {
  const inUse = await keysInUse(layout.locks);
  const needed = (key: string): boolean => inUse.has(key) || (options.keep?.has(key) ?? false);
  const items: GcItem[] = [];
  const add = async (what: GcWhat, key: string | null, path: string, why: string): Promise<void> => {
    items.push({ what, key, path, bytes: await bytesUnder(path), why });
  };
  const objects = await objectKeys(layout);
  if (options.keep !== null) {
    for (const key of objects) if (!needed(key)) await add('object', key, layout.object(key), 'no named suite needs it');
  }
  const finished = new Set(objects);
  for (const key of (await namesIn(layout.work)).filter(isKey)) {
    if (inUse.has(key)) continue;
    const folder = layout.workOf(key);
    if (finished.has(key)) await add('work', key, folder, 'its job is finished');
    else if (options.keep !== null && !options.keep.has(key)) await add('work', key, folder, 'no named suite needs it');
    else if (options.keep === null && Date.now() - await lastChange(folder) > options.workAgeMs) await add('work', key, folder, 'untouched for long');
  }
  for (const name of await namesIn(layout.corrupt)) await add('corrupt', null, join(layout.corrupt, name), 'set aside because it did not fit its manifest');
  if (options.keep !== null) {
    for (const name of await namesIn(layout.failed)) {
      const key = name.replace(/\.json$/, '');
      if (isKey(key) && !needed(key)) await add('failure', key, join(layout.failed, name), 'no named suite needs it');
    }
    for (const name of await namesIn(layout.logs)) {
      const key = name.replace(/\.log$/, '');
      if (isKey(key) && !needed(key)) await add('log', key, join(layout.logs, name), 'no named suite needs it');
    }
  }
  return items;
}

/** Removes what `planGc` listed. Items whose job runs at this moment, or that a command has asked for since, stay and are given back. */
export async function applyGc(layout: Layout, items: readonly GcItem[]): Promise<readonly GcItem[]> {
  const stayed: GcItem[] = [];
  for (const item of items) {
    if (item.key === null) {
      await rm(item.path, { recursive: true, force: true });
      continue;
    }
    const lock = await tryLock(layout.locks, item.key);
    if (lock === null) {
      stayed.push(item);
      continue;
    }
    try {
      if ((await keysInUse(layout.locks)).has(item.key)) {
        stayed.push(item);
        continue;
      }
      const path = item.what === 'object' ? await setAside(layout, item.key) : item.path;
      // A command that began in between may have counted on what is aside now; one that begins later sees that it is gone.
      if (path !== null && item.what === 'object' && (await keysInUse(layout.locks)).has(item.key)) {
        await putBack(layout, item.key, path);
        stayed.push(item);
      } else if (path !== null) await rm(path, { recursive: true, force: true });
    } finally {
      await lock.release();
    }
  }
  return stayed;
}

async function putBack(layout: Layout, key: string, path: string): Promise<void> {
  await rename(path, layout.object(key)).catch(async (error: unknown) => {
    if (!isTaken(error)) throw error;
    // Made anew meanwhile.
    await rm(path, { recursive: true, force: true });
  });
}
