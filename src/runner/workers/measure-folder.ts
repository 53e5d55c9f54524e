import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, sha256 } from '../../files.js';
import { lifeOf, thisProcess, type Life } from '../store/owner.js';

/** A measurement takes minutes at most: a folder of a process that cannot be seen from here is a left-over after this time. */
const strangerMs = 24 * 3600 * 1000;

const systemPart = (system: string): string => sha256(system).slice(0, 12);

/** Whether the process lives that a folder is named after. */
function lifeOfName(name: string): Life {
  const [pid = '', started = '', system = ''] = name.split('-');
  const me = thisProcess();
  if (!/^\d+$/.test(pid) || system !== systemPart(me.system)) return 'unknown';
  return lifeOf({ ...me, pid: Number(pid), started: started === '' ? null : started });
}

async function isLeftOver(folder: string, name: string): Promise<boolean> {
  const life = lifeOfName(name);
  return life === 'gone' || (life === 'unknown' && Date.now() - (await stat(join(folder, name))).mtimeMs > strangerMs);
}

/**
 * An empty folder under `parent` for one measurement of this process, which removes it afterwards. Its name says whose it
 * is, and what processes have left there that were killed is removed first. It lies beside the measurements, not in the
 * folder for temporary files: that one is often small, and nobody would look there for left-overs.
 */
export async function measureFolder(parent: string): Promise<string> {
  await makeFolder(parent);
  for (const name of await readdir(parent)) {
    try {
      if (await isLeftOver(parent, name)) await rm(join(parent, name), { recursive: true, force: true });
    } catch {
      // Another worker is removing it, or it is another user's: no reason not to measure.
    }
  }
  const { pid, started, system } = thisProcess();
  return mkdtemp(join(parent, `${pid}-${started ?? ''}-${systemPart(system)}-`));
}
