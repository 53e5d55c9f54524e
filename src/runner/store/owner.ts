import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** A process, told apart from a later one with the same number. */
export interface Owner {
  readonly pid: number;
  /** Start time of the process as the system counts it; null where that cannot be read. */
  readonly started: string | null;
  /** Where the pid means something: this boot of this machine, this container. */
  readonly system: string;
  readonly host: string;
}

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

/** Field 22 of /proc/<pid>/stat; the second field (the name) may hold spaces and brackets. A zombie counts as gone. */
const startOf = (pid: number): string | null =>
  quietly(() => {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? null : fields[19] ?? null;
  });

export const thisProcess = (): Owner => ({ pid: process.pid, started: startOf(process.pid), system: currentSystem, host: hostname() });

export type Life = 'alive' | 'gone' | 'unknown';

/** `unknown`: it belongs to another machine or container, whose processes cannot be seen from here. */
export function lifeOf(owner: Owner): Life {
  if (owner.system !== currentSystem) return 'unknown';
  if (owner.started !== null) return startOf(owner.pid) === owner.started ? 'alive' : 'gone';
  return quietly(() => process.kill(owner.pid, 0)) === null ? 'gone' : 'alive';
}
