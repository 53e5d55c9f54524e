import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { isObject } from '../../files.js';

/** A process, told apart from a later one with the same number. */
export interface Owner {
  readonly pid: number;
  /** Start time of the process as the system counts it; null where that cannot be read. */
  readonly started: string | null;
  /** Where the pid means something: this boot of this machine, this container. */
  readonly system: string;
  readonly host: string;
}

/** Of parsed JSON. */
export const isOwner = (value: unknown): value is Owner => isObject(value) && Number.isSafeInteger(value['pid'])
  && (value['started'] === null || typeof value['started'] === 'string') && typeof value['system'] === 'string' && typeof value['host'] === 'string';

const quietly = <T>(read: () => T): T | null => {
  try {
    return read();
  } catch {
    return null;
  }
};

const currentSystem = (() => {
  const boot = quietly(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
  const space = quietly(() => readlinkSync('/proc/self/ns/pid'));
  return boot === null ? hostname() : `${boot} ${space ?? ''}`;
})();

/** In the place of a start: a zombie, which counts as gone. */
const ended = 'ended';

/** Field 22 of /proc/<pid>/stat; the second field (the name) may hold spaces and brackets. Null where it cannot be read. */
const startOf = (pid: number): string | null =>
  quietly(() => {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? ended : fields[19] ?? null;
  });

export const thisProcess = (): Owner => ({ pid: process.pid, started: startOf(process.pid), system: currentSystem, host: hostname() });

export type Life = 'alive' | 'gone' | 'unknown';

/** `unknown`: it belongs to another machine or container, whose processes cannot be seen from here. */
export function lifeOf(owner: Owner): Life {
  if (owner.system !== currentSystem) return 'unknown';
  const started = startOf(owner.pid);
  if (started === null) return exists(owner.pid) ? 'alive' : 'gone';
  return started === owner.started || (owner.started === null && started !== ended) ? 'alive' : 'gone';
}

/** Also of another user's process, which may not be signalled and whose start may be hidden. */
function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
