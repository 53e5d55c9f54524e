import { randomBytes } from 'node:crypto';
import { readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeFolder } from '../../files.js';
import { isMissing } from './disk.js';
import { isOwner, lifeOf, thisProcess, type Owner } from './owner.js';

/**
 * Locks between processes that share a store, without a server and without trusting anybody to clean up.
 *
 * Who wants a name puts down a file of his own (announces), then looks whether a living process has one for the same name.
 * Both orders of two contenders end with at most one holder: each announces before it looks, so at least one of them sees
 * the other; if both do, both step back and try again after a random wait. A dead process's file may be removed by
 * anybody at any time, since its name is never used again.
 */
export interface Lock {
  release(): Promise<void>;
}

/** A lock of another machine or container counts as held while it was touched within this time. */
export const heartbeatMs = 60_000;
export const touchEveryMs = 10_000;

interface Announcement { readonly file: string; readonly owner: Owner | null; readonly extra: unknown }

async function announcements(folder: string, name: string): Promise<readonly Announcement[]> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
  const found = await Promise.all(
    names.filter((file) => file.startsWith(`${name}.`) && file.endsWith('.json')).map(async (file): Promise<Announcement | null> => {
      try {
        const { owner, extra } = JSON.parse(await readFile(join(folder, file), 'utf8')) as { owner?: unknown; extra?: unknown };
        return { file, owner: isOwner(owner) ? owner : null, extra };
      } catch (error) {
        return isMissing(error) ? null : { file, owner: null, extra: null };
      }
    }),
  );
  return found.filter((item) => item !== null);
}

async function isLive(folder: string, { file, owner }: Announcement): Promise<boolean> {
  const life = owner === null ? 'unknown' : lifeOf(owner);
  if (life !== 'unknown') return life === 'alive';
  try {
    return Date.now() - (await stat(join(folder, file))).mtimeMs < heartbeatMs;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Living announcements for a name; files of dead processes are removed on the way. */
async function living(folder: string, name: string): Promise<readonly Announcement[]> {
  const live: Announcement[] = [];
  for (const item of await announcements(folder, name)) {
    if (await isLive(folder, item)) live.push(item);
    else await rm(join(folder, item.file), { force: true });
  }
  return live;
}

async function announce(folder: string, name: string, extra: unknown): Promise<string> {
  await makeFolder(folder);
  const file = `${name}.${randomBytes(8).toString('hex')}.json`;
  const temporary = join(folder, `.${file}.tmp`);
  await writeFile(temporary, JSON.stringify({ owner: thisProcess(), extra }));
  await rename(temporary, join(folder, file));
  return file;
}

/** Takes a lock, or gives null when a living process has it. */
export async function tryLock(folder: string, name: string): Promise<Lock | null> {
  for (let attempt = 0; attempt < 6; attempt++) {
    if ((await living(folder, name)).length > 0) return null;
    const mine = await announce(folder, name, null);
    const others = (await living(folder, name)).filter(({ file }) => file !== mine);
    if (others.length === 0) return { release: () => rm(join(folder, mine), { force: true }) };
    await rm(join(folder, mine), { force: true });
    await sleep(10 + Math.random() * 40 * (attempt + 1));
  }
  return null;
}

export const isLocked = async (folder: string, name: string): Promise<boolean> => (await living(folder, name)).length > 0;

/** Says that a command needs these keys, so that `gc` leaves them alone. Kept alive for other machines until it is released. */
export async function announceRun(folder: string, keys: readonly string[]): Promise<Lock> {
  const file = await announce(folder, 'run', keys);
  // A heartbeat that is late does no harm.
  const touching = setInterval(() => { void touch(join(folder, file)).catch(() => undefined); }, touchEveryMs);
  return {
    release: () => {
      clearInterval(touching);
      return rm(join(folder, file), { force: true });
    },
  };
}

/** Keys that running commands need. */
export async function keysInUse(folder: string): Promise<ReadonlySet<string>> {
  const keys = (await living(folder, 'run')).flatMap(({ extra }) => (Array.isArray(extra) ? extra.filter((key) => typeof key === 'string') : []));
  return new Set(keys);
}

/** Keeps the locks of these names alive for other machines. */
export async function touchLocks(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    for (const { file } of await announcements(folder, name)) await touch(join(folder, file));
  }
}

async function touch(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now).catch((error: unknown) => {
    if (!isMissing(error)) throw error;
  });
}
