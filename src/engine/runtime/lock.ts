import { link, mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** Kernel's start time of a process: tells a process from a later one that got the same number. Empty where unknown. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

const identity = (): string => JSON.stringify({ host: hostname(), pid: process.pid, start: startOf(process.pid) });

/** The lock of another machine or container, whose processes cannot be looked up, counts as held while it was touched within this time. */
const heartbeatMs = 60_000;
const touchEveryMs = 5_000;

const touch = async (path: string): Promise<void> => utimes(path, new Date(), new Date()).catch(() => undefined);

const isFresh = async (path: string): Promise<boolean> => stat(path).then(({ mtimeMs }) => Date.now() - mtimeMs < heartbeatMs, () => false);

/** `content`: of the lock at `path`. */
async function holderIsAlive(path: string, content: string): Promise<boolean> {
  let holder: { host?: unknown; pid?: unknown; start?: unknown };
  try {
    holder = JSON.parse(content) as typeof holder;
  } catch {
    return false;
  }
  if (typeof holder.pid !== 'number') return false;
  if (holder.host !== hostname()) return isFresh(path);
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const start = startOf(holder.pid);
  return start === '' || start === holder.start;
}

let attempts = 0;

/**
 * Runs `f` while holding the lock file at `path`. A lock that its (dead) holder left behind is taken over: at once where it was of
 * this machine, else when nobody has touched it for a minute. The lock file
 * appears whole (written aside, then hard-linked), so that it never reads as half a lock.
 */
export async function withLock<T>(path: string, onWait: () => void, f: () => Promise<T>): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  const mine = `${path}.${process.pid}.${attempts++}`;
  await writeFile(mine, identity());
  try {
    let waiting = false;
    while (!(await tryAcquire(path, mine))) {
      if (await removeStale(path, `${mine}.stale`)) continue;
      if (!waiting) onWait();
      waiting = true;
      await pause(200);
      // The lock is this file by another name, and as young.
      await touch(mine);
    }
  } finally {
    await rm(mine, { force: true });
  }
  const beat = setInterval(() => void touch(path), touchEveryMs);
  beat.unref();
  try {
    return await f();
  } finally {
    clearInterval(beat);
    await rm(path, { force: true });
  }
}

async function tryAcquire(path: string, mine: string): Promise<boolean> {
  try {
    await link(mine, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Moves a dead holder's lock away. If it turns out to be a living one's (taken over in between), it is put back. */
async function removeStale(path: string, aside: string): Promise<boolean> {
  const content = await readFile(path, 'utf8').catch(() => null);
  if (content === null) return true;
  if (await holderIsAlive(path, content)) return false;
  try {
    await rename(path, aside);
  } catch {
    return true;
  }
  const moved = await readFile(aside, 'utf8');
  if (moved !== content && (await holderIsAlive(aside, moved))) await tryAcquire(path, aside);
  await rm(aside, { force: true });
  return true;
}
